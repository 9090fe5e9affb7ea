//! Free ports on loopback.

use std::net::{Ipv4Addr, TcpListener};

use crate::exit_code::Failure;

/// Listens on the usual port, or on any free one.
pub fn listen_near(port: u16) -> Result<TcpListener, Failure> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .or_else(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
        .map_err(|error| Failure::unavailable("no free port on 127.0.0.1", error))
}

/// A port that was free a moment ago, for a server that binds by itself.
pub fn free_port() -> Result<u16, Failure> {
    let address = listen_near(0)?.local_addr();
    address
        .map(|address| address.port())
        .map_err(|error| Failure::unavailable("no free port on 127.0.0.1", error))
}
