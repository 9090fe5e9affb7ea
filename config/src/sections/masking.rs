//! `[masking]`: what the loudspeakers play.

use habitat_layout::{acoustics::BAND_COUNT, spectrum};

use crate::{
    keys,
    read::{Item, NumberRule, Reading, Table, each, number, shown},
    sections::read_soundscape,
    site::{Masking, Soundscape},
};

/// Bands of a list in the file: third octaves from 100 Hz to 8 kHz, where masking plays.
const LISTED_BANDS: usize = 20;

/// The lowest of them.
const FIRST_LISTED_HZ: f64 = 100.0;

const EXAMPLE: &str = "write \"minus5\", \"minus7\" (dB per octave) or a list of 20 third-octave levels from 100 Hz to 8 kHz";

const BAND_LEVEL: NumberRule = NumberRule {
    min: -100.0,
    max: 150.0,
    unit: " dB",
    reason: "only the differences between bands count",
};

/// Reads the table.
pub(crate) fn read(root: &Table) -> (Masking, Reading<Soundscape>) {
    // −5 dB per octave is what listeners prefer, and what the field has used for decades.
    let default = spectrum::minus5_db();
    match root.section("masking", &keys::MASKING) {
        Some(table) => {
            let masking = Masking {
                spectrum_db: table.read("spectrum", read_spectrum).or(default),
            };
            (masking, read_soundscape(&table))
        }
        None => (Masking { spectrum_db: default }, Reading::Absent),
    }
}

fn read_spectrum(item: &Item) -> Option<[f64; BAND_COUNT]> {
    match (item.value.as_str(), item.elements()) {
        (Some("minus5"), _) => Some(spectrum::minus5_db()),
        (Some("minus7"), _) => Some(spectrum::minus7_db()),
        (Some(other), _) => item.wrong(format!("`spectrum` cannot be {}", shown(other)), EXAMPLE),
        (None, Some(levels)) => read_levels(item, &levels),
        (None, None) => item.wrong_kind("a name or a list", EXAMPLE),
    }
}

fn read_levels(item: &Item, levels: &[Item]) -> Option<[f64; BAND_COUNT]> {
    if levels.len() != LISTED_BANDS {
        return item.wrong(
            format!("`spectrum` has {} levels instead of {LISTED_BANDS}", levels.len()),
            EXAMPLE,
        );
    }
    let levels = each(levels, number(&BAND_LEVEL))?;
    let mut bands = [f64::NEG_INFINITY; BAND_COUNT];
    let listed = bands
        .iter_mut()
        .zip(spectrum::NOMINAL_HZ)
        .filter(|(_, hz)| *hz >= FIRST_LISTED_HZ);
    for ((band, _), level) in listed.zip(levels) {
        *band = level;
    }
    let whole_db = spectrum::a_weighted_sum_db(&bands);
    Some(bands.map(|band| band - whole_db))
}
