//! `[cloud]`: the tenant that receives the metadata.

use std::path::Path;

use super::{
    own_certificate::{self, OwnCertificate},
    url::{self, Scheme},
};
use crate::{
    keys,
    read::{Item, NumberRule, Table, file_path, identifier, number, secret_file, text},
    site::Cloud,
};

/// What goes to the cloud is aggregated over a minute, so a batch each minute loses nothing to waiting.
const DEFAULT_INTERVAL_S: f64 = 60.0;

const INTERVAL: NumberRule = NumberRule {
    min: 1.0,
    max: 86_400.0,
    unit: " s",
    reason: "more often than each second is a burden, less often than each day is forgotten",
};

/// 50 zones without a tenant for 30 days need about 3 GiB, at a kilobyte and a half for each of their minutes.
const DEFAULT_OUTBOX_MIB: f64 = 4096.0;

const OUTBOX_MIB: NumberRule = NumberRule {
    min: 16.0,
    max: 1_048_576.0,
    unit: " MiB",
    reason: "less holds no day of a small site, more no disk",
};

/// After a quarter of a year nobody asks for single minutes.
const DEFAULT_OUTBOX_DAYS: f64 = 90.0;

const OUTBOX_DAYS: NumberRule = NumberRule {
    min: 1.0,
    max: 3650.0,
    unit: " days",
    reason: "less loses a weekend, more is an archive",
};

/// Reads the table.
pub(crate) fn read(root: &Table, folder: &Path) -> Option<Cloud> {
    let table = root.section("cloud", &keys::CLOUD)?;
    let url = table.require("url", "\"https://tenant.example\"", base_url);
    let ca_file = table.read("ca_file", file_path);
    let OwnCertificate { certificate, key } = own_certificate::read(&table, "cloud.key_file", folder);
    let proxy = table.read("proxy", proxy);
    for (key, span, what) in [
        ("ca_file", ca_file.span(), "names an authority, but the link is not encrypted"),
        (
            "certificate_file",
            certificate.span(),
            "shows a certificate, but the link is not encrypted",
        ),
        (
            "proxy",
            proxy.span(),
            "names a way out, but the link stays within this machine",
        ),
    ] {
        if let (Some(span), Some((_, Scheme::Http))) = (span, url.as_written().map(|(url, _)| url)) {
            let help = format!("write an https address in `url`, or remove {key}");
            table.notes().error(span, format!("`{key}` {what}"), help);
        }
    }
    Some(Cloud {
        url: url.written().map(|(url, _)| url).unwrap_or_default(),
        tenant: table.read("tenant", text).written(),
        token_file: secret_file("cloud.token_file", table.read("token_file", file_path), folder),
        ca_file: ca_file.written().map(|path| folder.join(path)),
        certificate_file: certificate.written().map(|path| folder.join(path)),
        key_file: key,
        proxy: proxy.written(),
        interval_s: table.read("interval_s", number(&INTERVAL)).or(DEFAULT_INTERVAL_S),
        outbox_mib: table.read("outbox_mib", number(&OUTBOX_MIB)).or(DEFAULT_OUTBOX_MIB),
        outbox_days: table.read("outbox_days", number(&OUTBOX_DAYS)).or(DEFAULT_OUTBOX_DAYS),
        region: table.read("region", identifier(is_region, "a-z, 0-9 and -")).written(),
    })
}

fn is_region(character: char) -> bool {
    matches!(character, 'a'..='z' | '0'..='9' | '-')
}

/// `http://host:port`: what is inside is encrypted for the tenant, whoever carries it.
fn proxy(item: &Item) -> Option<String> {
    let written = text(item)?;
    let host = written.strip_prefix("http://").map(|host| host.trim_end_matches('/'));
    match host.filter(|host| url::is_host_with_port(host)) {
        Some(host) => Some(format!("http://{host}")),
        None => item.wrong(
            "`proxy` is not the address of a proxy, without a user or password",
            "write for example \"http://proxy.example:3128\"",
        ),
    }
}

fn base_url(item: &Item) -> Option<(String, Scheme)> {
    let written = text(item)?;
    match url::check(&written) {
        Ok(scheme) => Some((written.trim_end_matches('/').to_owned(), scheme)),
        Err(fault) => item.wrong(fault.message(), fault.help()),
    }
}
