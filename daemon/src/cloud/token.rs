//! The bearer token: the first line of a file, read before each use, so that a new one counts as soon as it is there.

use std::{
    fmt,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// Longer files hold something else than a token; web servers stop at 8 KiB of headers.
const MAX_BYTES: u64 = 8 << 10;

/// A token that does not show itself in logs.
pub(super) struct Token(String);

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub(super) enum TokenError {
    /// The file cannot be read.
    #[error("the token file {} cannot be read: {source}; `cloud.token_file` has to name a file that habitatd may read", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file holds no token.
    #[error("the first line of the token file {} is not a token: it has to be one word of printable ASCII", path.display())]
    NotAToken {
        /// Which file.
        path: PathBuf,
    },
}

impl Token {
    /// Reads the token. Blocks for as long as the disk takes.
    pub fn read(path: &Path) -> Result<Self, TokenError> {
        let mut bytes = Vec::new();
        File::open(path)
            .and_then(|file| file.take(MAX_BYTES).read_to_end(&mut bytes))
            .map_err(|source| TokenError::Unreadable {
                path: path.to_owned(),
                source,
            })?;
        let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
        match str::from_utf8(line) {
            Ok(token) if !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(Token(token.to_owned())),
            _ => Err(TokenError::NotAToken { path: path.to_owned() }),
        }
    }

    /// The secret itself.
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content: &[u8]) -> Result<String, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, content).unwrap();
        Token::read(&path)
            .map(|token| token.secret().to_owned())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_token_is_the_first_line_without_blanks_around_it() {
        assert_eq!(read(b"abc.DEF-123\n").unwrap(), "abc.DEF-123");
        assert_eq!(read(b" abc \r\nsecond line").unwrap(), "abc");
        assert_eq!(read(b"abc").unwrap(), "abc");
    }

    #[test]
    fn what_cannot_be_a_token_is_refused_without_showing_it() {
        for content in [&b""[..], b"\nabc", b"two words\n", b"gr\xc3\xbcn", b"\xff\xfe"] {
            let error = read(content).unwrap_err();
            assert!(error.contains("not a token") && !error.contains("two words"), "{error}");
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Token::read(Path::new("/no/such/token")).unwrap_err().to_string();
        assert!(
            error.contains("/no/such/token") && error.contains("cloud.token_file"),
            "{error}"
        );
    }

    #[test]
    fn a_token_does_not_show_itself_in_debug_output() {
        assert!(!format!("{:?}", Token("secret".into())).contains("secret"));
    }
}
