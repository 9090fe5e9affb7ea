//! What the raw samples of eight microphones look like over a period.

use crate::level::{END_OF_RANGE, LANES};

/// Samples beyond this are not sound: 40 dB above full scale.
pub const LARGEST_SAMPLE: f32 = 100.0;

/// A sample equal to the one before it belongs to a flat top from this share of full scale on. In real sound, which is never
/// exactly constant, it happens at the peaks of low tones and at low levels.
const FLAT_TOP_FROM: f32 = 0.1;

/// Frames whose sum is exact enough in single precision.
const SUMMED_FRAMES: usize = 256;

/// A sample, or silence in place of what is not a number or no possible sound.
#[inline(always)]
pub fn or_silence(sample: f32) -> f32 {
    // A comparison with what is not a number is false.
    if sample.abs() <= LARGEST_SAMPLE { sample } else { 0.0 }
}

/// The samples of one microphone over one period, in units of full scale. What is not a number counts as silence.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SampleStatistics {
    /// Frames that arrived.
    pub frames: u32,
    /// Smallest sample.
    pub min: f32,
    /// Largest sample.
    pub max: f32,
    /// Mean: the constant offset.
    pub mean: f32,
    /// Samples that were not numbers, or no possible sound.
    pub not_numbers: u32,
    /// Samples at the end of the range.
    pub at_end_of_range: u32,
    /// Samples within flat tops: exactly like the one before, and not small.
    pub in_flat_tops: u32,
}

/// Collects the statistics of eight microphones; no lane touches another.
#[derive(Clone, Debug)]
pub struct SampleCollector {
    frames: u32,
    min: [f32; LANES],
    max: [f32; LANES],
    sum: [f64; LANES],
    not_numbers: [u32; LANES],
    at_end_of_range: [u32; LANES],
    in_flat_tops: [u32; LANES],
    previous: [f32; LANES],
    arch: pulp::Arch,
}

impl Default for SampleCollector {
    fn default() -> Self {
        SampleCollector {
            frames: 0,
            min: [f32::INFINITY; LANES],
            max: [f32::NEG_INFINITY; LANES],
            sum: [0.0; LANES],
            not_numbers: [0; LANES],
            at_end_of_range: [0; LANES],
            in_flat_tops: [0; LANES],
            previous: [0.0; LANES],
            arch: pulp::Arch::new(),
        }
    }
}

impl SampleCollector {
    /// Takes raw samples.
    pub fn take(&mut self, frames: &[[f32; LANES]]) {
        self.arch.dispatch(Collect { collector: self, frames });
    }

    #[inline(always)]
    fn take_part(&mut self, frames: &[[f32; LANES]]) {
        // Local copies stay in registers.
        let (mut min, mut max, mut previous, mut sum) = (self.min, self.max, self.previous, [0.0f32; LANES]);
        let (mut not_numbers, mut at_end, mut flat) = ([0u32; LANES], [0u32; LANES], [0u32; LANES]);
        for frame in frames {
            for lane in 0..LANES {
                let sample = or_silence(frame[lane]);
                let magnitude = sample.abs();
                min[lane] = if sample < min[lane] { sample } else { min[lane] };
                max[lane] = if sample > max[lane] { sample } else { max[lane] };
                sum[lane] += sample;
                not_numbers[lane] += (frame[lane] != sample) as u32;
                at_end[lane] += (magnitude >= END_OF_RANGE) as u32;
                flat[lane] += ((sample == previous[lane]) & (magnitude >= FLAT_TOP_FROM)) as u32;
                previous[lane] = sample;
            }
        }
        (self.min, self.max, self.previous) = (min, max, previous);
        for lane in 0..LANES {
            self.sum[lane] += f64::from(sum[lane]);
            self.not_numbers[lane] += not_numbers[lane];
            self.at_end_of_range[lane] += at_end[lane];
            self.in_flat_tops[lane] += flat[lane];
        }
        self.frames += frames.len() as u32;
    }

    /// Whether every sample of the period so far was a number.
    pub fn only_numbers(&self, lane: usize) -> bool {
        self.not_numbers[lane] == 0
    }

    /// Ends the period and begins the next.
    pub fn end_period(&mut self) -> [SampleStatistics; LANES] {
        let ended = core::mem::replace(
            self,
            SampleCollector {
                previous: self.previous,
                arch: self.arch,
                ..SampleCollector::default()
            },
        );
        core::array::from_fn(|lane| {
            if ended.frames == 0 {
                return SampleStatistics::default();
            }
            SampleStatistics {
                frames: ended.frames,
                min: ended.min[lane],
                max: ended.max[lane],
                mean: (ended.sum[lane] / f64::from(ended.frames)) as f32,
                not_numbers: ended.not_numbers[lane],
                at_end_of_range: ended.at_end_of_range[lane],
                in_flat_tops: ended.in_flat_tops[lane],
            }
        })
    }
}

/// What runs on the vector units.
struct Collect<'a> {
    collector: &'a mut SampleCollector,
    frames: &'a [[f32; LANES]],
}

impl pulp::WithSimd for Collect<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        for part in self.frames.chunks(SUMMED_FRAMES) {
            self.collector.take_part(part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample() -> impl Strategy<Value = f32> {
        let odd = [
            f32::NAN,
            f32::INFINITY,
            f32::NEG_INFINITY,
            -0.0,
            1.0,
            -1.0,
            0.999,
            0.5,
            100.0,
            -101.0,
        ];
        prop_oneof![4 => -2.0f32..2.0, 1 => prop::sample::select(odd.to_vec())]
    }

    proptest! {
        #[test]
        fn statistics_are_those_of_each_lane_by_itself(
            frames in prop::collection::vec(prop::array::uniform8(sample()), 1..2000),
            block in 1usize..700,
        ) {
            let mut collector = SampleCollector::default();
            frames.chunks(block).for_each(|block| collector.take(block));
            for (lane, found) in collector.end_period().into_iter().enumerate() {
                let valid = |x: f32| x.is_finite() && x.abs() <= 100.0;
                let cleaned: Vec<f32> = frames.iter().map(|f| if valid(f[lane]) { f[lane] } else { 0.0 }).collect();
                prop_assert_eq!(found.frames as usize, frames.len());
                prop_assert_eq!(found.min, cleaned.iter().copied().fold(f32::INFINITY, f32::min));
                prop_assert_eq!(found.max, cleaned.iter().copied().fold(f32::NEG_INFINITY, f32::max));
                let mean = cleaned.iter().map(|x| f64::from(*x)).sum::<f64>() / cleaned.len() as f64;
                prop_assert!((f64::from(found.mean) - mean).abs() < 1e-4);
                prop_assert_eq!(found.not_numbers as usize, frames.iter().filter(|f| !valid(f[lane])).count());
                prop_assert_eq!(found.at_end_of_range as usize, cleaned.iter().filter(|x| x.abs() >= 0.999).count());
                let flat = cleaned.windows(2).filter(|pair| pair[0] == pair[1] && pair[1].abs() >= 0.1).count();
                prop_assert_eq!(found.in_flat_tops as usize, flat);
            }
            prop_assert_eq!(collector.end_period(), [SampleStatistics::default(); LANES]);
        }
    }
}
