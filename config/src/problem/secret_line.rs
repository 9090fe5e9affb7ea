//! Keeps secrets that someone wrote into a file out of the messages about it: those go to terminals and logs.

/// Words that name a secret when a key is or ends with one of them.
const SECRET_WORDS: [&str; 6] = ["password", "passphrase", "passwd", "token", "secret", "key"];

/// What stands in a message in place of a secret.
const STRUCK_OUT: &str = "***";

/// Whether a key looks as if its value were a secret itself (`password`, `api_key`), not the name of a file with one.
pub(crate) fn is_secret_key(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    SECRET_WORDS.iter().any(|word| {
        key.strip_suffix(word)
            .is_some_and(|before| before.is_empty() || before.ends_with(['_', '-']))
    })
}

/// The line without the values of secret keys and without the user part of addresses.
pub(crate) fn strike_out(line: &str) -> String {
    let line = strike_out_user(line);
    for (at, _) in line.match_indices('=') {
        let key = line[..at].trim_end().trim_end_matches(['"', '\'']);
        let start = key
            .rfind(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'))
            .map_or(0, |at| at + 1);
        // `rfind` gives the first byte of the character before the key, which may be longer than one byte.
        let start = (start..=key.len()).find(|at| key.is_char_boundary(*at)).unwrap_or(key.len());
        if is_secret_key(&key[start..]) {
            return format!("{}= {STRUCK_OUT}", &line[..at]);
        }
    }
    line
}

/// `https://name:password@host` without name and password.
fn strike_out_user(line: &str) -> String {
    let Some((before, after)) = line.split_once("://") else {
        return line.to_owned();
    };
    let authority = after.split(['/', '"', '\'', ' ']).next().unwrap_or(after);
    match authority.rfind('@') {
        Some(at) => format!("{before}://{STRUCK_OUT}{}", &after[at..]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_secret_keys_and_users_in_addresses_are_struck_out() {
        for (line, shown) in [
            ("password = \"hunter2\"", "password = ***"),
            (
                "mqtt = { host = \"h\", password = \"hunter2\" }",
                "mqtt = { host = \"h\", password = ***",
            ),
            ("\"api_key\" = hunter2", "\"api_key\" = ***"),
            ("é.token='x'", "é.token= ***"),
            ("url = \"https://me:hunter2@host/x\"", "url = \"https://***@host/x\""),
        ] {
            assert_eq!(strike_out(line), shown);
        }
    }

    #[test]
    fn other_lines_stay_as_they_are() {
        for line in [
            "password_file = \"p\"",
            "keyboard = 1",
            "monkey = 2",
            "url = \"https://host/a@b\"",
            "= 3",
            "",
        ] {
            assert_eq!(strike_out(line), line);
        }
    }
}
