//! The levels that `[adaptation]` sets for the site and a `[[zone]]` may set for itself.

use crate::{
    limits,
    read::{Item, NumberRule, Reading, Table, number, shown, text},
    site::{Soundscape, ZoneLevels},
};

/// Levels where neither the site nor the zone says anything.
///
/// 43 dB is where talkers begin to raise their voices against noise (Bottalico: knee of the Lombard effect at
/// 43.3 dB(A)); 40-46 dB stays inside the comfortable range of 40-48 dB. STI 0.45 is just above the plateau of lost
/// performance, 0.44 (Haapakangas and others 2020).
pub(crate) const DEFAULT_LEVELS: ZoneLevels = ZoneLevels {
    level_min_db: 40.0,
    level_fixed_db: 43.0,
    level_max_db: 46.0,
    sti_target: 0.45,
    soundscape: Soundscape::Noise,
};

/// What an STI target may be.
const STI_TARGET: NumberRule = NumberRule {
    min: 0.1,
    max: 0.9,
    unit: "",
    reason: "below, nothing is understood anyway; above, nothing is disturbed",
};

/// The level keys of one table.
pub(crate) struct Levels {
    /// `level_min_db`
    pub(crate) min: Reading<f64>,
    /// `level_fixed_db`
    pub(crate) fixed: Reading<f64>,
    /// `level_max_db`
    pub(crate) max: Reading<f64>,
    /// `sti_target`
    pub(crate) sti_target: Reading<f64>,
}

impl Levels {
    /// Of a table that is not there.
    pub(crate) const ABSENT: Self = Self {
        min: Reading::Absent,
        fixed: Reading::Absent,
        max: Reading::Absent,
        sti_target: Reading::Absent,
    };
}

/// Reads the level keys.
pub(crate) fn read_levels(table: &Table) -> Levels {
    Levels {
        min: table.read("level_min_db", number(&limits::LEVEL)),
        fixed: table.read("level_fixed_db", number(&limits::LEVEL)),
        max: table.read("level_max_db", number(&limits::LEVEL)),
        sti_target: table.read("sti_target", number(&STI_TARGET)),
    }
}

/// Reads `soundscape`.
pub(crate) fn read_soundscape(table: &Table) -> Reading<Soundscape> {
    table.read("soundscape", |item: &Item| {
        let name = text(item)?;
        Soundscape::from_name(&name).or_else(|| {
            let message = format!("soundscape {} is not available in this version; use \"noise\"", shown(&name));
            item.wrong(message, "write soundscape = \"noise\", or leave the key out")
        })
    })
}
