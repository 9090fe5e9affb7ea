//! Which addresses metadata may be sent to: `https://…`, and `http://…` only within this machine.
//!
//! Stricter than the syntax of URLs (RFC 3986) on purpose: whatever a more forgiving client might read differently
//! is refused, so that "within this machine" holds for every client.

use std::net::{Ipv4Addr, Ipv6Addr};

/// How the address is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// Encrypted.
    Https,
    /// Not encrypted.
    Http,
}

/// Why an address is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No `https://` or `http://`.
    NoScheme,
    /// A user or password in it.
    HasUser,
    /// A query or fragment.
    HasQuery,
    /// Host or port cannot be read.
    BadHost,
    /// Not encrypted, and not within this machine.
    PlainBeyondLoopback,
}

impl Fault {
    /// What is wrong. The address is not repeated, since it may hold a secret.
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::NoScheme => "`url` is not an https address",
            Self::HasUser => "`url` has a user or password in it, and secrets never stand in this file",
            Self::HasQuery => "`url` has a query or fragment (? or #), but must be the plain base address",
            Self::BadHost => "`url` has no valid host name, address or port",
            Self::PlainBeyondLoopback => "`url` is http, which is not encrypted, to another machine",
        }
    }

    /// What would be right.
    pub(crate) fn help(self) -> &'static str {
        match self {
            Self::HasUser => "put the token on the first line of a file and name that file with `token_file`",
            Self::PlainBeyondLoopback => "use https://; http:// is for this machine only, such as http://127.0.0.1:8080",
            Self::NoScheme | Self::HasQuery | Self::BadHost => "write for example \"https://tenant.example/habitat\"",
        }
    }
}

/// Checks an address.
pub(crate) fn check(url: &str) -> Result<Scheme, Fault> {
    let (scheme, rest) = match url.split_once("://") {
        Some(("https", rest)) => (Scheme::Https, rest),
        Some(("http", rest)) => (Scheme::Http, rest),
        _ => return Err(Fault::NoScheme),
    };
    if rest.contains('@') {
        return Err(Fault::HasUser);
    }
    if rest.contains(['?', '#']) {
        return Err(Fault::HasQuery);
    }
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    if path.contains(|c: char| c == '\\' || c.is_whitespace() || c.is_control()) {
        return Err(Fault::BadHost);
    }
    let loops_back = check_authority(authority).ok_or(Fault::BadHost)?;
    if scheme == Scheme::Http && !loops_back {
        return Err(Fault::PlainBeyondLoopback);
    }
    Ok(scheme)
}

/// Whether this is a valid host and, after a colon, a port.
pub(crate) fn is_host_with_port(authority: &str) -> bool {
    let port = authority.rsplit_once(':').map(|(_, port)| port);
    check_authority(authority).is_some() && port.is_some_and(|port| check_port(&format!(":{port}")).is_some())
}

/// Whether host and port are within this machine; `None` when they are not valid.
fn check_authority(authority: &str) -> Option<bool> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (address, after) = rest.split_once(']')?;
            let address: Ipv6Addr = address.parse().ok()?;
            check_port(after)?;
            return Some(address.is_loopback());
        }
        None => authority.find(':').map_or((authority, ""), |colon| authority.split_at(colon)),
    };
    check_port(port)?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if host.is_empty() || !host.chars().all(is_name) {
        return None;
    }
    Some(host == "localhost" || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback()))
}

/// Nothing, or a colon and a port.
fn check_port(port: &str) -> Option<()> {
    match port.strip_prefix(':') {
        None if port.is_empty() => Some(()),
        Some(digits) if digits.bytes().all(|digit| digit.is_ascii_digit()) => {
            digits.parse::<u16>().ok().filter(|port| *port > 0).map(|_| ())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_goes_anywhere_and_http_only_within_this_machine() {
        for (url, outcome) in [
            ("https://tenant.example", Ok(Scheme::Https)),
            ("https://tenant.example:8443/a/b/", Ok(Scheme::Https)),
            ("https://[2001:db8::1]:8443", Ok(Scheme::Https)),
            ("http://127.0.0.1:8080", Ok(Scheme::Http)),
            ("http://127.9.9.9", Ok(Scheme::Http)),
            ("http://localhost:8080/x", Ok(Scheme::Http)),
            ("http://[::1]:8080", Ok(Scheme::Http)),
            ("http://tenant.example", Err(Fault::PlainBeyondLoopback)),
            ("http://localhost.example", Err(Fault::PlainBeyondLoopback)),
            ("http://127.0.0.1.example", Err(Fault::PlainBeyondLoopback)),
            ("http://[::2]", Err(Fault::PlainBeyondLoopback)),
            ("http://127.0.0.1@evil.example", Err(Fault::HasUser)),
            ("http://localhost\\.evil.example", Err(Fault::BadHost)),
            ("https://", Err(Fault::BadHost)),
            ("https:///path", Err(Fault::BadHost)),
            ("https://host:0", Err(Fault::BadHost)),
            ("https://host:99999", Err(Fault::BadHost)),
            ("https://host:", Err(Fault::BadHost)),
            ("https://[::1", Err(Fault::BadHost)),
            ("https://host?x=1", Err(Fault::HasQuery)),
            ("ftp://host", Err(Fault::NoScheme)),
            ("tenant.example", Err(Fault::NoScheme)),
        ] {
            assert_eq!(check(url), outcome, "{url}");
        }
    }
}
