//! Reads a file as text, or says why it cannot.

use std::{fs::File, io, io::Read, path::Path};

/// Larger files are refused. A plan of a thousand zones has about 300 kB, and reading one must not take all memory
/// when the name is that of something else, such as a recording or a device.
const LARGEST_BYTES: u64 = 1 << 20;

/// Why a file is no text that can be read, for a person.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unreadable {
    /// What is wrong.
    pub(crate) message: String,
    /// What would be right.
    pub(crate) help: String,
    /// Whether there is no such file.
    pub(crate) missing: bool,
}

/// The text of a file.
pub(crate) fn read_text(path: &Path) -> Result<String, Unreadable> {
    let bytes = read_bytes(path)?;
    let text = String::from_utf8(bytes).map_err(|error| not_text(error.as_bytes(), error.utf8_error().valid_up_to()))?;
    if text.trim().is_empty() {
        return Err(unreadable(
            "the file is empty".to_owned(),
            "docs/configuration.md has a complete example",
        ));
    }
    Ok(text)
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, Unreadable> {
    let cannot = |error: io::Error| Unreadable {
        missing: error.kind() == io::ErrorKind::NotFound,
        ..unreadable(format!("cannot read the file: {error}"), advice(&error))
    };
    let file = File::open(path).map_err(cannot)?;
    let size = file.metadata().map_err(cannot)?.len();
    if size > LARGEST_BYTES {
        return Err(too_large(&format!("{size} bytes")));
    }
    // Devices and pipes have no size: what counts is what comes out of them.
    let mut bytes = Vec::new();
    file.take(LARGEST_BYTES + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() as u64 > LARGEST_BYTES {
        return Err(too_large("more"));
    }
    Ok(bytes)
}

fn too_large(size: &str) -> Unreadable {
    unreadable(
        format!("the file is too large: {size}, and at most {LARGEST_BYTES} bytes (1 MiB) are read"),
        "is this the right file?",
    )
}

fn not_text(bytes: &[u8], offset: usize) -> Unreadable {
    let line = bytes[..offset].iter().filter(|byte| **byte == b'\n').count() + 1;
    unreadable(
        format!(
            "the file is not UTF-8 text: byte 0x{:02x} at offset {offset}, in line {line}",
            bytes[offset]
        ),
        "TOML is UTF-8 text; is this the right file, or was it saved with another encoding?",
    )
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "check the path",
        io::ErrorKind::PermissionDenied => "let the user that runs the daemon read it",
        io::ErrorKind::IsADirectory => "name the file, not its folder",
        _ => "",
    }
}

fn unreadable(message: String, help: &str) -> Unreadable {
    Unreadable {
        message,
        help: help.to_owned(),
        missing: false,
    }
}
