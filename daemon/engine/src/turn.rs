//! One turn of the engine: a block in, a block out, nothing that waits.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use habitat_dsp::{Engine, Parameters};
use ringbuf::{
    HeapCons, HeapProd, HeapRb,
    traits::{Consumer, Observer, Producer, Split},
};

use crate::{CaptureEnd, Counters, ParameterWriter, PlaybackEnd, ReportGauge, ReportReader, rings::ReportWriter};

/// Room in the sample rings, blocks: rides out a pause of the backend of some hundred milliseconds.
const RING_BLOCKS: usize = 16;

/// Room in the report ring, reports per zone: a stalled reader loses nothing for half a minute.
const REPORTS_PER_ZONE: usize = 64;

/// A live engine keeps this many blocks ready for the device.
const READY_BLOCKS: usize = 2;

/// A live engine that finds this many input blocks waiting measures one without playing: the input clock is the faster one.
const WAITING_BLOCKS: usize = 4;

/// Who sets the pace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The input: each full block of input makes one block of output, and nothing else does.
    LockStep,
    /// The output device: it never waits for input.
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

/// The ends that the rest of the daemon holds.
pub struct Ends {
    /// For the backend's input.
    pub capture: CaptureEnd,
    /// For the backend's output.
    pub playback: PlaybackEnd,
    /// For the control side.
    pub parameters: ParameterWriter,
    /// For the reporter.
    pub reports: ReportReader,
    /// For a backend that can wait.
    pub gauge: ReportGauge,
    /// For everybody.
    pub counters: Arc<Counters>,
}

/// The engine with its ends of the rings; belongs to the engine thread.
pub struct EngineLoop {
    engine: Engine,
    mode: Mode,
    block_frames: usize,
    microphones: usize,
    loudspeakers: usize,
    input: Vec<f32>,
    output: Vec<f32>,
    capture: HeapCons<f32>,
    playback: HeapProd<f32>,
    parameters: triple_buffer::Output<Parameters>,
    reports: ReportWriter,
    input_ended: Arc<AtomicBool>,
    finished: bool,
    counters: Arc<Counters>,
}

/// Puts rings around an engine.
pub fn connect(
    engine: Engine,
    parameters: &Parameters,
    (microphones, loudspeakers): (usize, usize),
    block_frames: usize,
    mode: Mode,
) -> (EngineLoop, Ends) {
    let counters = Arc::new(Counters::default());
    let input_ended = Arc::new(AtomicBool::new(false));
    let ring = |channels: usize| HeapRb::<f32>::new((block_frames * channels * RING_BLOCKS).max(1)).split();
    let (capture_in, capture_out) = ring(microphones);
    let (playback_in, playback_out) = ring(loudspeakers);
    let (report_in, report_out) = HeapRb::new((parameters.zones.len() + 1) * REPORTS_PER_ZONE).split();
    let (parameters_in, parameters_out) = triple_buffer::triple_buffer(parameters);
    let engine_loop = EngineLoop {
        engine,
        mode,
        block_frames,
        microphones,
        loudspeakers,
        input: vec![0.0; block_frames * microphones],
        output: vec![0.0; block_frames * loudspeakers],
        capture: capture_out,
        playback: playback_in,
        parameters: parameters_out,
        reports: ReportWriter {
            ring: report_in,
            counters: counters.clone(),
        },
        input_ended: input_ended.clone(),
        finished: false,
        counters: counters.clone(),
    };
    let ends = Ends {
        capture: CaptureEnd {
            ring: capture_in,
            channels: microphones,
            ended: input_ended,
            counters: counters.clone(),
        },
        playback: PlaybackEnd {
            ring: playback_out,
            channels: loudspeakers,
            counters: counters.clone(),
        },
        parameters: ParameterWriter { buffer: parameters_in },
        gauge: ReportGauge {
            ring: report_out.observe(),
        },
        reports: ReportReader { ring: report_out },
        counters,
    };
    (engine_loop, ends)
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
        let waiting = self.capture.occupied_len().checked_div(self.microphones).unwrap_or(0);
        // Read after the ring: parameters that were written before a block was pushed hold for it.
        if self.parameters.update() {
            self.engine.set_parameters(self.parameters.output_buffer());
        }
        match self.mode {
            Mode::LockStep if waiting >= self.block_frames => self.process(true, true),
            Mode::LockStep if ended => {
                self.measure_rest(waiting);
                return Turn::Finished;
            }
            Mode::LockStep => return Turn::Idle,
            Mode::Live => return self.live_turn(waiting),
        }
        Turn::Processed
    }

    fn live_turn(&mut self, waiting: usize) -> Turn {
        let ready = self.playback.occupied_len().checked_div(self.loudspeakers).unwrap_or(0);
        let has_input = waiting >= self.block_frames;
        if ready < READY_BLOCKS * self.block_frames && (has_input || ready < self.block_frames) {
            if !has_input {
                self.counters.blocks_without_input.add(1);
            }
            self.process(has_input, true);
        } else if waiting >= WAITING_BLOCKS * self.block_frames {
            self.process(true, false);
        } else {
            return Turn::Idle;
        }
        Turn::Processed
    }

    fn process(&mut self, with_input: bool, with_output: bool) {
        if with_input {
            self.capture.pop_slice(&mut self.input);
        }
        let input = with_input.then_some(self.input.as_slice());
        let output = with_output.then_some(self.output.as_mut_slice());
        self.engine.process(self.block_frames, input, output, &mut self.reports);
        if with_output {
            let taken = self.playback.push_slice(&self.output);
            if taken < self.output.len() {
                self.counters
                    .output_frames_lost
                    .add(((self.output.len() - taken) / self.loudspeakers) as u64);
            }
        }
        self.counters.blocks.add(1);
    }

    /// The last, partial block of a stream is measured, and nothing is written for it.
    fn measure_rest(&mut self, frames: usize) {
        let samples = frames * self.microphones;
        if let Some(rest) = self.input.get_mut(..samples) {
            self.capture.pop_slice(rest);
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
