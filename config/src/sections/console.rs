//! `[console]`: the web page and API of the controller.

use std::net::{Ipv4Addr, SocketAddr};

use crate::{
    keys,
    read::{Item, Table, shown, text},
    site::Console,
};

/// Only this machine: whoever reaches the console can mute the building.
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8480);

/// Reads the table.
pub(crate) fn read(root: &Table) -> Option<Console> {
    let table = root.section("console", &keys::CONSOLE)?;
    Some(Console {
        listen: table.read("listen", listen).or(DEFAULT_LISTEN),
    })
}

fn listen(item: &Item) -> Option<SocketAddr> {
    let written = text(item)?;
    let Ok(address) = written.parse::<SocketAddr>() else {
        let message = format!("`listen` = {} is not an address with a port", shown(&written));
        return item.wrong(message, format!("write for example listen = \"{DEFAULT_LISTEN}\""));
    };
    if !address.ip().to_canonical().is_loopback() {
        let message = format!("`listen` = {} can be reached from other machines", shown(&written));
        let help = format!(
            "this version has no login, so it only listens within this machine: write \"127.0.0.1:{}\" and put a \
             proxy with a login in front of it if needed",
            address.port(),
        );
        return item.wrong(message, help);
    }
    Some(address)
}
