//! Ids of commands. They come back in answers, and the latest of them are kept with the settings: an id is a name for programs, and no
//! place for a text.

/// Most characters of an id.
const LONGEST: usize = 128;

/// What an id looks like, as a pattern of JSON Schema.
pub const COMMAND_ID: &str = "^[A-Za-z0-9._:-]{1,128}$";

/// Whether a text is as [`COMMAND_ID`] says.
pub fn is_command_id(text: &str) -> bool {
    let may_be = |byte: u8| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte);
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(may_be)
}

/// The id in a request.
///
/// # Errors
/// A sentence that does not repeat the text.
pub(super) fn read(key: &str, text: &str) -> Result<String, String> {
    if is_command_id(text) {
        return Ok(text.to_owned());
    }
    let found = match text.chars().count() {
        0 => "is empty".to_owned(),
        count @ 1..=LONGEST => format!("has others among its {count} characters"),
        count => format!("has {count} characters"),
    };
    Err(format!(
        "`{key}` must be 1 to {LONGEST} of A-Z, a-z, 0-9 and . _ : -, but {found}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_ids_and_texts_are_none() {
        for id in ["a", "0197b5c2-7d4e-7c1a", "node-red:17", "A.b_c", &"x".repeat(128)] {
            assert_eq!(read("id", id), Ok(id.to_owned()));
        }
        for (text, found) in [
            ("", "is empty"),
            ("two words", "others among its 9"),
            ("späť", "others among its 4"),
            ("a\nb", "others among its 3"),
            (&"x".repeat(129), "has 129 characters"),
        ] {
            let error = read("id", text).unwrap_err();
            assert!(error.contains(found) && (text.is_empty() || !error.contains(text)), "{error}");
        }
    }
}
