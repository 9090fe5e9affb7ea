//! What a controller of masking hears and says, once a second.

use super::limits::Limits;

/// What the controller is told of a zone, as the engine would measure it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ZoneHeard {
    /// Level of speech at the zone's microphone over the last second, of all talkers whom it hears, own masking and background
    /// removed, dB(A); `None` when nobody can be made out.
    pub speech_laeq_db: Option<f64>,
    /// Steady background without masking, dB(A).
    pub background_db: f64,
    /// A talker is here: this microphone hears somebody better than all others do.
    pub talker_here: bool,
}

/// Decides on the masking of all zones.
pub trait Policy {
    /// Takes what was heard in the last second and returns the masking at the listeners of each zone for the next one, dB(A).
    fn second(&mut self, heard: &[ZoneHeard]) -> &[f64];

    /// A day begins; the night before was silent.
    fn begin_day(&mut self) {}
}

/// The same level everywhere and always.
#[derive(Clone, Debug)]
pub struct Fixed(Vec<f64>);

impl Fixed {
    /// So many zones at this level, dB(A).
    pub fn new(zones: usize, level_db: f64) -> Self {
        Self(vec![level_db; zones])
    }

    /// Zones at the commissioned level.
    pub fn commissioned(zones: usize, limits: &Limits) -> Self {
        Self::new(zones, limits.level_fixed_db)
    }
}

impl Policy for Fixed {
    fn second(&mut self, _: &[ZoneHeard]) -> &[f64] {
        &self.0
    }
}
