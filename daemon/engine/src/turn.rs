//! One turn of the engine: a block in, a block out, nothing that waits.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use habitat_dsp::{Engine, Parameters};

use crate::{Counters, capture::CaptureLane, playback::PlaybackLane, rings::ReportWriter, stopwatch::Stopwatch};

/// A live engine that finds this many input blocks waiting measures one without playing: the input clock is the faster one.
const WAITING_BLOCKS: usize = 4;

/// Who sets the pace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The input: each full block of input makes one block of output, and nothing else does.
    LockStep,
    /// The first output device that runs: it never waits for input. Without one it is the first input device, without any the time.
    Live,
}

/// What a turn did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// A block was processed; there may be more to do.
    Processed,
    /// Nothing to do yet.
    Idle,
    /// The input has ended and everything is processed.
    Finished,
}

/// The engine with its ends of the rings; belongs to the engine thread.
pub struct EngineLoop {
    pub(crate) engine: Engine,
    pub(crate) mode: Mode,
    pub(crate) block_frames: usize,
    pub(crate) block_period: Duration,
    pub(crate) microphones: usize,
    pub(crate) loudspeakers: usize,
    pub(crate) input: Vec<f32>,
    pub(crate) output: Vec<f32>,
    pub(crate) captures: Vec<CaptureLane>,
    pub(crate) playbacks: Vec<PlaybackLane>,
    pub(crate) parameters: triple_buffer::Output<Parameters>,
    pub(crate) reports: ReportWriter,
    pub(crate) input_ended: Arc<AtomicBool>,
    pub(crate) finished: bool,
    /// When the last block was processed.
    pub(crate) processed_at: Duration,
    pub(crate) stopwatch: Stopwatch,
    pub(crate) counters: Arc<Counters>,
}

impl EngineLoop {
    /// Does whatever can be done now, at most one block, without waiting, allocating or calling the kernel.
    #[cfg_attr(realtime_sanitizer, sanitize(realtime = "nonblocking"))]
    pub fn turn(&mut self) -> Turn {
        assert_no_alloc::assert_no_alloc(|| self.real_time_turn())
    }

    fn real_time_turn(&mut self) -> Turn {
        if self.finished {
            return Turn::Finished;
        }
        // Read before the ring: what was pushed before the end was announced is seen.
        let ended = self.input_ended.load(Ordering::Acquire);
        let waiting = self.captures.first().map_or(0, CaptureLane::waiting);
        // Read after the ring: parameters that were written before a block was pushed hold for it.
        if self.parameters.update() {
            self.engine.set_parameters(self.parameters.output_buffer());
            if self.mode == Mode::Live {
                let engine = &self.engine;
                self.playbacks
                    .iter()
                    .for_each(|lane| lane.mute(|loudspeaker| engine.is_muted(loudspeaker)));
            }
        }
        match self.mode {
            Mode::LockStep if waiting >= self.block_frames => self.process(true, true, 0, Duration::ZERO),
            Mode::LockStep if ended => {
                self.measure_rest(waiting);
                return Turn::Finished;
            }
            Mode::LockStep => return Turn::Idle,
            Mode::Live => return self.live_turn(),
        }
        Turn::Processed
    }

    fn live_turn(&mut self) -> Turn {
        let now = self.stopwatch.elapsed();
        self.captures
            .iter_mut()
            .filter(|lane| !lane.runs())
            .for_each(CaptureLane::drain);
        self.playbacks
            .iter_mut()
            .filter(|lane| !lane.runs())
            .for_each(PlaybackLane::pause);
        let block_frames = self.block_frames;
        let running = || self.playbacks.iter().filter(|lane| lane.runs());
        if let Some(pacer) = running().find(|lane| lane.moves(now)).or_else(|| running().next()) {
            let (ready, clock) = (pacer.ready(), pacer.clock);
            let wanted = pacer.link.ready_frames(block_frames);
            // One that has just stopped without a word still sets the pace; the others need not fall silent for it.
            let stopped = pacer.is_late(now) && running().any(PlaybackLane::runs_dry);
            let inputs_ready = self.inputs_ready(clock);
            let has_input = inputs_ready.any;
            if stopped || ready < wanted && (inputs_ready.all || ready + block_frames < wanted) {
                if !inputs_ready.all {
                    self.counters.blocks_without_input.add(1);
                }
                self.process(has_input, true, clock, now);
            } else if self.waits_too_long(clock) {
                self.process(true, false, clock, now);
            } else {
                return Turn::Idle;
            }
        } else if let Some(pacer) = self.captures.iter().find(|lane| lane.runs()) {
            let clock = pacer.clock;
            if pacer.waiting() >= block_frames {
                self.process(true, false, clock, now);
            } else {
                return Turn::Idle;
            }
        } else if now.saturating_sub(self.processed_at) >= self.block_period {
            // Nothing is heard and nothing is played, but time goes on.
            self.process(false, false, 0, now);
        } else {
            return Turn::Idle;
        }
        Turn::Processed
    }

    /// Which of the input devices that run have a block.
    fn inputs_ready(&mut self, clock: usize) -> Inputs {
        let block_frames = self.block_frames;
        let mut ready = Inputs { any: false, all: true };
        for lane in self.captures.iter_mut().filter(|lane| lane.runs()) {
            let has = lane.has_block(block_frames, clock);
            ready.any |= has;
            ready.all &= has || lane.is_beginning(clock);
        }
        // Without input there is nothing to wait for, but a device that should give it may just be late.
        ready.all &= ready.any || !self.captures.iter().any(CaptureLane::runs);
        ready
    }

    /// Whether a device on the clock that is followed has captured more than is played.
    fn waits_too_long(&self, clock: usize) -> bool {
        let mut lanes = self.captures.iter().filter(|lane| lane.runs() && lane.clock == clock);
        lanes.any(|lane| lane.waiting() >= WAITING_BLOCKS * self.block_frames)
    }

    fn process(&mut self, with_input: bool, with_output: bool, clock: usize, now: Duration) {
        self.gather(with_input, clock, now);
        let input = with_input.then_some(self.input.as_slice());
        let output = with_output.then_some(self.output.as_mut_slice());
        self.engine.process(self.block_frames, input, output, &mut self.reports);
        if with_output {
            let live = self.mode == Mode::Live;
            for lane in self
                .playbacks
                .iter_mut()
                .filter(|lane| lane.runs() || !live && lane.channels() > 0)
            {
                lane.take(&self.output, self.loudspeakers, clock, now);
            }
        }
        // Where time sets the pace it must not lag behind by how late each look was.
        let due = self.processed_at + self.block_period;
        self.processed_at = if now.saturating_sub(due) < self.block_period {
            due.min(now)
        } else {
            now
        };
        self.counters.blocks.add(1);
    }

    /// Takes a block from every input device that has one. Microphones of the others are not heard in it.
    fn gather(&mut self, with_input: bool, clock: usize, now: Duration) {
        let live = self.mode == Mode::Live;
        for lane in &mut self.captures {
            if lane.channels() == 0 {
                continue;
            }
            let has = with_input && (!live || lane.runs() && lane.has_block(self.block_frames, clock));
            if has {
                lane.give(&mut self.input, self.microphones, clock, now);
            } else if with_input {
                lane.give_silence(&mut self.input, self.microphones);
            }
            // Without any input the engine knows that nothing was heard.
            let present = has || !with_input && lane.runs();
            if live && present != lane.present {
                lane.present = present;
                lane.microphones
                    .iter()
                    .for_each(|microphone| self.engine.set_present(*microphone, present));
            }
        }
    }

    /// The last, partial block of a stream is measured, and nothing is written for it.
    fn measure_rest(&mut self, frames: usize) {
        if frames > 0
            && let Some(lane) = self.captures.first_mut()
        {
            lane.give_rest(frames, &mut self.input, self.microphones);
            let rest = self.input.get(..frames * self.microphones).unwrap_or_default();
            self.engine.process(frames, Some(rest), None, &mut self.reports);
        }
        self.engine.finish(&mut self.reports);
        self.finished = true;
    }

    /// Records what is going on, when the thread ends for another reason than the end of its input.
    pub fn finish(&mut self) {
        if !self.finished {
            self.engine.finish(&mut self.reports);
            self.finished = true;
        }
    }
}

/// Which of the input devices that run have a block.
struct Inputs {
    any: bool,
    all: bool,
}
