//! `habitatd data erase`

use std::{io::Write, path::Path};

use habitat_config::Site;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::new_file;
use crate::{
    cli::DataErase,
    exit_code::Failure,
    print::print_line,
    store::{ErasedFile, Outbox, erase as erase_store, files, outbox},
};

/// Erases what is stored and prints a receipt; without `--yes` only what would be erased.
pub fn erase(options: &DataErase) -> Result<(), Failure> {
    let loaded = habitat_config::load(&options.config).map_err(|problems| Failure::Usage(problems.render(false)))?;
    let site = loaded.site;
    let log = site.event_log.as_ref().map(|log| log.path.as_path());
    let held = outbox(&site.state_dir).ok();
    if !options.yes {
        return tell(&site, log, held.as_ref());
    }
    // Made first: what was erased without a receipt cannot be made up for.
    let receipt_file = options.receipt.as_deref().map(new_file).transpose()?;
    let erased = erase_store(&site.state_dir, &log.into_iter().collect::<Vec<_>>())
        .map_err(|error| Failure::unavailable("not everything could be erased", error))?;
    let waiting = held
        .as_ref()
        .map(|held| held.waiting.iter().map(|waiting| waiting.events).sum::<u64>());
    let receipt = json!({
        "site": site.id,
        "erased": Timestamp::now(),
        "habitatd": env!("CARGO_PKG_VERSION"),
        "files": listed(&erased.files),
        "events_that_the_tenant_will_not_get": waiting.unwrap_or_default(),
        "kept": erased.still_muted.iter().map(|zone| format!("the mute of {}", zone.as_deref().unwrap_or("the whole site"))).collect::<Vec<_>>(),
        "not_erased_here": ["habitat.toml and the layout file", "what the cloud tenant has", "what the MQTT broker retains", "the journal of the system"],
        "how": "files were removed; a disk may hold what they held until it is written over",
    });
    if let Some(mut file) = receipt_file {
        let written = writeln!(file, "{receipt:#}").and_then(|()| file.sync_all());
        written.map_err(|error| Failure::unavailable("everything is erased, but the receipt cannot be written", error))?;
    }
    print_line(format_args!("{receipt:#}"))?;
    Ok(())
}

fn tell(site: &Site, log: Option<&Path>, held: Option<&Outbox>) -> Result<(), Failure> {
    let mut files = files(&site.state_dir).map_err(|error| Failure::unavailable("the state folder cannot be read", error))?;
    if let Some((path, file)) = log.and_then(|path| Some((path, std::fs::metadata(path).ok()?))) {
        let path = path.to_owned();
        files.push(ErasedFile { path, bytes: file.len() });
    }
    print_line("this would be erased:")?;
    for file in &files {
        print_line(format_args!("  {} ({} bytes)", file.path.display(), file.bytes))?;
    }
    let waiting: u64 = held.map_or(0, |held| held.waiting.iter().map(|waiting| waiting.events).sum());
    if waiting > 0 {
        print_line(format_args!("{waiting} events in it have not reached the cloud tenant yet"))?;
    }
    Err(Failure::Usage(
        "nothing is erased yet; stop the daemon, and add --yes to erase this for good".to_owned(),
    ))
}

fn listed(files: &[ErasedFile]) -> Vec<Value> {
    let file = |file: &ErasedFile| json!({ "path": file.path, "bytes": file.bytes });
    files.iter().map(file).collect()
}
