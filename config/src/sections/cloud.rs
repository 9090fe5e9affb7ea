//! `[cloud]`: the tenant that receives the metadata.

use std::path::Path;

use super::url::{self, Scheme};
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

/// Reads the table.
pub(crate) fn read(root: &Table, folder: &Path) -> Option<Cloud> {
    let table = root.section("cloud", &keys::CLOUD)?;
    let url = table.require("url", "\"https://tenant.example\"", base_url);
    let ca_file = table.read("ca_file", file_path);
    if let (Some(span), Some((_, Scheme::Http))) = (ca_file.span(), url.as_written().map(|(url, _)| url)) {
        let message = "`ca_file` names an authority, but the link is not encrypted";
        table
            .notes()
            .error(span, message, "write an https address in `url`, or remove ca_file");
    }
    Some(Cloud {
        url: url.written().map(|(url, _)| url).unwrap_or_default(),
        tenant: table.read("tenant", text).written(),
        token_file: secret_file("cloud.token_file", table.read("token_file", file_path), folder),
        ca_file: ca_file.written().map(|path| folder.join(path)),
        interval_s: table.read("interval_s", number(&INTERVAL)).or(DEFAULT_INTERVAL_S),
        region: table.read("region", identifier(is_region, "a-z, 0-9 and -")).written(),
    })
}

fn is_region(character: char) -> bool {
    matches!(character, 'a'..='z' | '0'..='9' | '-')
}

fn base_url(item: &Item) -> Option<(String, Scheme)> {
    let written = text(item)?;
    match url::check(&written) {
        Ok(scheme) => Some((written.trim_end_matches('/').to_owned(), scheme)),
        Err(fault) => item.wrong(fault.message(), fault.help()),
    }
}
