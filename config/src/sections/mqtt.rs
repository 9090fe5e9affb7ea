//! `[mqtt]`: the link to brokers, home automation and building systems.

use std::{net::Ipv6Addr, path::Path};

use super::own_certificate::{self, OwnCertificate};
use crate::{
    keys,
    read::{Item, Table, WholeRule, each, file_path, filled_list, flag, secret_file, shown, text, whole},
    site::Mqtt,
};

/// Registered for MQTT (IANA).
const DEFAULT_PORT: u16 = 1883;

/// Registered for MQTT over TLS (IANA).
const DEFAULT_TLS_PORT: u16 = 8883;

/// Keeps several programs on one broker apart.
const DEFAULT_TOPIC_PREFIX: &str = "habitat";

/// Where Home Assistant looks for discovery unless it is told otherwise.
const DEFAULT_HOME_ASSISTANT_PREFIX: &str = "homeassistant";

const PORT: WholeRule = WholeRule {
    min: 1,
    max: 65_535,
    reason: "the ports of TCP",
};

/// Reads the table.
pub(crate) fn read(root: &Table, site_id: &str, folder: &Path) -> Option<Mqtt> {
    let table = root.section("mqtt", &keys::MQTT)?;
    let tls = table.read("tls", flag);
    let ca_file = table.read("ca_file", file_path);
    let OwnCertificate { certificate, key } = own_certificate::read(&table, "mqtt.key_file", folder);
    let username = table.read("username", text);
    let password_file = table.read("password_file", file_path);
    let home_assistant = table.read("home_assistant", flag);
    if let (Some(span), Some(false)) = (ca_file.span(), tls.effective(false)) {
        let message = "`ca_file` names an authority, but the link is not encrypted";
        table.notes().error(span, message, "add tls = true, or remove ca_file");
    }
    if let (Some(span), Some(false)) = (certificate.span(), tls.effective(false)) {
        let message = "`certificate_file` shows a certificate, but the link is not encrypted";
        table
            .notes()
            .error(span, message, "add tls = true, or remove certificate_file");
    }
    if let (Some(span), None, false) = (password_file.span(), username.span(), username.is_wrong()) {
        let message = "`password_file` without `username`: MQTT has no password without a user name";
        table
            .notes()
            .error(span, message, "add username = \"…\", or remove password_file");
    }
    // A credential that is there for another site does not ask for a user.
    let password = secret_file("mqtt.password_file", password_file, folder).filter(|_| username.span().is_some());
    let home_assistant_prefix = table.read("home_assistant_prefix", topic_levels(DEFAULT_HOME_ASSISTANT_PREFIX));
    if let (Some(span), Some(false)) = (home_assistant_prefix.span(), home_assistant.effective(false)) {
        let message = "`home_assistant_prefix` has no effect, because discovery for Home Assistant is off";
        table
            .notes()
            .warning(span, message, "add home_assistant = true, or remove home_assistant_prefix");
    }
    let home_assistant_prefix = home_assistant_prefix.or(DEFAULT_HOME_ASSISTANT_PREFIX.to_owned());
    let tls = tls.or(false);
    let default_port = if tls { DEFAULT_TLS_PORT } else { DEFAULT_PORT };
    Some(Mqtt {
        host: table.require("host", "\"broker.example\"", host).or(String::new()),
        other_hosts: table.read("other_hosts", other_hosts).or(Vec::new()),
        port: table.read("port", port).or(default_port),
        tls,
        ca_file: ca_file.written().map(|path| folder.join(path)),
        certificate_file: certificate.written().map(|path| folder.join(path)),
        key_file: key,
        username: username.written(),
        password_file: password,
        // Brokers drop the elder of two clients with one id, so two sites must not share one.
        client_id: table.read("client_id", text).or(format!("habitat-{site_id}")),
        topic_prefix: table
            .read("topic_prefix", topic_levels(DEFAULT_TOPIC_PREFIX))
            .or(DEFAULT_TOPIC_PREFIX.to_owned()),
        home_assistant: home_assistant.or(false).then_some(home_assistant_prefix),
    })
}

fn port(item: &Item) -> Option<u16> {
    whole(&PORT)(item).and_then(|port| u16::try_from(port).ok())
}

fn other_hosts(item: &Item) -> Option<Vec<String>> {
    each(&filled_list("[\"broker-2.example\"]")(item)?, host)
}

fn host(item: &Item) -> Option<String> {
    let host = text(item)?;
    const HELP: &str = "write only the name or address, such as \"broker.example\"; port and tls are keys of their own";
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    if host.chars().all(is_name) || host.parse::<Ipv6Addr>().is_ok() {
        Some(host)
    } else {
        item.wrong(
            format!("`{}` = {} is not the name or address of a machine", item.key, shown(&host)),
            HELP,
        )
    }
}

/// The first levels of topics. MQTT 5, 4.7: `+` and `#` are wildcards; `$` at the start belongs to the broker.
fn topic_levels(example: &'static str) -> impl Fn(&Item) -> Option<String> {
    const LONGEST: usize = 128;
    move |item| {
        let prefix = text(item)?;
        let wrong = |what: &str| {
            let message = format!("`{}` = {} {what}", item.key, shown(&prefix));
            let help = format!("write one or more levels such as \"{example}\" or \"building/{example}\"");
            item.wrong(message, help)
        };
        if prefix.contains(['+', '#']) {
            return wrong("has a wildcard, + or #");
        }
        if prefix.starts_with('$') {
            return wrong("begins with $, which is the broker's own");
        }
        if prefix.split('/').any(str::is_empty) {
            return wrong("has an empty level");
        }
        if prefix.len() > LONGEST {
            return wrong("is too long");
        }
        Some(prefix)
    }
}
