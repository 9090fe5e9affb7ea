//! `[event_log]`: every event as a line of a file.

use std::path::Path;

use crate::{
    keys,
    read::{Table, file_path},
    site::EventLog,
};

/// Reads the table. The path has no default: the file grows, so its place is worth a thought.
pub(crate) fn read(root: &Table, folder: &Path) -> Option<EventLog> {
    let table = root.section("event_log", &keys::EVENT_LOG)?;
    Some(EventLog {
        path: folder.join(table.require("path", "\"events.jsonl\"", file_path).or("".into())),
    })
}
