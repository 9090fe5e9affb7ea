//! The first stage of four microphones in lock-step: samples to sound pressure, levels, and whether the samples can be believed.

use crate::{
    level::{LANES, LevelMeter, MeterPeriod},
    sensor::{SampleCollector, SampleStatistics, or_silence},
};

/// What four microphones collected over a period.
#[derive(Clone, Copy, Debug)]
pub struct FrontPeriod {
    pub levels: MeterPeriod,
    pub samples: [SampleStatistics; LANES],
}

/// Four microphones of neighbouring channels; lanes without a microphone are silent.
pub struct FrontEnd {
    first_channel: usize,
    pressure_per_sample: [f32; LANES],
    lanes: usize,
    meter: LevelMeter,
    collector: SampleCollector,
    raw: Vec<[f32; LANES]>,
    pressure: Vec<[f32; LANES]>,
}

impl FrontEnd {
    /// For the microphones from `first_channel` on, and parts of at most `longest` frames.
    pub fn new(sample_rate_hz: f64, first_channel: usize, pressure_per_sample: &[f64], longest: usize) -> Self {
        let scale = core::array::from_fn(|lane| pressure_per_sample.get(lane).map_or(0.0, |scale| *scale as f32));
        FrontEnd {
            first_channel,
            pressure_per_sample: scale,
            lanes: pressure_per_sample.len().min(LANES),
            meter: LevelMeter::new(sample_rate_hz),
            collector: SampleCollector::default(),
            raw: vec![[0.0; LANES]; longest],
            pressure: vec![[0.0; LANES]; longest],
        }
    }

    /// Takes `count` frames of interleaved input.
    pub fn take(&mut self, input: &[f32], channels: usize, begin: usize, count: usize) {
        let count = count.min(self.raw.len());
        let frames = input.chunks_exact(channels).skip(begin).take(count);
        for ((raw, pressure), frame) in self.raw.iter_mut().zip(&mut self.pressure).zip(frames) {
            let here = frame.get(self.first_channel..).unwrap_or_default();
            for (slot, sample) in raw.iter_mut().zip(&here[..self.lanes.min(here.len())]) {
                *slot = *sample;
            }
            for lane in 0..LANES {
                pressure[lane] = or_silence(raw[lane]) * self.pressure_per_sample[lane];
            }
        }
        self.collector.take(&self.raw[..count]);
        self.meter.process(&self.pressure[..count]);
    }

    /// Sound pressure of one lane in the frames taken last, units of 20 µPa.
    pub fn pressure(&self, lane: usize) -> impl Iterator<Item = f32> {
        self.pressure.iter().map(move |frame| frame[lane])
    }

    /// F-weighted, A-weighted power now.
    pub fn fast_power(&self) -> [f64; LANES] {
        self.meter.fast_power()
    }

    /// Whether the F weighting has settled after the start.
    pub fn settled(&self) -> bool {
        self.meter.settled()
    }

    /// Whether every sample of a lane in the period so far was a number.
    pub fn only_numbers(&self, lane: usize) -> bool {
        self.collector.only_numbers(lane)
    }

    /// Ends the period and begins the next.
    pub fn end_period(&mut self) -> FrontPeriod {
        FrontPeriod {
            levels: self.meter.end_period(),
            samples: self.collector.end_period(),
        }
    }
}
