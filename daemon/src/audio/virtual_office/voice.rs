//! The talkers' voices: short recordings made with espeak-ng (`sounds/make.sh`), brought to the device's rate and a known level.

use std::io::Cursor;

use habitat_dsp::level::{FrequencyWeighting, WeightingFilter};
use realfft::{RealFftPlanner, num_complex::Complex};

/// The recordings.
const RECORDINGS: [&[u8]; 4] = [
    include_bytes!("../../../sounds/anna.wav"),
    include_bytes!("../../../sounds/ben.wav"),
    include_bytes!("../../../sounds/clara.wav"),
    include_bytes!("../../../sounds/david.wav"),
];

/// Parts of a recording that are this much below its loudest tenth of a second are pauses and do not count for its level.
const PAUSE_DB: f64 = 25.0;

/// Why a recording cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("a built-in recording cannot be read: {0}")]
pub struct VoiceError(String);

/// All voices at the given rate, each with an A-weighted level of 0 dB re 20 µPa while it speaks.
///
/// # Errors
/// When a recording is damaged, which the tests rule out.
pub fn voices(sample_rate_hz: u32) -> Result<Vec<Vec<f32>>, VoiceError> {
    RECORDINGS.iter().map(|recording| voice(recording, sample_rate_hz)).collect()
}

fn voice(recording: &[u8], sample_rate_hz: u32) -> Result<Vec<f32>, VoiceError> {
    let refused = |error: &dyn std::fmt::Display| VoiceError(error.to_string());
    let mut reader = hound::WavReader::new(Cursor::new(recording)).map_err(|error| refused(&error))?;
    let rate = reader.spec().sample_rate;
    let samples: Result<Vec<f32>, _> = reader.samples::<i16>().map(|s| s.map(|s| f32::from(s) / 32_768.0)).collect();
    let mut samples = resample(&samples.map_err(|error| refused(&error))?, rate, sample_rate_hz)?;
    let gain = (1.0 / speaking_power(&samples, sample_rate_hz)).sqrt() as f32;
    samples.iter_mut().for_each(|sample| *sample *= gain);
    Ok(samples)
}

/// Changes the rate of a whole recording at once: its spectrum, cut off or padded with silence.
fn resample(samples: &[f32], from_hz: u32, to_hz: u32) -> Result<Vec<f32>, VoiceError> {
    // Whole hundredths of a second keep both lengths integers.
    let hundredths = samples.len() * 100 / from_hz as usize;
    let (from_length, to_length) = (hundredths * from_hz as usize / 100, hundredths * to_hz as usize / 100);
    let mut planner = RealFftPlanner::<f32>::new();
    let (forward, inverse) = (planner.plan_fft_forward(from_length), planner.plan_fft_inverse(to_length));
    let mut input = samples[..from_length].to_vec();
    let mut spectrum = forward.make_output_vec();
    forward
        .process(&mut input, &mut spectrum)
        .map_err(|error| VoiceError(error.to_string()))?;
    let mut padded = vec![Complex::default(); to_length / 2 + 1];
    let common = spectrum.len().min(padded.len()) - 1;
    padded[..common].copy_from_slice(&spectrum[..common]);
    let mut output = inverse.make_output_vec();
    inverse
        .process(&mut padded, &mut output)
        .map_err(|error| VoiceError(error.to_string()))?;
    output.iter_mut().for_each(|sample| *sample /= from_length as f32);
    Ok(output)
}

/// Mean A-weighted square of the parts that are not pauses.
fn speaking_power(samples: &[f32], sample_rate_hz: u32) -> f64 {
    let mut weighting = WeightingFilter::new(FrequencyWeighting::A, f64::from(sample_rate_hz));
    let squares: Vec<f64> = samples
        .iter()
        .map(|sample| weighting.process(f64::from(*sample)).powi(2))
        .collect();
    let parts = squares.chunks_exact(sample_rate_hz as usize / 10);
    let powers: Vec<f64> = parts.map(|part| part.iter().sum::<f64>() / part.len() as f64).collect();
    let loudest = powers.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let speaking: Vec<f64> = powers
        .into_iter()
        .filter(|power| *power > loudest * 10f64.powf(-PAUSE_DB / 10.0))
        .collect();
    speaking.iter().sum::<f64>() / speaking.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_voice_has_the_same_level_at_every_rate() {
        for rate in [44_100, 48_000, 96_000] {
            for voice in voices(rate).unwrap() {
                assert!((speaking_power(&voice, rate) - 1.0).abs() < 0.01);
                assert!(voice.len() > 5 * rate as usize, "a voice is too short to tell from a click");
            }
        }
    }

    #[test]
    fn resampling_keeps_a_tone() {
        let tone = |rate: u32| (0..rate).map(move |n| (std::f32::consts::TAU * 1000.0 * n as f32 / rate as f32).sin());
        let resampled = resample(&tone(16_000).collect::<Vec<_>>(), 16_000, 48_000).unwrap();
        assert!(resampled.iter().zip(tone(48_000)).all(|(a, b)| (a - b).abs() < 1e-3));
    }
}
