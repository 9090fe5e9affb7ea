//! What one frame says for and against speech, as a few numbers.

use super::{
    tools::{BANDS, FRAMES_PER_S, PerBand},
    voicing::Voicing,
};

/// How many numbers there are.
pub const EVIDENCE: usize = 14;

/// The evidence of one frame; [`NAMES`] says in which order.
pub type Evidence = [f32; EVIDENCE];

/// What each number of the evidence is. Levels above the background are in dB, averaged over the bands named.
pub const NAMES: [&str; EVIDENCE] = [
    "above the background, 200 Hz-5 kHz",
    "above the background, 250 Hz-1 kHz: vowels",
    "above the background, 2-6.3 kHz: consonants, but also clinks",
    "above the background, below 140 Hz: steps and motors",
    "fluctuation of all bands together at 2-8 Hz",
    "fluctuation of all bands together above 8 Hz: clicks",
    "fluctuation of single bands at 2-8 Hz: bubbles and drops do not move together",
    "alternation between vowels and consonants at 2-8 Hz",
    "voicing",
    "voicing with gliding pitch",
    "voicing with steady pitch",
    "share of the bands that stand out",
    "above the background, 1-2 kHz",
    "fluctuation of the vowel bands together at 2-8 Hz",
];

/// Bands of the averages; see [`super::tools::BANDS`].
const SPEECH: core::ops::RangeInclusive<usize> = 4..=18;
const VOWELS: core::ops::RangeInclusive<usize> = 5..=11;
const MIDDLE: core::ops::RangeInclusive<usize> = 11..=14;
const CONSONANTS: core::ops::RangeInclusive<usize> = 14..=19;
const BOTTOM: core::ops::RangeInclusive<usize> = 0..=2;

/// A band says no more than this about how far it is above the background, dB.
const LARGEST_EXCESS_DB: f32 = 25.0;

/// A band stands out from here on, dB.
const STANDS_OUT_DB: f32 = 6.0;

/// Edges of the syllabic band (Houtgast & Steeneken, JASA 77, 1985).
const SYLLABIC_HZ: (f64, f64) = (2.0, 8.0);

/// Parts of a level that fluctuates: slower than, at and faster than the rate of syllables.
#[derive(Clone, Copy, Debug, Default)]
struct Fluctuation {
    fast: f32,
    slow: f32,
}

impl Fluctuation {
    /// Takes a level; returns what is syllabic and what is faster.
    fn process(&mut self, level_db: f32, shares: (f32, f32)) -> (f32, f32) {
        self.fast += shares.1 * (level_db - self.fast);
        self.slow += shares.0 * (self.fast - self.slow);
        (self.fast - self.slow, level_db - self.fast)
    }
}

/// Filters of one microphone.
#[derive(Clone, Debug)]
pub struct EvidenceFilters {
    shares: (f32, f32),
    together: Fluctuation,
    alternation: Fluctuation,
    vowels: Fluctuation,
    bands: [Fluctuation; BANDS],
}

impl Default for EvidenceFilters {
    fn default() -> Self {
        let share = |corner_hz: f64| (1.0 - (-core::f64::consts::TAU * corner_hz / FRAMES_PER_S).exp()) as f32;
        EvidenceFilters {
            shares: (share(SYLLABIC_HZ.0), share(SYLLABIC_HZ.1)),
            together: Fluctuation::default(),
            alternation: Fluctuation::default(),
            vowels: Fluctuation::default(),
            bands: [Fluctuation::default(); BANDS],
        }
    }
}

impl EvidenceFilters {
    /// Takes the level above the background per band, dB, and the voicing of a frame.
    pub fn process(&mut self, excess_db: &PerBand, voicing: Voicing) -> Evidence {
        let mean = |bands: core::ops::RangeInclusive<usize>| {
            let count = bands.clone().count() as f32;
            excess_db[bands].iter().sum::<f32>() / count
        };
        let (speech, vowels, consonants) = (mean(SPEECH), mean(VOWELS), mean(CONSONANTS));
        let (together, faster) = self.together.process(speech, self.shares);
        let (alternation, _) = self.alternation.process(vowels - consonants, self.shares);
        let (syllables, _) = self.vowels.process(vowels, self.shares);
        let mut single = 0.0;
        let mut standing_out = 0.0;
        let count = SPEECH.count() as f32;
        for band in SPEECH {
            single += self.bands[band].process(excess_db[band], self.shares).0.abs() / count;
            standing_out += if excess_db[band] > STANDS_OUT_DB { 1.0 / count } else { 0.0 };
        }
        let when = |condition: bool| if condition { voicing.strength } else { 0.0 };
        [
            speech,
            vowels,
            consonants,
            mean(BOTTOM),
            together.abs(),
            faster.abs(),
            single,
            alternation.abs(),
            voicing.strength,
            when(voicing.gliding),
            when(voicing.steady),
            standing_out,
            mean(MIDDLE),
            syllables.abs(),
        ]
    }
}

/// Level above the background per band, dB, within 0 and [`LARGEST_EXCESS_DB`].
pub fn excess_db(power: &PerBand, background: &PerBand) -> PerBand {
    /// So that digital silence is not above silence: −20 dB.
    const FLOOR: f32 = 0.01;
    const DB_PER_NEPER: f32 = 10.0 / core::f32::consts::LN_10;
    core::array::from_fn(|band| {
        let ratio = (power[band] + FLOOR) / (background[band] + FLOOR);
        (DB_PER_NEPER * ratio.ln()).clamp(0.0, LARGEST_EXCESS_DB)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean evidence over two seconds after one of settling.
    fn mean(level_db: impl Fn(usize, f64) -> f64) -> Evidence {
        let mut filters = EvidenceFilters::default();
        let mut sum = [0.0; EVIDENCE];
        for frame in 0..150 {
            let excess = core::array::from_fn(|band| level_db(band, frame as f64 / FRAMES_PER_S) as f32);
            let evidence = filters.process(&excess, Voicing::default());
            for (total, value) in sum.iter_mut().zip(evidence) {
                *total += if frame >= 50 { value / 100.0 } else { 0.0 };
            }
        }
        sum
    }

    #[test]
    fn syllables_clicks_and_bubbles_are_told_apart() {
        let wave = |hz: f64, t: f64| (core::f64::consts::TAU * hz * t).sin();
        let syllables = mean(|_, t| 10.0 + 8.0 * wave(4.0, t));
        let clicks = mean(|_, t| 10.0 + 8.0 * wave(20.0, t));
        let bubbles = mean(|band, t| 10.0 + 8.0 * wave(4.0, t + band as f64 * 0.071));
        assert!(syllables[4] > 1.5 * clicks[4] && clicks[5] > 2.0 * syllables[5]);
        assert!(bubbles[6] > 0.8 * syllables[6] && bubbles[4] < 0.3 * syllables[4]);
    }

    #[test]
    fn levels_are_those_of_their_bands() {
        let evidence = mean(|band, _| if band <= 2 { 12.0 } else { 0.0 });
        assert!((evidence[3] - 12.0).abs() < 1e-3);
        assert!(evidence[0] == 0.0 && evidence[11] == 0.0);
        assert_eq!(excess_db(&[100.0; BANDS], &[10.0; BANDS])[7].round(), 10.0);
        assert_eq!(excess_db(&[0.0; BANDS], &[0.0; BANDS])[7], 0.0);
    }
}
