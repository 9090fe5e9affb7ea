//! Puts rings between an engine and the rest of the daemon.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use habitat_dsp::{Engine, Parameters};
use ringbuf::{HeapRb, traits::Split};

use crate::{
    CaptureEnd, Counters, EngineLoop, Mode, ParameterWriter, PlaybackEnd, ReportGauge, ReportReader, Wiring,
    capture::CaptureLane, playback::PlaybackLane, rings::ReportWriter, stopwatch::Stopwatch,
};

/// Room in the report ring, reports per zone: a stalled reader loses nothing for half a minute.
const REPORTS_PER_ZONE: usize = 64;

/// The ends that the rest of the daemon holds.
pub struct Ends {
    /// For each input device.
    pub captures: Vec<CaptureEnd>,
    /// For each output device.
    pub playbacks: Vec<PlaybackEnd>,
    /// For the control side.
    pub parameters: ParameterWriter,
    /// For the reporter.
    pub reports: ReportReader,
    /// For a backend that can wait.
    pub gauge: ReportGauge,
    /// For everybody.
    pub counters: Arc<Counters>,
}

/// Puts rings around an engine.
pub fn connect(engine: Engine, parameters: &Parameters, wiring: &Wiring, mode: Mode) -> (EngineLoop, Ends) {
    let counters = Arc::new(Counters::default());
    let input_ended = Arc::new(AtomicBool::new(false));
    let stopwatch = Stopwatch::start();
    let (report_in, report_out) = HeapRb::new((parameters.zones.len() + 1) * REPORTS_PER_ZONE).split();
    let (parameters_in, parameters_out) = triple_buffer::triple_buffer(parameters);
    let capture = |device| CaptureLane::connect(device, wiring, stopwatch, &counters, &input_ended);
    let (captures, capture_ends) = wiring.captures.iter().map(capture).unzip();
    let playback = |device| PlaybackLane::connect(device, wiring, stopwatch, &counters, mode == Mode::Live);
    let (playbacks, playback_ends) = wiring.playbacks.iter().map(playback).unzip();
    let engine_loop = EngineLoop {
        engine,
        mode,
        block_frames: wiring.block_frames,
        block_period: Duration::from_secs_f64(wiring.block_frames as f64 / f64::from(wiring.sample_rate_hz)),
        microphones: wiring.microphones,
        loudspeakers: wiring.loudspeakers,
        input: vec![0.0; wiring.block_frames * wiring.microphones],
        output: vec![0.0; wiring.block_frames * wiring.loudspeakers],
        captures,
        playbacks,
        parameters: parameters_out,
        reports: ReportWriter {
            ring: report_in,
            counters: counters.clone(),
        },
        input_ended,
        finished: false,
        processed_at: Duration::ZERO,
        stopwatch,
        counters: counters.clone(),
    };
    let ends = Ends {
        captures: capture_ends,
        playbacks: playback_ends,
        parameters: ParameterWriter { buffer: parameters_in },
        gauge: ReportGauge {
            ring: report_out.observe(),
        },
        reports: ReportReader { ring: report_out },
        counters,
    };
    (engine_loop, ends)
}
