//! What other controllers say of their zones.

use habitat_dsp::RemoteZone;
use jiff::Timestamp;

use super::Control;

/// What was heard of a zone of another controller.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RemoteHeard {
    /// How old it is, seconds.
    pub age_s: f64,
    /// Masking level there, dB(A), while the zone is at one.
    pub masking_db: Option<f64>,
    /// Level of speech at the microphones there, dB(A).
    pub speech_db: Option<f64>,
}

impl Control {
    /// The time that events have.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Hands over what was heard of a remote zone; by default that nothing is known of it any more. The engine lets it grow old.
    pub fn hear_of(&self, remote_zone: usize, heard: RemoteHeard) {
        {
            let mut state = self.lock();
            let Some(slot) = state.remote_zones.get_mut(remote_zone) else {
                return;
            };
            *slot = RemoteZone {
                heard: slot.heard.wrapping_add(1),
                age_s: heard.age_s,
                masking_db: heard.masking_db,
                speech_db: heard.speech_db,
            };
        }
        self.hand_over();
    }
}
