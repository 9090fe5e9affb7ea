//! Keeps other web sites, open in a browser on this machine, away from the console.
//!
//! A site that lets its own name point to 127.0.0.1 (DNS rebinding) is refused by its name in `Host`. Any site may send
//! requests here without seeing the answer; those that change something need a `Content-Type` that a browser sends to
//! another site only after asking (<https://fetch.spec.whatwg.org/#cors-safelisted-request-header>), which nothing here answers, and an
//! `Origin`, if there is one, that is the console's own.

use std::net::{IpAddr, Ipv6Addr};

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, Method, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::console::refusal::Refusal;

/// Lets a request through, or refuses it.
pub(super) async fn check(request: Request, next: Next) -> Response {
    match examine(&request) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

fn examine(request: &Request) -> Result<(), Refusal> {
    let headers = request.headers();
    let host = match request.uri().authority() {
        Some(authority) => authority.as_str(),
        None => single(headers, &header::HOST)?.ok_or_else(|| Refusal::new(400, "the request has no Host header"))?,
    };
    if !is_loopback(host) {
        let right = "open the console as http://localhost or by its loopback address, with its port";
        return Err(Refusal::new(
            403,
            format!("{host:?} is not a name of this machine's loopback; {right}"),
        ));
    }
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    if let Some(origin) = single(headers, &header::ORIGIN)?
        && !is_same(origin, host)
    {
        return Err(Refusal::new(
            403,
            format!("the web site {origin:?} may not change anything here"),
        ));
    }
    let content_type = single(headers, &header::CONTENT_TYPE)?.unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Refusal::new(
            415,
            format!("Content-Type is {content_type:?}; right would be application/json"),
        ));
    }
    Ok(())
}

/// The value of a header that may stand once.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => {
            let unreadable = |_| Refusal::new(400, format!("the header {name} is not readable text"));
            value.to_str().map(Some).map_err(unreadable)
        }
        _ => Err(Refusal::new(400, format!("the header {name} stands more than once"))),
    }
}

fn is_loopback(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else {
        return false;
    };
    let name = authority.host();
    if let Some(address) = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address
            .parse::<Ipv6Addr>()
            .is_ok_and(|address| address.to_canonical().is_loopback());
    }
    let is_address = name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    is_address || name.eq_ignore_ascii_case("localhost")
}

/// The scheme does not matter: a proxy in front may add TLS.
fn is_same(origin: &str, host: &str) -> bool {
    let place = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    place.is_some_and(|place| place.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_and_addresses_of_the_loopback_are_taken() {
        for host in [
            "localhost",
            "LOCALHOST:8480",
            "127.0.0.1:8480",
            "127.8.9.1",
            "[::1]:8480",
            "[::ffff:127.0.0.1]",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "evil.example:8480",
            "localhost.evil.example",
            "127.0.0.1.nip.io",
            "10.0.0.1",
            "[::2]",
            "",
            "a b",
            "::1",
            "0.0.0.0",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn an_origin_is_ours_when_host_and_port_are() {
        assert!(is_same("http://localhost:8480", "localhost:8480"));
        assert!(!is_same("http://localhost:3000", "localhost:8480"));
        assert!(!is_same("http://evil.example", "localhost:8480"));
        assert!(!is_same("null", "localhost:8480"));
    }
}
