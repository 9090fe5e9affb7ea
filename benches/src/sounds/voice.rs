//! The four voices of the demo, which a speech synthesiser made, also slower, faster, lower and higher.

use super::level::weighted_frames;

/// Frames of the truth per second.
pub const TRUTH_HZ: f64 = 50.0;

/// A frame is speech when its A-weighted level lies this close to that of the loud frames.
const RANGE_DB: f64 = 28.0;

/// Gaps up to this belong to an utterance, in frames: 0.3 s.
pub const GAP_FRAMES: usize = 15;

/// Sounds of 16 bit mono that come with the program.
const FILES: [&[u8]; 4] = [
    include_bytes!("../../../daemon/sounds/anna.wav"),
    include_bytes!("../../../daemon/sounds/ben.wav"),
    include_bytes!("../../../daemon/sounds/clara.wav"),
    include_bytes!("../../../daemon/sounds/david.wav"),
];

/// A voice at a sampling rate.
#[derive(Clone, Debug)]
pub struct Voice {
    /// Samples with a loud level of about 0 dB(A).
    pub samples: Vec<f32>,
    /// Whether each frame of 20 ms is speech; gaps within utterances are not.
    pub active: Vec<bool>,
    /// Utterances as ranges of frames: no gap in them is longer than [`GAP_FRAMES`].
    pub utterances: Vec<core::ops::Range<usize>>,
}

impl Voice {
    /// Voice 0-3 at `rate_hz`, played `speed` times as fast, which raises its pitch as much.
    pub fn new(number: usize, speed: f64, rate_hz: f64) -> Self {
        let mut reader = hound::WavReader::new(FILES[number]).expect("the demo's voices are sound files");
        let from_hz = f64::from(reader.spec().sample_rate);
        let original: Vec<f32> = reader
            .samples::<i16>()
            .map(|sample| f32::from(sample.expect("16 bit samples")) / 32_768.0)
            .collect();
        Voice::from_samples(&original, from_hz, speed, rate_hz)
    }

    /// A voice of its own, given at some sampling rate.
    pub fn from_samples(original: &[f32], from_hz: f64, speed: f64, rate_hz: f64) -> Self {
        let mut samples = resample(original, from_hz * speed / rate_hz);
        let hop = (rate_hz / TRUTH_HZ) as usize;
        let powers = weighted_frames(&samples, rate_hz, hop);
        let mut sorted = powers.clone();
        sorted.sort_by(f64::total_cmp);
        let loud = sorted[sorted.len() * 9 / 10];
        samples.iter_mut().for_each(|sample| *sample /= loud.sqrt() as f32);
        let active: Vec<bool> = powers
            .iter()
            .map(|power| *power > loud * 10f64.powf(-RANGE_DB / 10.0))
            .collect();
        Voice {
            utterances: utterances(&active),
            samples,
            active,
        }
    }
}

/// Ranges of activity with gaps of up to [`GAP_FRAMES`].
pub fn utterances(active: &[bool]) -> Vec<core::ops::Range<usize>> {
    let mut found: Vec<core::ops::Range<usize>> = Vec::new();
    for (frame, _) in active.iter().enumerate().filter(|(_, active)| **active) {
        match found.last_mut() {
            Some(last) if frame - last.end <= GAP_FRAMES => last.end = frame + 1,
            _ => found.push(frame..frame + 1),
        }
    }
    found
}

/// Reads a signal `step` times as fast, by a windowed sinc that also keeps out what would alias.
pub fn resample(samples: &[f32], step: f64) -> Vec<f32> {
    const REACH: f64 = 24.0;
    if (step - 1.0).abs() < 1e-9 {
        return samples.to_vec();
    }
    let cutoff = (1.0 / step).min(1.0) * 0.97;
    let half = REACH / cutoff;
    (0..(samples.len() as f64 / step) as usize)
        .map(|n| {
            let at = n as f64 * step;
            let first = (at - half).ceil().max(0.0) as usize;
            let last = ((at + half) as usize).min(samples.len() - 1);
            (first..=last)
                .map(|k| {
                    let t = (k as f64 - at) * cutoff;
                    let x = core::f64::consts::PI * t;
                    let sinc = if x.abs() < 1e-9 { 1.0 } else { x.sin() / x };
                    let window = 0.5 + 0.5 * (x / REACH).cos();
                    f64::from(samples[k]) * sinc * window * cutoff
                })
                .sum::<f64>() as f32
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resampled_tone_keeps_its_shape() {
        let tone = |hz: f64, rate: f64, n: usize| (core::f64::consts::TAU * hz * n as f64 / rate).sin() as f32;
        let original: Vec<f32> = (0..16_000).map(|n| tone(1000.0, 16_000.0, n)).collect();
        let slower = resample(&original, 16_000.0 / 14_700.0);
        for (n, sample) in slower.iter().enumerate().take(14_000).skip(500) {
            assert!((sample - tone(1000.0, 14_700.0, n)).abs() < 0.01);
        }
    }

    #[test]
    fn the_voices_talk_most_of_the_time_in_utterances() {
        for number in 0..4 {
            let voice = Voice::new(number, 1.0, 16_000.0);
            let talking: usize = voice.utterances.iter().map(|utterance| utterance.len()).sum();
            let share = talking as f64 / voice.active.len() as f64;
            assert!((0.6..1.0).contains(&share), "voice {number}: {share}");
            assert!(voice.utterances.len() >= 2);
        }
    }
}
