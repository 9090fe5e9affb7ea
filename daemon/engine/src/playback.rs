//! The engine's end of an output device.

use std::{sync::Arc, time::Duration};

use ringbuf::{
    HeapProd,
    traits::{Observer, Producer},
};

use crate::{
    DeviceWiring, PlaybackEnd, Wiring,
    counters::Counters,
    gate::Gate,
    link::DeviceLink,
    rate_match::{RateMatch, Whole},
    rings::{RING_BLOCKS, sample_ring},
    stopwatch::Stopwatch,
};

/// A device that has not moved for so long has stalled: it does not go on meanwhile.
pub(crate) const LONGEST_SILENCE: Duration = Duration::from_millis(200);

/// A device is late when it has not moved for so many times as long as what it moves at once lasts.
const LATE: f64 = 2.0;

/// Blocks beyond these are not given to a device that has stalled: a mute would be heard too late.
const EXCESS_BLOCKS: usize = 3;

/// One output device.
pub(crate) struct PlaybackLane {
    ring: HeapProd<f32>,
    pub(crate) link: DeviceLink,
    /// Loudspeaker of each channel.
    loudspeakers: Vec<usize>,
    /// Devices with the same number have one clock.
    pub(crate) clock: usize,
    matched: Option<RateMatch>,
    samples: Vec<f32>,
    block: Vec<f32>,
    rate_hz: f64,
    /// What it is to begin with has been put in.
    begun: bool,
    /// Whether a device that does not take what it is given gets no more.
    limited: bool,
    counters: Arc<Counters>,
}

impl PlaybackLane {
    /// Both ends of the ring of a device. Where the lane is `limited`, a device that does not take what it is given gets no more.
    pub(crate) fn connect(
        device: &DeviceWiring,
        wiring: &Wiring,
        stopwatch: Stopwatch,
        counters: &Arc<Counters>,
        limited: bool,
    ) -> (Self, PlaybackEnd) {
        let (block_frames, channels) = (wiring.block_frames, device.channels.len());
        let (ring, end) = sample_ring(block_frames, channels);
        let link = DeviceLink::new(stopwatch, wiring.sample_rate_hz, channels);
        let matched = RateMatch::between(Whole::Input, wiring, channels);
        let most_frames = matched.as_ref().map_or(0, RateMatch::most_frames);
        let lane = PlaybackLane {
            ring,
            link: link.clone(),
            loudspeakers: device.channels.clone(),
            clock: device.clock,
            matched,
            samples: vec![0.0; most_frames * channels],
            block: vec![0.0; block_frames * channels],
            rate_hz: f64::from(wiring.sample_rate_hz),
            begun: false,
            limited,
            counters: counters.clone(),
        };
        let end = PlaybackEnd {
            ring: end,
            channels,
            counters: counters.clone(),
            link,
            block_frames,
            primes: false,
            fade_frames: 0,
            faded_frames: 0,
            gate: Gate::new(channels, RING_BLOCKS * block_frames, wiring.sample_rate_hz),
        };
        (lane, end)
    }

    pub(crate) fn channels(&self) -> usize {
        self.loudspeakers.len()
    }

    /// Whether it has channels and runs.
    pub(crate) fn runs(&self) -> bool {
        self.channels() > 0 && self.link.is_running()
    }

    /// Whether it has taken something of late. One that has stalled must not hold up the others.
    pub(crate) fn moves(&self, now: Duration) -> bool {
        self.link.moved().ago(now, 2 * LONGEST_SILENCE) < LONGEST_SILENCE
    }

    /// Whether it should have taken something by now.
    pub(crate) fn is_late(&self, now: Duration) -> bool {
        let usual_s = self.link.most_at_once() as f64 / self.rate_hz;
        self.link.moved().ago(now, LONGEST_SILENCE).as_secs_f64() > LATE * usual_s
    }

    /// Whether its next callback finds too little, although it is served already.
    pub(crate) fn runs_dry(&self) -> bool {
        self.begun && self.ready() < self.link.most_at_once()
    }

    /// Frames that are ready.
    pub(crate) fn ready(&self) -> usize {
        self.ring.occupied_len().checked_div(self.channels()).unwrap_or(0)
    }

    /// Forgets the device that is gone.
    pub(crate) fn pause(&mut self) {
        self.begun = false;
        self.link.forget_waiting();
        self.matched.iter_mut().for_each(RateMatch::restart);
    }

    /// Silences the channels whose loudspeakers are muted, also what was given for them before.
    pub(crate) fn mute(&self, is_muted: impl Fn(usize) -> bool) {
        for (channel, loudspeaker) in self.loudspeakers.iter().enumerate() {
            self.link.set_muted(channel, is_muted(*loudspeaker));
        }
    }

    /// Takes its channels from a block of all loudspeakers. The engine follows the clock of the given number.
    pub(crate) fn take(&mut self, output: &[f32], loudspeakers: usize, clock: usize, now: Duration) {
        let channels = self.channels();
        let block_frames = output.len() / loudspeakers.max(1);
        let frames = output.chunks_exact(loudspeakers).zip(self.block.chunks_exact_mut(channels));
        for (frame, samples) in frames {
            for (loudspeaker, sample) in self.loudspeakers.iter().zip(samples) {
                *sample = frame[*loudspeaker];
            }
        }
        let begins = !std::mem::replace(&mut self.begun, true);
        if self.matched.is_some() && self.clock != clock && begins {
            // With as much as is to wait on average, else the loop would take minutes to catch up.
            let missing = self.link.target_frames(block_frames).saturating_sub(self.ready());
            (0..missing * channels).for_each(|_| {
                let _ = self.ring.try_push(0.0);
            });
        }
        let block = self.block.get(..block_frames * channels).unwrap_or_default();
        let ready = self.ring.occupied_len() / channels;
        // Between two callbacks the device goes on: what it has played meanwhile counts as if it were gone.
        let since = self.link.moved().ago(now, LONGEST_SILENCE).as_secs_f64();
        let ready_now = ready as f64 - since * self.rate_hz;
        self.link.waits(ready_now / self.rate_hz, block_frames as f64 / self.rate_hz);
        if self.limited && ready >= self.link.target_frames(block_frames) + EXCESS_BLOCKS * block_frames {
            self.link.lose(block_frames as u64);
            self.counters.output_frames_lost.add(block_frames as u64);
            return;
        }
        let samples = match self.matched.as_mut().filter(|_| self.clock != clock) {
            Some(matched) => {
                matched.observe(ready_now - self.link.target_frames(block_frames) as f64);
                let written = matched.process(block, &mut self.samples);
                self.link.set_drift_ppm(Some(matched.drift_ppm()));
                self.samples.get(..written * channels).unwrap_or_default()
            }
            None => {
                self.link.set_drift_ppm(None);
                block
            }
        };
        let taken = self.ring.push_slice(samples);
        let lost = (samples.len() - taken) / channels;
        if lost > 0 {
            self.link.lose(lost as u64);
            self.counters.output_frames_lost.add(lost as u64);
        }
    }
}
