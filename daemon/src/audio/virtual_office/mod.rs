//! A built-in office: talkers with recorded voices, ventilation, and loudspeakers that reach the microphones by the layout's
//! own acoustics.
//!
//! It stands where the devices stand otherwise: it plays to the microphones what the room would, including what the
//! loudspeakers played before, one block later and as long as sound takes to get there.

mod pace;
mod paths;
mod talkers;
mod ventilation;
mod voice;

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

use habitat_config::Site;
use habitat_engine::{CaptureEnd, PlaybackEnd};
use habitat_layout::acoustics::Acoustics;

use paths::LoudspeakerPaths;
use talkers::Talkers;
use ventilation::Ventilation;
pub use voice::VoiceError;

/// The room between loudspeakers and microphones, block by block.
pub struct Room {
    block_frames: usize,
    loudspeakers: LoudspeakerPaths,
    talkers: Talkers,
    ventilation: Ventilation,
    microphone_gains: Vec<f32>,
}

impl Room {
    /// The office of a layout. The same seed gives the same day.
    ///
    /// # Errors
    /// When a voice cannot be read, which the tests rule out.
    pub fn new(site: &Site, acoustics: &Acoustics, seed: u64) -> Result<Self, VoiceError> {
        let rate = site.audio.sample_rate_hz;
        // Samples per unit of 20 µPa: what a real microphone would make of the pressure.
        let gains = site
            .plan
            .microphones
            .iter()
            .map(|m| 1.0 / habitat_dsp::units::pressure_per_sample(m.sensitivity_dbfs));
        Ok(Room {
            block_frames: site.audio.block_frames as usize,
            loudspeakers: LoudspeakerPaths::new(site, acoustics),
            talkers: Talkers::new(site, seed)?,
            ventilation: Ventilation::new(site.plan.microphones.len(), f64::from(rate), seed),
            microphone_gains: gains.map(|gain| gain as f32).collect(),
        })
    }

    /// What the microphones hear while the loudspeakers play `played`; both interleaved.
    pub fn hear(&mut self, played: &[f32], heard: &mut [f32]) {
        heard.fill(0.0);
        self.loudspeakers.add(played, heard, self.block_frames);
        self.talkers.add(heard, self.block_frames);
        self.ventilation.add(heard);
        for frame in heard.chunks_exact_mut(self.microphone_gains.len().max(1)) {
            frame
                .iter_mut()
                .zip(&self.microphone_gains)
                .for_each(|(sample, gain)| *sample *= gain);
        }
    }
}

/// The running office.
pub struct Office {
    thread: JoinHandle<()>,
    stop: Arc<AtomicBool>,
}

impl Office {
    /// Opens the office in real time.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn open(mut room: Room, site: &Site, mut capture: CaptureEnd, mut playback: PlaybackEnd) -> io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let frames = site.audio.block_frames as usize;
        let mut played = vec![0f32; frames * site.plan.loudspeakers.len()];
        let mut heard = vec![0f32; frames * site.plan.microphones.len()];
        let mut pace = pace::Pace::new(frames, site.audio.sample_rate_hz);
        let work = move || {
            while !stopped.load(Ordering::Acquire) {
                playback.pop(&mut played);
                room.hear(&played, &mut heard);
                capture.push(&heard);
                pace.wait();
            }
        };
        let thread = std::thread::Builder::new().name("virtual-office".into()).spawn(work)?;
        Ok(Office { thread, stop })
    }

    /// Closes the office.
    pub fn close(self) {
        self.stop.store(true, Ordering::Release);
        if self.thread.join().is_err() {
            tracing::error!("the virtual office ended by a panic");
        }
    }
}
