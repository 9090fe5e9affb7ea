//! The password: the first line of a file, read before each connect, so that a new one counts as soon as it is there.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// The longest that MQTT can carry is 65 535 bytes; a longer file holds something else.
const MAX_BYTES: u64 = 1 << 16;

/// Reads the password. Blocks for as long as the disk takes.
///
/// # Errors
/// A sentence that names the file and never shows its content.
pub(super) fn read(path: &Path) -> Result<String, String> {
    let content = read_some(path).map_err(|error| {
        format!(
            "the password file {} cannot be read: {error}; `mqtt.password_file` has to name a file that habitatd may read",
            path.display()
        )
    })?;
    let line = content.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    match str::from_utf8(line) {
        Ok(password) if !password.is_empty() && line.len() < MAX_BYTES as usize => Ok(password.to_owned()),
        _ => Err(format!(
            "the first line of the password file {} is not a password: it is empty, too long, or not UTF-8",
            path.display()
        )),
    }
}

fn read_some(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    File::open(path)?.take(MAX_BYTES).read_to_end(&mut content)?;
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_content(content: &[u8]) -> Result<String, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        std::fs::write(&path, content).unwrap();
        read(&path)
    }

    #[test]
    fn the_password_is_the_first_line_with_its_blanks() {
        assert_eq!(read_content(b"secret\n").unwrap(), "secret");
        assert_eq!(read_content(b" two words \r\nmore\n").unwrap(), " two words ");
        assert_eq!(read_content(b"no newline").unwrap(), "no newline");
    }

    #[test]
    fn what_cannot_be_a_password_is_refused_without_showing_it() {
        for content in [&b""[..], b"\n", b"\r\n", b"caf\xe9\n", &[b'x'; 70_000]] {
            let error = read_content(content).unwrap_err();
            assert!(error.contains("is not a password") && !error.contains("xxx"), "{error}");
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = read(Path::new("/no/such/password")).unwrap_err();
        assert!(
            error.contains("/no/such/password") && error.contains("mqtt.password_file"),
            "{error}"
        );
    }
}
