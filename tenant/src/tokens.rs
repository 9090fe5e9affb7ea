//! Bearer tokens of a token file and the sites that they open: for a small installation without a register.
//!
//! A token file has one `site-id token` per line (`*` for every site), blank lines and lines that begin with `#` aside.
//! Only SHA-256 digests stay in memory, and they are compared in constant time.

use std::path::Path;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{
    ids::SiteId,
    tls::{Fingerprint, PREFIX},
};

/// Why a token file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The file cannot be read.
    #[error("cannot read the token file {path}: {source}")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A line is not `site-id token`. The line itself is not shown, because it may hold a secret.
    #[error(
        "line {line} of the tokens {problem}; right would be `site-id token`, or `* token` for every site, or `certificate:<SHA-256>` in place of a token"
    )]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        problem: &'static str,
    },
    /// There is not a single token.
    #[error("there are no tokens, so nobody could deliver events; add a line `site-id token`")]
    Empty,
}

/// What somebody shows to get in.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Credential {
    /// A bearer token.
    Token(String),
    /// A client certificate.
    Certificate(Fingerprint),
}

impl Credential {
    /// What people call it.
    pub fn name(&self) -> &'static str {
        match self {
            Credential::Token(_) => "token",
            Credential::Certificate(_) => "certificate",
        }
    }
}

/// How the tokens of the file are compared.
#[derive(Debug)]
enum Known {
    Digest([u8; 32]),
    Certificate(Fingerprint),
}

/// What a token opens.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Scope {
    EverySite,
    Site(SiteId),
}

/// What came out of checking a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The token is known and opens the site.
    Granted,
    /// The token is known and opens other sites.
    OtherSite,
    /// The token is not known.
    Unknown,
}

/// The tokens that are in force.
#[derive(Debug)]
pub struct Tokens(Vec<(Scope, Known)>);

impl Tokens {
    /// Reads a token file.
    ///
    /// # Errors
    /// [`TokenError`], when the file cannot be read, has a malformed line or no token.
    pub fn read(path: &Path) -> Result<Self, TokenError> {
        let text = std::fs::read_to_string(path).map_err(|source| TokenError::Unreadable {
            path: path.display().to_string(),
            source,
        })?;
        Self::parse(&text)
    }

    /// Reads the text of a token file.
    ///
    /// # Errors
    /// [`TokenError`], when a line is malformed or there is no token.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let mut tokens = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let entry = parse_line(line).map_err(|problem| TokenError::Line {
                line: index + 1,
                problem,
            })?;
            tokens.push(entry);
        }
        if tokens.is_empty() {
            return Err(TokenError::Empty);
        }
        Ok(Tokens(tokens))
    }

    /// No token: all that there are stand in the database.
    #[must_use]
    pub fn none() -> Self {
        Tokens(Vec::new())
    }

    /// Whether the token opens the site. Every entry is looked at, whatever the earlier ones gave.
    pub(crate) fn check(&self, credential: &Credential, site: &SiteId) -> Verdict {
        let shown = match credential {
            Credential::Token(token) => Known::Digest(digest(token)),
            Credential::Certificate(fingerprint) => Known::Certificate(fingerprint.clone()),
        };
        self.0.iter().fold(Verdict::Unknown, |verdict, (scope, known)| {
            let same = match (&shown, known) {
                (Known::Digest(shown), Known::Digest(known)) => bool::from(known.as_slice().ct_eq(shown.as_slice())),
                // No secret.
                (Known::Certificate(shown), Known::Certificate(known)) => shown == known,
                _ => false,
            };
            let opens = match scope {
                Scope::EverySite => true,
                Scope::Site(own) => own == site,
            };
            match (same, opens) {
                (true, true) => Verdict::Granted,
                (true, false) if verdict == Verdict::Unknown => Verdict::OtherSite,
                _ => verdict,
            }
        })
    }
}

fn parse_line(line: &str) -> Result<(Scope, Known), &'static str> {
    let mut words = line.split_whitespace();
    let (Some(site), Some(token), None) = (words.next(), words.next(), words.next()) else {
        return Err("does not have exactly two words");
    };
    let scope = match site {
        "*" => Scope::EverySite,
        _ => Scope::Site(SiteId::parse(site).ok_or("begins with something that is no site id (a-z, 0-9, -)")?),
    };
    let known = match token.starts_with(PREFIX) {
        true => Known::Certificate(Fingerprint::parse(token).ok_or("has a certificate without its 64 hexadecimal digits")?),
        false => Known::Digest(digest(token)),
    };
    Ok((scope, known))
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(text: &str) -> Credential {
        Credential::Token(text.to_owned())
    }

    fn site(id: &str) -> SiteId {
        SiteId::parse(id).expect("well-formed")
    }

    #[test]
    fn a_token_opens_its_sites_and_no_other() {
        let tokens = Tokens::parse("# rotation: old and new\nhq old\nhq new\nlab new\n\n* all\n").expect("well-formed");
        let hq = site("hq");
        assert_eq!(tokens.check(&token("old"), &hq), Verdict::Granted);
        assert_eq!(tokens.check(&token("new"), &hq), Verdict::Granted);
        assert_eq!(tokens.check(&token("new"), &site("lab")), Verdict::Granted);
        assert_eq!(tokens.check(&token("old"), &site("lab")), Verdict::OtherSite);
        assert_eq!(tokens.check(&token("all"), &site("anything")), Verdict::Granted);
        for wrong in ["", "ol", "oldd", "OLD", "hq", "*"] {
            assert_eq!(tokens.check(&token(wrong), &hq), Verdict::Unknown, "{wrong:?}");
        }
    }

    #[test]
    fn a_malformed_line_is_named_without_its_secret() {
        for (text, line) in [("hq one\nhq\n", 2), ("# c\n\nHQ sesame\n", 3), ("hq sesame open\n", 1)] {
            let message = Tokens::parse(text).expect_err("malformed").to_string();
            assert!(message.contains(&format!("line {line}")), "{message}");
            assert!(!message.contains("sesame"), "{message}");
        }
        assert!(matches!(Tokens::parse("# nothing\n"), Err(TokenError::Empty)));
    }

    #[test]
    fn a_certificate_opens_its_sites_by_its_digest_and_a_token_of_the_same_letters_does_not() {
        let fingerprint = format!("certificate:{}", "0a".repeat(32));
        let tokens = Tokens::parse(&format!("hq {fingerprint}\n")).expect("well-formed");
        let shown = Credential::Certificate(Fingerprint::parse(&fingerprint).expect("well-formed"));
        assert_eq!(tokens.check(&shown, &site("hq")), Verdict::Granted);
        assert_eq!(tokens.check(&shown, &site("lab")), Verdict::OtherSite);
        assert_eq!(tokens.check(&token(&fingerprint), &site("hq")), Verdict::Unknown);
        let other = Credential::Certificate(Fingerprint::parse(&fingerprint.replace("0a", "0b")).expect("well-formed"));
        assert_eq!(tokens.check(&other, &site("hq")), Verdict::Unknown);
        assert!(Tokens::parse("hq certificate:0a0a\n").is_err());
    }

    #[test]
    fn tokens_are_not_kept_in_clear() {
        let tokens = Tokens::parse("hq open-sesame").expect("well-formed");
        assert!(!format!("{tokens:?}").contains("sesame"));
    }
}
