//! What the microphones hear: noise and a voice.

use std::sync::OnceLock;

use crate::site::RATE;

/// Reproducible white noise, −1 to 1.
pub fn noise(frame: usize, channel: usize) -> f32 {
    let mut x = (frame as u64 * 8 + channel as u64).wrapping_add(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((x ^ (x >> 31)) >> 40) as f32 / 8_388_608.0 - 1.0
}

/// Somebody reads aloud, without end; `amplitude` 1 is full scale of the recording.
pub fn voice(frame: usize, amplitude: f32) -> f32 {
    static SAMPLES: OnceLock<(Vec<f32>, f64)> = OnceLock::new();
    let (samples, rate) = SAMPLES.get_or_init(|| {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../daemon/sounds/anna.wav");
        let mut wav = hound::WavReader::open(path).unwrap();
        let samples = wav
            .samples::<i16>()
            .map(|sample| f32::from(sample.unwrap()) / 32_768.0)
            .collect();
        (samples, f64::from(wav.spec().sample_rate))
    });
    let position = frame as f64 * rate / f64::from(RATE);
    let (index, share) = (position as usize % samples.len(), position.fract() as f32);
    let next = samples[(index + 1) % samples.len()];
    amplitude * (samples[index] + share * (next - samples[index]))
}
