//! Speech at one microphone: above the background, and fluctuating like syllables.

use habitat_dsp::units::power_to_db;

use super::{modulation::Modulation, steady::SteadyPower};

/// A syllable stands out of the background by at least this much.
const EXCESS_DB: f64 = 3.0;

/// RMS fluctuation at 2-8 Hz from which a sound is taken for speech. Steady noise has 0.3-0.5 dB here.
const FLUCTUATION_DB: f64 = 1.0;

/// Sounds below this are too soft to be speech that anybody notices.
const SOFTEST_SPEECH_DB: f64 = 25.0;

/// Frames that a syllable keeps speech on: the gaps between words, 0.3 s.
const HANGOVER_FRAMES: u32 = 15;

/// Added to every power so that digital silence has a level: 0 dB.
const FLOOR: f64 = 1.0;

/// What one frame says.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ActivityFrame {
    /// Somebody talks.
    pub active: bool,
    /// A-weighted power above the background: that of the speech while somebody talks.
    pub excess_power: f64,
}

/// The detector of one microphone.
#[derive(Clone, Debug, Default)]
pub struct SpeechActivity {
    band_background: SteadyPower,
    full_background: SteadyPower,
    modulation: Modulation,
    frames_since_syllable: Option<u32>,
}

impl SpeechActivity {
    /// Takes one frame: the A-weighted power within 200 Hz-5 kHz and over all bands.
    pub fn process(&mut self, band_power: f64, full_power: f64) -> ActivityFrame {
        let level = power_to_db(band_power + FLOOR);
        let background = self.band_background.process(band_power + FLOOR);
        let full_background = self.full_background.process(full_power);
        let fluctuation = self.modulation.process(level);

        let syllable = level > power_to_db(background) + EXCESS_DB && level > SOFTEST_SPEECH_DB && fluctuation > FLUCTUATION_DB;
        self.frames_since_syllable = if syllable {
            Some(0)
        } else {
            self.frames_since_syllable.map(|n| n.saturating_add(1))
        };
        let active = self.frames_since_syllable.is_some_and(|n| n <= HANGOVER_FRAMES);
        ActivityFrame {
            active,
            excess_power: (full_power - full_background).max(0.0),
        }
    }

    /// A-weighted power of the steady background, our own masking included.
    pub fn background_power(&self) -> f64 {
        self.full_background.power()
    }
}

/// Whether a band counts for the detector: 200 Hz-5 kHz carries what makes speech intelligible (ANSI S3.5 importance).
pub fn is_speech_band(centre_hz: f64) -> bool {
    (190.0..5200.0).contains(&centre_hz)
}

#[cfg(test)]
mod tests {
    use super::*;
    use habitat_dsp::units::db_to_power;

    fn active_share(frames: impl Iterator<Item = f64>) -> f64 {
        let mut detector = SpeechActivity::default();
        let flags: Vec<bool> = frames
            .map(|db| detector.process(db_to_power(db), db_to_power(db)).active)
            .collect();
        flags[200..].iter().filter(|active| **active).count() as f64 / (flags.len() - 200) as f64
    }

    /// Frames whose level fluctuates like noise: ±0.5 dB.
    fn jitter(n: u32) -> f64 {
        f64::from(n.wrapping_mul(2_654_435_761) >> 16) / 65_536.0 - 0.5
    }

    #[test]
    fn a_steady_noise_is_not_speech_even_when_it_drifts() {
        assert_eq!(
            active_share((0..3000).map(|n| 45.0 + 6.0 * f64::from(n) / 3000.0 + jitter(n))),
            0.0
        );
    }

    #[test]
    fn four_syllables_a_second_above_the_background_are_speech() {
        let speech = (0..3000).map(|n| {
            let syllable = (core::f64::consts::TAU * 4.0 * f64::from(n) / 50.0).sin();
            power_to_db(db_to_power(40.0 + jitter(n)) + db_to_power(48.0 + 8.0 * syllable))
        });
        assert!(active_share(speech) > 0.95);
    }

    #[test]
    fn digital_silence_is_not_speech() {
        let mut detector = SpeechActivity::default();
        for _ in 0..500 {
            assert_eq!(detector.process(0.0, 0.0), ActivityFrame::default());
        }
    }
}
