//! From loudspeakers to microphones: each path is one arrival, as late and as loud as the layout says.

use habitat_config::Site;
use habitat_layout::acoustics::Acoustics;

use crate::engine::setup::masking_power;

/// One path.
struct Path {
    loudspeaker: usize,
    microphone: usize,
    delay_frames: usize,
    /// Pressure in units of 20 µPa per sample.
    gain: f32,
}

/// All paths, and what the loudspeakers have played lately.
pub struct LoudspeakerPaths {
    paths: Vec<Path>,
    loudspeakers: usize,
    microphones: usize,
    history: Vec<Vec<f32>>,
    position: usize,
}

impl LoudspeakerPaths {
    /// The paths of a site.
    pub fn new(site: &Site, acoustics: &Acoustics) -> Self {
        let rate = f64::from(site.audio.sample_rate_hz);
        let mut paths = Vec::new();
        for (microphone, couplings) in acoustics.loudspeaker_to_microphone.iter().enumerate() {
            for coupling in couplings {
                let loudspeaker = &site.plan.loudspeakers[coupling.source];
                // A full-scale sine has the mean square 1/2 and gives the rated output at 1 m.
                let pressure_at_1_m = 10f64.powf(loudspeaker.output_db_spl / 20.0) / 0.5f64.sqrt();
                paths.push(Path {
                    loudspeaker: coupling.source,
                    microphone,
                    delay_frames: (coupling.delay_s * rate) as usize,
                    gain: (pressure_at_1_m * masking_power(site, coupling).sqrt()) as f32,
                });
            }
        }
        let longest = paths.iter().map(|path| path.delay_frames).max().unwrap_or(0);
        let length = (longest + site.audio.block_frames as usize + 1).next_power_of_two();
        LoudspeakerPaths {
            paths,
            loudspeakers: site.plan.loudspeakers.len(),
            microphones: site.plan.microphones.len(),
            history: vec![vec![0.0; length]; site.plan.loudspeakers.len()],
            position: 0,
        }
    }

    /// Adds what arrives during the block in which `played` is played.
    pub fn add(&mut self, played: &[f32], heard: &mut [f32], frames: usize) {
        for (channel, history) in self.history.iter_mut().enumerate() {
            let mask = history.len() - 1;
            for (frame, sample) in played.iter().skip(channel).step_by(self.loudspeakers).enumerate() {
                history[(self.position + frame) & mask] = *sample;
            }
        }
        for path in &self.paths {
            let history = &self.history[path.loudspeaker];
            let mask = history.len() - 1;
            let begin = self.position.wrapping_sub(path.delay_frames);
            let slots = heard.iter_mut().skip(path.microphone).step_by(self.microphones);
            for (frame, slot) in slots.enumerate().take(frames) {
                *slot += path.gain * history[begin.wrapping_add(frame) & mask];
            }
        }
        self.position = self.position.wrapping_add(frames);
    }
}
