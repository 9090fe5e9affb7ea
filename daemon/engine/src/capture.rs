//! The engine's end of an input device.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use ringbuf::{
    HeapCons,
    traits::{Consumer, Observer},
};

use crate::{
    CaptureEnd, DeviceWiring, Wiring,
    counters::Counters,
    link::DeviceLink,
    playback::LONGEST_SILENCE,
    rate_match::{RateMatch, Whole},
    rings::sample_ring,
    stopwatch::Stopwatch,
};

/// Blocks beyond these that are too many to be caught up with: they are left out.
const EXCESS_BLOCKS: usize = 4;

/// One input device.
pub(crate) struct CaptureLane {
    ring: HeapCons<f32>,
    pub(crate) link: DeviceLink,
    /// Microphone of each channel.
    pub(crate) microphones: Vec<usize>,
    /// Devices with the same number have one clock.
    pub(crate) clock: usize,
    matched: Option<RateMatch>,
    samples: Vec<f32>,
    block: Vec<f32>,
    rate_hz: f64,
    counters: Arc<Counters>,
    /// Whether it has its microphones heard, as was last told to the engine.
    pub(crate) present: bool,
    /// Enough waits for it to have begun.
    begun: bool,
}

impl CaptureLane {
    /// Both ends of the ring of a device.
    pub(crate) fn connect(
        device: &DeviceWiring,
        wiring: &Wiring,
        stopwatch: Stopwatch,
        counters: &Arc<Counters>,
        ended: &Arc<AtomicBool>,
    ) -> (Self, CaptureEnd) {
        let (block_frames, channels) = (wiring.block_frames, device.channels.len());
        let (end, ring) = sample_ring(block_frames, channels);
        let link = DeviceLink::new(stopwatch, wiring.sample_rate_hz, channels);
        let matched = RateMatch::between(Whole::Output, wiring, channels);
        let most_frames = matched.as_ref().map_or(0, RateMatch::most_frames);
        let lane = CaptureLane {
            ring,
            link: link.clone(),
            microphones: device.channels.clone(),
            clock: device.clock,
            matched,
            samples: vec![0.0; most_frames * channels],
            block: vec![0.0; block_frames * channels],
            rate_hz: f64::from(wiring.sample_rate_hz),
            counters: counters.clone(),
            present: true,
            begun: false,
        };
        let end = CaptureEnd {
            ring: end,
            channels,
            ended: ended.clone(),
            counters: counters.clone(),
            link,
        };
        (lane, end)
    }

    pub(crate) fn channels(&self) -> usize {
        self.microphones.len()
    }

    /// Whether it has channels and runs.
    pub(crate) fn runs(&self) -> bool {
        self.channels() > 0 && self.link.is_running()
    }

    /// Frames that wait.
    pub(crate) fn waiting(&self) -> usize {
        self.ring.occupied_len().checked_div(self.channels()).unwrap_or(0)
    }

    /// Forgets what is left of a device that is gone.
    pub(crate) fn drain(&mut self) {
        self.ring.clear();
        self.begun = false;
        self.link.forget_waiting();
        self.matched.iter_mut().for_each(RateMatch::restart);
    }

    /// Whether it can give a block of the engine's, which follows the clock of the given number.
    pub(crate) fn has_block(&mut self, block_frames: usize, clock: usize) -> bool {
        let waiting = self.waiting();
        match self.matched.as_ref().filter(|_| self.clock != clock) {
            Some(matched) => {
                self.begun = if self.begun {
                    waiting >= matched.input_frames()
                } else {
                    waiting >= self.link.target_frames(block_frames)
                };
                self.begun
            }
            None => waiting >= block_frames,
        }
    }

    /// Puts a block of its channels, which it has, into those of all microphones.
    pub(crate) fn give(&mut self, input: &mut [f32], microphones: usize, clock: usize, now: Duration) {
        let channels = self.channels();
        let block_frames = input.len() / microphones.max(1);
        let block_samples = block_frames * channels;
        if self.matched.is_some() && self.clock != clock {
            self.give_matched(block_frames, now);
        } else {
            let block = self.block.get_mut(..block_samples).unwrap_or_default();
            self.ring.pop_slice(block);
            self.link.set_drift_ppm(None);
        }
        let waiting_s = self.waiting_now(now) / self.rate_hz;
        self.link.waits(waiting_s, block_frames as f64 / self.rate_hz);
        self.spread(input, microphones);
    }

    /// Frames that wait. Between two callbacks the device goes on: what it has captured meanwhile counts as if it were there.
    fn waiting_now(&self, now: Duration) -> f64 {
        let since = self.link.moved().ago(now, LONGEST_SILENCE).as_secs_f64();
        self.waiting() as f64 + since * self.rate_hz
    }

    /// Puts silence where its microphones would be.
    pub(crate) fn give_silence(&self, input: &mut [f32], microphones: usize) {
        for frame in input.chunks_exact_mut(microphones) {
            self.microphones.iter().for_each(|microphone| frame[*microphone] = 0.0);
        }
    }

    /// Puts what is left of a stream, so many frames, into the channels of all microphones.
    pub(crate) fn give_rest(&mut self, frames: usize, input: &mut [f32], microphones: usize) {
        let rest = self.block.get_mut(..frames * self.microphones.len()).unwrap_or_default();
        self.ring.pop_slice(rest);
        self.spread(input, microphones);
    }

    /// Whether a device with another clock than the one that is followed has just begun: it is not waited for.
    pub(crate) fn is_beginning(&self, clock: usize) -> bool {
        self.matched.is_some() && self.clock != clock && !self.begun
    }

    fn spread(&self, input: &mut [f32], microphones: usize) {
        let frames = input
            .chunks_exact_mut(microphones)
            .zip(self.block.chunks_exact(self.channels()));
        for (frame, samples) in frames {
            for (microphone, sample) in self.microphones.iter().zip(samples) {
                frame[*microphone] = *sample;
            }
        }
    }

    fn give_matched(&mut self, block_frames: usize, now: Duration) {
        let channels = self.channels();
        let waiting = self.waiting();
        let excess = waiting.saturating_sub(self.link.target_frames(block_frames) + EXCESS_BLOCKS * block_frames);
        if excess > 0 {
            let skipped = self.ring.skip((excess + EXCESS_BLOCKS * block_frames) * channels) / channels;
            self.link.lose(skipped as u64);
            self.counters.input_frames_lost.add(skipped as u64);
        }
        let waiting = self.waiting_now(now);
        let Some(matched) = &mut self.matched else { return };
        matched.observe(waiting - self.link.target_frames(block_frames) as f64);
        let needed = self.samples.get_mut(..matched.input_frames() * channels).unwrap_or_default();
        let taken = self.ring.pop_slice(needed);
        needed[taken..].fill(0.0);
        let block = self.block.get_mut(..block_frames * channels).unwrap_or_default();
        matched.process(needed, block);
        self.link.set_drift_ppm(Some(matched.drift_ppm()));
    }
}
