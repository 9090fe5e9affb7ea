//! One microphone, six loudspeakers and a talker in a room, with everything known apart: what a canceller is measured on.
//!
//! Works at the canceller's own sampling rate, a fifth of a second at a time.

use std::sync::Arc;

use habitat_dsp::{
    masking::{NoiseGenerator, NoiseShape},
    spectrum::BAND_COUNT,
};
use realfft::{RealFftPlanner, RealToComplex};

use crate::{
    rooms::{Convolution, Drift, Room, RoomKind},
    sounds::{level::level_db, voice::Voice},
};

/// Frames per second.
pub const RATE_HZ: f64 = 16_000.0;

/// Frames of a block.
pub const BLOCK: usize = 3200;

/// Masking at the microphone, dB(A).
pub const MASKING_DB: f64 = 46.0;

/// Where somebody sits and talks.
const TALKER: [f64; 3] = [3.1, 8.0, 1.2];

/// The generator's amplitude, and the mean square of what it makes: noise of 0 dBFS has 1/2.
const AMPLITUDE: f32 = 0.05;
const MEAN_SQUARE: f64 = 0.5 * (AMPLITUDE * AMPLITUDE) as f64;

/// The masking's third-octave levels: −5 dB per octave, 100 Hz-8 kHz.
pub fn minus5() -> [f64; BAND_COUNT] {
    core::array::from_fn(|band| {
        if (6..=25).contains(&band) {
            -5.0 / 3.0 * band as f64
        } else {
            f64::NEG_INFINITY
        }
    })
}

/// What may be different from block to block.
#[derive(Clone, Copy, Debug)]
pub struct Situation {
    /// Ventilation, dB(A).
    pub ventilation_db: f64,
    /// Speech, dB(A) over its active parts; `None` when nobody talks.
    pub speech_db: Option<f64>,
    /// Gain of each loudspeaker.
    pub gains: [f32; 6],
    /// By how much the capture clock runs faster than the playback clock, parts per million.
    pub drift_ppm: f64,
}

impl Default for Situation {
    fn default() -> Self {
        Situation {
            ventilation_db: 28.0,
            speech_db: None,
            gains: [1.0; 6],
            drift_ppm: 0.0,
        }
    }
}

/// One block of everything.
pub struct Block {
    /// What each loudspeaker plays.
    pub played: Vec<Vec<f32>>,
    /// Our own sound at the microphone, units of 20 µPa.
    pub own: Vec<f32>,
    /// Everything else there.
    pub ambient: Vec<f32>,
}

impl Block {
    /// What the microphone hears.
    pub fn heard(&self) -> Vec<f32> {
        self.own
            .iter()
            .zip(&self.ambient)
            .map(|(own, ambient)| own + ambient)
            .collect()
    }
}

/// The scene.
pub struct EchoScene {
    room: Room,
    shape: NoiseShape,
    loudspeakers: Vec<NoiseGenerator>,
    ventilation: NoiseGenerator,
    paths: Vec<Convolution>,
    scale: f32,
    drift: Drift,
    speech: Vec<f32>,
    spoken: usize,
}

impl EchoScene {
    /// A room with masking of [`MASKING_DB`] at the microphone.
    pub fn new(kind: RoomKind, seed: u64) -> Self {
        let room = Room::new(kind);
        let mut shape = NoiseShape::new(RATE_HZ, &minus5());
        let generator = |n: u64, shape: &mut NoiseShape| NoiseGenerator::new(seed * 100 + n, shape);
        let loudspeakers = (0..6).map(|n| generator(n, &mut shape)).collect();
        let ventilation = generator(50, &mut shape);
        let mut scene = EchoScene {
            room,
            loudspeakers,
            ventilation,
            shape,
            paths: Vec::new(),
            scale: 1.0,
            drift: Drift::default(),
            speech: speech(&room),
            spoken: 0,
        };
        scene.set_room(room);
        let own: Vec<f32> = (0..100).flat_map(|_| scene.block(&Situation::default()).own).collect();
        scene.scale = 10f64.powf((MASKING_DB - level_db(&own[16_000..], RATE_HZ)) / 20.0) as f32;
        scene.set_room(room);
        scene
    }

    /// People and furniture move: a share of the reflections arrives on other ways from now on.
    pub fn move_furniture(&mut self, share: f64, seed: u64) {
        self.set_room(self.room.with_moved_reflections(share, seed));
    }

    /// Mean square of the masking in the air, 1 m from a loudspeaker, units of (20 µPa)², re that of what it plays.
    pub fn power_per_played(&self) -> f64 {
        f64::from(self.scale).powi(2)
    }

    /// The next block.
    pub fn block(&mut self, situation: &Situation) -> Block {
        let mut own = vec![0.0; BLOCK];
        let mut played = Vec::new();
        for ((generator, path), gain) in self.loudspeakers.iter_mut().zip(&mut self.paths).zip(situation.gains) {
            let mut samples = vec![0.0; BLOCK];
            generator.render(&mut self.shape, &mut samples, (AMPLITUDE * gain, AMPLITUDE * gain));
            path.add(&samples, &mut own);
            played.push(samples);
        }
        let own = self.drift.take(own, situation.drift_ppm);
        let mut ambient = vec![0.0; BLOCK];
        self.ventilation.render(&mut self.shape, &mut ambient, (AMPLITUDE, AMPLITUDE));
        let gain = (10f64.powf(situation.ventilation_db / 10.0) / MEAN_SQUARE).sqrt() as f32;
        ambient.iter_mut().for_each(|sample| *sample *= gain);
        if let Some(speech_db) = situation.speech_db {
            let gain = 10f64.powf(speech_db / 20.0) as f32;
            for sample in &mut ambient {
                *sample += gain * self.speech[self.spoken];
                self.spoken = (self.spoken + 1) % self.speech.len();
            }
        }
        Block { played, own, ambient }
    }

    fn set_room(&mut self, room: Room) {
        let responses = Room::LOUDSPEAKERS.iter().map(|from| {
            let mut response = room.response(*from, Room::MICROPHONE, RATE_HZ);
            response.iter_mut().for_each(|sample| *sample *= self.scale);
            response
        });
        if self.paths.is_empty() {
            self.paths = responses.map(|response| Convolution::new(&response, BLOCK)).collect();
        } else {
            self.paths
                .iter_mut()
                .zip(responses)
                .for_each(|(path, response)| path.set_response(&response));
        }
    }
}

/// The four voices one after the other, as they arrive at the microphone, each 0 dB(A) in its loud parts.
fn speech(room: &Room) -> Vec<f32> {
    let mut dry: Vec<f32> = (0..4).flat_map(|voice| Voice::new(voice, 1.0, RATE_HZ).samples).collect();
    dry.resize(dry.len() / BLOCK * BLOCK, 0.0);
    let mut path = Convolution::new(&room.response(TALKER, Room::MICROPHONE, RATE_HZ), BLOCK);
    let mut wet = vec![0.0; dry.len()];
    for (dry, wet) in dry.chunks(BLOCK).zip(wet.chunks_mut(BLOCK)) {
        path.add(dry, wet);
    }
    let level = level_db(&wet, RATE_HZ);
    wet.iter_mut().for_each(|sample| *sample *= 10f64.powf(-level / 20.0) as f32);
    wet
}

/// Echo return loss enhancement: own sound before, re after, 150 Hz-7 kHz, from Hann-windowed spectra.
pub struct Erle {
    fft: Arc<dyn RealToComplex<f32>>,
    before: f64,
    after: f64,
}

impl Default for Erle {
    fn default() -> Self {
        Erle {
            fft: RealFftPlanner::new().plan_fft_forward(BLOCK),
            before: 0.0,
            after: 0.0,
        }
    }
}

impl Erle {
    /// Counts a block: `residual` is what a canceller left of [`Block::heard`].
    pub fn count(&mut self, block: &Block, residual: &[f32]) {
        let left: Vec<f32> = residual
            .iter()
            .zip(&block.ambient)
            .map(|(residual, ambient)| residual - ambient)
            .collect();
        self.before += self.power(&block.own);
        self.after += self.power(&left);
    }

    /// The enhancement so far, dB; begins anew.
    pub fn take_db(&mut self) -> f64 {
        let db = 10.0 * (self.before / self.after.max(f64::MIN_POSITIVE)).log10();
        (self.before, self.after) = (0.0, 0.0);
        db
    }

    fn power(&self, samples: &[f32]) -> f64 {
        let mut windowed = self.fft.make_input_vec();
        for (n, (slot, sample)) in windowed.iter_mut().zip(samples).enumerate() {
            *slot = sample * (0.5 - 0.5 * (core::f32::consts::TAU * n as f32 / BLOCK as f32).cos());
        }
        let mut spectrum = self.fft.make_output_vec();
        self.fft.process(&mut windowed, &mut spectrum).expect("lengths agree");
        let bin = |hz: f64| (hz * BLOCK as f64 / RATE_HZ) as usize;
        spectrum[bin(150.0)..bin(7000.0)]
            .iter()
            .map(|bin| f64::from(bin.norm_sqr()))
            .sum()
    }
}
