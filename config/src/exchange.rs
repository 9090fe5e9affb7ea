//! Floor plans from and for other programs: GeoJSON (RFC 7946) in and out, IMDF (OGC 20-094) in.
//!
//! An import makes the text of a layout file, for a person to go on with, and reads that text as any layout file is
//! read. An export is a GeoJSON collection whose features carry the keys of the layout file as properties, so that it
//! comes back as the same plan.

mod export;
mod features;
mod foreign;
mod imdf;
mod own;
mod projection;
mod table;

use std::path::{Path, PathBuf};

use geojson::GeoJson;

pub use export::to_geojson;
pub use projection::Origin;

use crate::{
    cross, keys, layout,
    problem::{Notes, Problems},
    read::{Table as Document, parse},
};
use features::Collection;

/// Nobody's floor plan is larger; what is, is something else.
const LARGEST_BYTES: u64 = 64 << 20;

/// A plan that was read from another program's file.
#[derive(Clone, Debug)]
pub struct Imported {
    /// Text of a layout file.
    pub layout: String,
    /// What was left out or assumed, for a person.
    pub remarks: Vec<String>,
    /// What is wrong in that layout file and has to be put right by hand.
    pub problems: Problems,
}

/// Why a file cannot be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error("{} cannot be read: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// Larger than any plan.
    #[error("{name} is larger than 64 MiB, which no floor plan is")]
    TooLarge {
        /// The file.
        name: String,
    },
    /// Neither GeoJSON nor a zip archive.
    #[error(
        "{name} is not GeoJSON: {message}\nhelp: export the plan as GeoJSON (a FeatureCollection) or as an IMDF archive (.zip)"
    )]
    NotGeoJson {
        /// The file.
        name: String,
        /// What the parser says.
        message: String,
    },
    /// An archive without what makes it IMDF.
    #[error("{} is a zip archive, but not IMDF: it has no {missing}\nhelp: an IMDF archive has manifest.json, level.geojson and unit.geojson", path.display())]
    NotImdf {
        /// The file.
        path: PathBuf,
        /// The file in it that is missing.
        missing: &'static str,
    },
    /// A damaged archive.
    #[error("{} is a damaged zip archive: {message}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the reader says.
        message: String,
    },
    /// Coordinates that are no longitude and latitude.
    #[error(
        "{name} has the coordinates {x}, {y}, which are no longitude and latitude\n\
         help: GeoJSON is in degrees (WGS 84); convert it first, for example with \
         `ogr2ogr -t_srs EPSG:4326 degrees.geojson {name}`"
    )]
    NotDegrees {
        /// The file.
        name: String,
        /// The first number.
        x: f64,
        /// The second number.
        y: f64,
    },
    /// Nothing that encloses an area.
    #[error("{name} has no areas that could be zones\nhelp: zones are polygons; {help}")]
    NoAreas {
        /// The file.
        name: String,
        /// What to look for.
        help: &'static str,
    },
}

/// Reads a GeoJSON file or an IMDF archive; which of them it is, its first bytes say.
///
/// # Errors
/// When there is no plan in it.
pub fn import(path: &Path) -> Result<Imported, ImportError> {
    let unreadable = |error| ImportError::Unreadable {
        path: path.to_owned(),
        error,
    };
    let name = path.display().to_string();
    if std::fs::metadata(path).map_err(unreadable)?.len() > LARGEST_BYTES {
        return Err(ImportError::TooLarge { name });
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let draft = if bytes.starts_with(b"PK") {
        imdf::read(path, bytes)?
    } else {
        let collection = collection(&name, &bytes)?;
        if own::is_own(&collection) {
            own::read(&collection)?
        } else {
            foreign::read(&collection)?
        }
    };
    let layout = draft.text(&name);
    Ok(Imported {
        problems: problems_of(&layout),
        layout,
        remarks: draft.remarks,
    })
}

fn collection(name: &str, bytes: &[u8]) -> Result<Collection, ImportError> {
    let not = |message: String| ImportError::NotGeoJson {
        name: name.to_owned(),
        message,
    };
    let text = std::str::from_utf8(bytes).map_err(|error| not(format!("it is not UTF-8 text ({error})")))?;
    let document: GeoJson = text
        .trim_start_matches('\u{feff}')
        .parse()
        .map_err(|error: geojson::Error| not(error.to_string()))?;
    Collection::of(name, document)
}

/// Reads the text as any layout file is read.
fn problems_of(layout_text: &str) -> Problems {
    let notes = Notes::new(Path::new("layout.toml"), layout_text);
    let document = parse(&notes);
    let plan = layout::read(&Document::root(&notes, &document, &keys::LAYOUT));
    cross::check_layout(&plan, &notes);
    notes.finish()
}
