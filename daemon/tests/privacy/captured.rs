//! What came out of a daemon, piece by piece, with the place where it was found.

use std::{collections::BTreeSet, path::Path, process::Command};

use serde_json::Value;

/// Something that came out.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Where: the way out, and what there, as in `mqtt zone/result`.
    pub place: String,
    /// As it came, and as it is when it is unpacked.
    pub bytes: Vec<u8>,
}

/// Everything that came out of one run.
#[derive(Clone, Debug, Default)]
pub struct Captured(pub Vec<Piece>);

impl Captured {
    /// Adds a piece.
    pub fn put(&mut self, place: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        let (place, bytes) = (place.into(), bytes.into());
        self.0.push(Piece { place, bytes });
    }

    /// Adds a file, if it is there.
    pub fn put_file(&mut self, place: &str, path: &Path) {
        if let Ok(bytes) = std::fs::read(path) {
            self.put(place, bytes);
        }
    }

    /// Adds every file of an archive.
    pub fn put_archive(&mut self, path: &Path) {
        let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
        for index in 0..archive.len() {
            let mut file = archive.by_index(index).unwrap();
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut file, &mut bytes).unwrap();
            let name = file.name().unwrap().into_owned();
            self.put(format!("export {name}"), bytes);
        }
    }

    /// Adds what a database says of itself in SQL, and its file.
    pub fn put_database(&mut self, path: &Path) {
        let dump = Command::new("sqlite3").arg(path).arg(".dump").output();
        let dump = dump.expect("sqlite3 is installed (Debian package sqlite3)");
        assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
        self.put("state", dump.stdout);
        self.put_file("state file", path);
    }

    /// Every JSON document, with its place: whole pieces, lines, the data of server-sent events, and texts within SQL.
    pub fn documents(&self) -> impl Iterator<Item = (&str, Value)> {
        self.0
            .iter()
            .filter(|piece| piece.place != "state file" && piece.place != "log")
            .flat_map(|piece| {
                let text = String::from_utf8_lossy(&piece.bytes).into_owned();
                documents(&text).into_iter().map(|document| (piece.place.as_str(), document))
            })
    }

    /// Places of the pieces that have this text in them.
    pub fn places_of(&self, text: &str) -> BTreeSet<String> {
        let holds = |piece: &&Piece| piece.bytes.windows(text.len()).any(|window| window == text.as_bytes());
        self.0.iter().filter(holds).map(|piece| piece.place.clone()).collect()
    }
}

fn documents(text: &str) -> Vec<Value> {
    if let Ok(whole) = serde_json::from_str(text) {
        return if matches!(whole, Value::Object(_) | Value::Array(_)) {
            vec![whole]
        } else {
            Vec::new()
        };
    }
    let lines = text.lines().filter_map(|line| {
        let from = line.find('{')?;
        let line = line[from..].trim_end_matches(|c| c != '}').replace("''", "'");
        serde_json::from_str(&line).ok()
    });
    lines.collect()
}
