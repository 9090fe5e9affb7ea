//! `habitatd data export`

use std::{
    fs::File,
    io::{self, Write},
    path::Path,
};

use habitat_config::Site;
use jiff::Timestamp;
use serde_json::{Value, json};
use zip::{ZipWriter, result::ZipError, write::SimpleFileOptions};

use super::new_file;
use crate::{
    cli::DataExport,
    commands::csv,
    exit_code::Failure,
    print::print_line,
    store::{HistoryQuery, Saved, StoreError, history, kept, outbox},
};

/// Events that are read at once.
const PAGE: usize = 1000;

/// Types of event that tell how settings changed.
const OF_SETTINGS: [&str; 2] = ["habitat.preferences.v1", "habitat.mute.v1"];

const README: &str = "Everything that this controller stores about the site.

site.json              what the archive is of, and how much is in it
events.jsonl           every event of the local history, one CloudEvents 1.0 document per line; minutes of measurements
events.csv             the same as columns
settings-history.jsonl those of them that tell who changed a setting or muted when, from what to what
settings.json          what holds now: settings, mutes, what places and weeks have taught
outbox.json            what waits for the cloud tenant, what it refused, what was given up
habitat.toml           the configuration, without secrets, which never stand in it
layout.toml            the floor plan
";

/// Writes the archive.
pub fn export(options: &DataExport) -> Result<(), Failure> {
    let loaded = habitat_config::load(&options.config).map_err(|problems| Failure::Usage(problems.render(false)))?;
    let file = new_file(&options.output)?;
    let written = write(file, &loaded.site, &options.config);
    let events = written.map_err(|error| {
        // Half an archive would pass for a whole one.
        let _ = std::fs::remove_file(&options.output);
        Failure::unavailable(format!("the archive {} cannot be written", options.output.display()), error)
    })?;
    print_line(format_args!("{}: {events} events", options.output.display()))?;
    Ok(())
}

/// Why an archive cannot be written.
#[derive(Debug, thiserror::Error)]
enum ExportError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Archive(#[from] ZipError),
    #[error(transparent)]
    Disk(#[from] io::Error),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

fn write(file: File, site: &Site, config: &Path) -> Result<u64, ExportError> {
    let mut archive = ZipWriter::new(file);
    put(&mut archive, "README.txt", README)?;
    put(&mut archive, "habitat.toml", &std::fs::read_to_string(config)?)?;
    put(&mut archive, "layout.toml", &std::fs::read_to_string(&site.layout_file)?)?;
    let events = each_event(&mut archive, site, "events.jsonl", |json| Some(json.to_owned()))?;
    begin(&mut archive, "events.csv")?;
    writeln!(archive, "{}", csv::HEADER)?;
    append_events(&mut archive, site, |json| Some(csv::row(json)))?;
    let settings = each_event(&mut archive, site, "settings-history.jsonl", of_settings)?;
    let (saved, outbox) = match (kept(&site.state_dir), outbox(&site.state_dir)) {
        (Err(StoreError::NoHistory { .. }), _) => (Saved::default(), None),
        (saved, outbox) => (saved?, Some(outbox?)),
    };
    put(&mut archive, "settings.json", &format!("{:#}\n", saved_document(&saved)))?;
    let outbox = outbox.map(|outbox| crate::commands::outbox::document(&outbox));
    put(&mut archive, "outbox.json", &format!("{:#}\n", outbox.unwrap_or_default()))?;
    let about = json!({
        "site": site.id, "name": site.name, "made": Timestamp::now(), "habitatd": env!("CARGO_PKG_VERSION"),
        "events": events, "changes_of_settings": settings,
    });
    put(&mut archive, "site.json", &format!("{about:#}\n"))?;
    archive.finish()?.sync_all()?;
    Ok(events)
}

fn begin(archive: &mut ZipWriter<File>, name: &str) -> Result<(), ExportError> {
    Ok(archive.start_file(name, SimpleFileOptions::default().large_file(true).unix_permissions(0o600))?)
}

fn put(archive: &mut ZipWriter<File>, name: &str, text: &str) -> Result<(), ExportError> {
    begin(archive, name)?;
    Ok(archive.write_all(text.as_bytes())?)
}

/// A file with a line per event; says how many.
fn each_event(
    archive: &mut ZipWriter<File>,
    site: &Site,
    name: &str,
    line: impl Fn(&str) -> Option<String>,
) -> Result<u64, ExportError> {
    begin(archive, name)?;
    append_events(archive, site, line)
}

fn append_events(archive: &mut ZipWriter<File>, site: &Site, line: impl Fn(&str) -> Option<String>) -> Result<u64, ExportError> {
    let mut query = HistoryQuery {
        zone: None,
        since: None,
        after_seq: Some(0),
        limit: PAGE,
    };
    let mut count = 0;
    loop {
        let page = match history(&site.state_dir, &query) {
            Err(StoreError::NoHistory { .. }) => return Ok(0),
            page => page?,
        };
        for event in &page {
            if let Some(line) = line(&event.json) {
                writeln!(archive, "{line}")?;
                count += 1;
            }
            query.after_seq = Some(event.seq);
        }
        if page.len() < PAGE {
            return Ok(count);
        }
    }
}

fn of_settings(json: &str) -> Option<String> {
    let event: Value = serde_json::from_str(json).ok()?;
    let kind = event.get("type")?.as_str()?;
    OF_SETTINGS.contains(&kind).then(|| json.to_owned())
}

fn saved_document(saved: &Saved) -> Value {
    let read = |json: &str| serde_json::from_str::<Value>(json).unwrap_or_default();
    let settings = saved
        .settings
        .iter()
        .map(|record| json!({ "zone": record.zone, "settings": read(&record.settings_json), "expires": record.expires }));
    let places = saved.places.iter().map(|place| {
        json!({ "zone": place.zone, "known_s": place.known_s, "shares": read(&place.shares_json), "updated": place.updated })
    });
    let learned = saved.learned().map(|record| {
        json!({ "zone": record.zone, "quarter_hour_of_the_week": record.slot, "week": record.week, "level_db": record.level_db })
    });
    json!({
        "settings": settings.collect::<Vec<_>>(),
        "muted": saved.mutes.iter().map(|zone| zone.as_deref().unwrap_or("the whole site")).collect::<Vec<_>>(),
        "places": places.collect::<Vec<_>>(),
        "learned_profile": learned.collect::<Vec<_>>(),
        "first_start": saved.first_start,
    })
}
