//! The ends of the rings that the rest of the daemon holds.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use habitat_dsp::{Parameters, Report, ReportSink};
use ringbuf::{
    HeapCons, HeapProd, HeapRb,
    traits::{Consumer, Observer, Producer, Split},
    wrap::direct::Obs,
};

use crate::{Counters, DeviceLink, gate::Gate};

/// Room in the sample rings, blocks: rides out a pause of the backend of some hundred milliseconds.
pub(crate) const RING_BLOCKS: usize = 16;

/// A device that comes back fades in over this range, linear in dB.
const FADE_IN_DB: f32 = 40.0;

/// The ring of a device with so many channels.
pub(crate) fn sample_ring(block_frames: usize, channels: usize) -> (HeapProd<f32>, HeapCons<f32>) {
    HeapRb::new((block_frames * channels * RING_BLOCKS).max(1)).split()
}

/// Where a backend puts what the microphones hear: interleaved frames, one channel per microphone.
pub struct CaptureEnd {
    pub(crate) ring: HeapProd<f32>,
    pub(crate) channels: usize,
    pub(crate) ended: Arc<AtomicBool>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) link: DeviceLink,
}

impl CaptureEnd {
    /// What both sides know of the device.
    pub fn link(&self) -> &DeviceLink {
        &self.link
    }

    /// Puts whole frames in; what does not fit is lost and counted.
    pub fn push(&mut self, samples: &[f32]) {
        let frames = samples.len() / self.channels.max(1);
        let room = self.ring.vacant_len() / self.channels.max(1);
        let taken = frames.min(room);
        self.ring.push_slice(&samples[..taken * self.channels]);
        self.link.moves(frames);
        if taken < frames {
            self.link.lose((frames - taken) as u64);
            self.counters.input_frames_lost.add((frames - taken) as u64);
        }
    }

    /// Says that no more input will come.
    pub fn end(&self) {
        self.ended.store(true, Ordering::Release);
    }
}

/// Where a backend takes what the loudspeakers play: interleaved frames, one channel per loudspeaker.
pub struct PlaybackEnd {
    pub(crate) ring: HeapCons<f32>,
    pub(crate) channels: usize,
    pub(crate) counters: Arc<Counters>,
    pub(crate) link: DeviceLink,
    pub(crate) block_frames: usize,
    /// Whether it waits until enough is ready.
    pub(crate) primes: bool,
    /// Frames of a fade-in, and how many of them have been played.
    pub(crate) fade_frames: usize,
    pub(crate) faded_frames: usize,
    pub(crate) gate: Gate,
}

impl PlaybackEnd {
    /// What both sides know of the device.
    pub fn link(&self) -> &DeviceLink {
        &self.link
    }

    /// A device begins anew: what was meant for the one before is forgotten, and it begins when enough is ready, fading in over some
    /// frames.
    pub fn restart(&mut self, fade_frames: usize) {
        self.ring.clear();
        self.primes = true;
        (self.fade_frames, self.faded_frames) = (fade_frames, 0);
    }

    /// Fills `samples` with whole frames; what is not there yet is silence and counted.
    pub fn pop(&mut self, samples: &mut [f32]) {
        self.link.moves(samples.len().checked_div(self.channels).unwrap_or(0));
        if self.primes {
            self.primes = self.available_frames() < self.link.ready_frames(self.block_frames);
            if self.primes {
                samples.fill(0.0);
                return;
            }
        }
        let available = self.ring.occupied_len().min(samples.len()) / self.channels.max(1) * self.channels;
        let (present, missing) = samples.split_at_mut(available);
        self.ring.pop_slice(present);
        missing.fill(0.0);
        if !missing.is_empty() {
            let frames = (missing.len() / self.channels.max(1)) as u64;
            self.link.lose(frames);
            self.counters.output_frames_missing.add(frames);
        }
        self.fade_in(samples);
        self.gate.pass(samples, &self.link);
    }

    fn fade_in(&mut self, samples: &mut [f32]) {
        for frame in samples.chunks_exact_mut(self.channels.max(1)) {
            if self.faded_frames >= self.fade_frames {
                return;
            }
            let missing = 1.0 - self.faded_frames as f32 / self.fade_frames as f32;
            let gain = 10f32.powf(-FADE_IN_DB / 20.0 * missing);
            frame.iter_mut().for_each(|sample| *sample *= gain);
            self.faded_frames += 1;
        }
    }

    /// Frames that are waiting.
    pub fn available_frames(&self) -> usize {
        self.ring.occupied_len().checked_div(self.channels).unwrap_or(0)
    }
}

/// Changes the engine's parameters; it sees the newest at its next block.
pub struct ParameterWriter {
    pub(crate) buffer: triple_buffer::Input<Parameters>,
}

impl ParameterWriter {
    /// Hands over new parameters for the same zones.
    pub fn write(&mut self, parameters: &Parameters) {
        self.buffer.input_buffer_mut().copy_from(parameters);
        self.buffer.publish();
    }
}

/// Takes what the engine reports.
pub struct ReportReader {
    pub(crate) ring: HeapCons<Report>,
}

impl ReportReader {
    /// The next report.
    pub fn take(&mut self) -> Option<Report> {
        self.ring.try_pop()
    }
}

/// Shows how full the report ring is, to a source of samples that can wait.
pub struct ReportGauge {
    pub(crate) ring: Obs<Arc<HeapRb<Report>>>,
}

impl ReportGauge {
    /// Whether the ring is at least half full: a source that can wait should.
    pub fn half_full(&self) -> bool {
        self.ring.occupied_len() * 2 >= self.ring.capacity().get()
    }
}

/// The engine's end of the report ring.
pub(crate) struct ReportWriter {
    pub(crate) ring: HeapProd<Report>,
    pub(crate) counters: Arc<Counters>,
}

impl ReportSink for ReportWriter {
    fn report(&mut self, report: Report) {
        if self.ring.try_push(report).is_err() {
            self.counters.reports_lost.add(1);
        }
    }
}
