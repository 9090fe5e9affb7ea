//! The ends of the rings that the rest of the daemon holds.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use habitat_dsp::{Parameters, Report, ReportSink};
use ringbuf::{
    HeapCons, HeapProd, HeapRb,
    traits::{Consumer, Observer, Producer},
    wrap::direct::Obs,
};

use crate::Counters;

/// Where a backend puts what the microphones hear: interleaved frames, one channel per microphone.
pub struct CaptureEnd {
    pub(crate) ring: HeapProd<f32>,
    pub(crate) channels: usize,
    pub(crate) ended: Arc<AtomicBool>,
    pub(crate) counters: Arc<Counters>,
}

impl CaptureEnd {
    /// Puts whole frames in; what does not fit is lost and counted.
    pub fn push(&mut self, samples: &[f32]) {
        let frames = samples.len() / self.channels.max(1);
        let room = self.ring.vacant_len() / self.channels.max(1);
        let taken = frames.min(room);
        self.ring.push_slice(&samples[..taken * self.channels]);
        if taken < frames {
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
}

impl PlaybackEnd {
    /// Fills `samples` with whole frames; what is not there yet is silence and counted.
    pub fn pop(&mut self, samples: &mut [f32]) {
        let available = self.ring.occupied_len().min(samples.len()) / self.channels.max(1) * self.channels;
        let (present, missing) = samples.split_at_mut(available);
        self.ring.pop_slice(present);
        missing.fill(0.0);
        if !missing.is_empty() {
            self.counters
                .output_frames_missing
                .add((missing.len() / self.channels.max(1)) as u64);
        }
    }

    /// Frames that are waiting.
    pub fn available_frames(&self) -> usize {
        self.ring.occupied_len() / self.channels.max(1)
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
