//! What may change while the engine runs.

/// What a zone plays while there is nothing to mask.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Base {
    /// Its lowest level.
    #[default]
    Lowest,
    /// This masking level, dB(A) at the listeners, within the limits: what a schedule asks for. Speech from elsewhere raises it.
    Level(f64),
    /// Nothing, and it does not adapt: it fades out no faster than levels fall, and starts again as the engine does.
    Off,
}

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
    /// What it plays while there is nothing to mask.
    pub base: Base,
    /// Added to every level, limits and fixed level included, dB; 0 or less while people get used to masking.
    pub acclimatisation_db: f64,
    /// How often it was asked to forget what the place taught; a change makes it forget.
    pub places_forgotten: u32,
    /// Life-safety mute of this zone.
    pub muted: bool,
}

/// What another engine says of one of its zones.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RemoteZone {
    /// Raised with everything that is heard of the zone; 0: nothing yet. What is not raised grows old, and does not count any more.
    pub heard: u32,
    /// How old it was when it was handed over, seconds.
    pub age_s: f64,
    /// Masking at the listeners there, dB(A), while the zone is at a level: not muted, not off, and not on its way from silence.
    pub masking_db: Option<f64>,
    /// Level of the speech at the microphones there, dB(A); `None` without speech.
    pub speech_db: Option<f64>,
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
    /// One entry per remote zone.
    pub remote_zones: Vec<RemoteZone>,
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
        let remote_zones = self.remote_zones.iter_mut().zip(&other.remote_zones);
        remote_zones.for_each(|(mine, theirs)| *mine = *theirs);
    }
}
