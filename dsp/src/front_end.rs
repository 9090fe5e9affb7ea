//! The first stage of eight microphones in lock-step: samples to sound pressure, levels, whether the samples can be believed, and
//! the decimated signal that everything else works on.

use crate::{
    level::{LANES, LevelMeter, MeterPeriod},
    sensor::{SampleCollector, SampleStatistics, or_silence},
    spectrum::{Decimator, DecimatorFilter},
};

/// One frame of eight microphones.
pub type Frame = [f32; LANES];

/// What eight microphones collected over a period.
#[derive(Clone, Copy, Debug)]
pub struct FrontPeriod {
    pub levels: MeterPeriod,
    pub samples: [SampleStatistics; LANES],
}

/// Four microphones of neighbouring channels; lanes without a microphone are silent.
pub struct FrontEnd {
    pressure_per_sample: Frame,
    meter: LevelMeter,
    collector: SampleCollector,
    decimator: Decimator<LANES>,
}

impl FrontEnd {
    /// For up to eight microphones.
    pub fn new(sample_rate_hz: f64, pressure_per_sample: &[f64], filter: &DecimatorFilter) -> Self {
        let scale = core::array::from_fn(|lane| pressure_per_sample.get(lane).map_or(0.0, |scale| *scale as f32));
        FrontEnd {
            pressure_per_sample: scale,
            meter: LevelMeter::new(sample_rate_hz),
            collector: SampleCollector::default(),
            decimator: Decimator::new(filter),
        }
    }

    /// Takes a part of a hop, from frame `at` of the hop on. `samples` become sound pressures, units of 20 µPa.
    pub fn take(&mut self, filter: &DecimatorFilter, at: usize, samples: &mut [Frame]) {
        self.collector.take(samples);
        for frame in samples.iter_mut() {
            for (sample, scale) in frame.iter_mut().zip(&self.pressure_per_sample) {
                *sample = or_silence(*sample) * scale;
            }
        }
        self.meter.process(samples);
        self.decimator.take(filter, at, samples);
    }

    /// Ends a hop: its sound pressures at the lower rate.
    pub fn end_hop(&mut self, filter: &DecimatorFilter, decimated: &mut [Frame]) {
        self.decimator.end_hop(filter, decimated);
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
