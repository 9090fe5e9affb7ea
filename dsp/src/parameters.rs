//! What may change while the engine runs.

/// Settings of one zone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ZoneParameters {
    /// Whether the zone adapts; otherwise it goes to its fixed level.
    pub enabled: bool,
    /// Added to whatever level the zone would have, within the limits.
    pub offset_db: f64,
    /// Lowest masking level.
    pub level_min_db: f64,
    /// Highest masking level.
    pub level_max_db: f64,
    /// Life-safety mute of this zone.
    pub muted: bool,
}

/// Settings of the site.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parameters {
    /// Life-safety mute of the whole site.
    pub muted: bool,
    /// The daemon ends: fade out and stay silent.
    pub fade_out: bool,
    /// One entry per zone.
    pub zones: Vec<ZoneParameters>,
}

impl Parameters {
    /// Takes over other parameters for the same zones without allocating; zones that only one side has stay as they are.
    pub fn copy_from(&mut self, other: &Parameters) {
        self.muted = other.muted;
        self.fade_out = other.fade_out;
        self.zones
            .iter_mut()
            .zip(&other.zones)
            .for_each(|(mine, theirs)| *mine = *theirs);
    }
}
