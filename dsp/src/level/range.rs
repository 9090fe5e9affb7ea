//! Overload and under-range: when a reading is not to be trusted (IEC 61672-1:2013, 5.11 and 5.12).

/// Share of full scale from which a sample is at the end of the range. A converter that clips stops a few units short of it.
pub const END_OF_RANGE: f32 = 0.999;

/// Samples at the end of the range that make an overload: a single one can be a signal that just fits.
const OVERLOAD_SAMPLES: u32 = 2;

/// Whether a sample, in units of full scale, is at the end of the range.
pub fn at_end_of_range(sample: f32) -> bool {
    sample.abs() >= END_OF_RANGE
}

/// What is to be said about a level of one period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RangeFlags {
    /// The sound went beyond the range: the level may be too low.
    pub overload: bool,
    /// The sound is below the microphone's own noise: the level may be too high.
    pub under_range: bool,
}

/// The measuring range of one microphone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeasuringRange {
    noise_floor_power: f64,
}

impl MeasuringRange {
    /// Of a microphone whose own noise has the given level, dB(A).
    pub fn new(noise_floor_db: f64) -> Self {
        MeasuringRange {
            noise_floor_power: crate::units::db_to_power(noise_floor_db),
        }
    }

    /// Flags of a period with so many samples at the end of the range and the given mean A-weighted power.
    pub fn flags(&self, samples_at_end_of_range: u32, mean_power: f64) -> RangeFlags {
        RangeFlags {
            overload: samples_at_end_of_range >= OVERLOAD_SAMPLES,
            under_range: mean_power < self.noise_floor_power,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::db_to_power;

    #[test]
    fn two_samples_at_the_end_of_the_range_are_an_overload() {
        let count = |samples: &[f32]| samples.iter().filter(|sample| at_end_of_range(**sample)).count() as u32;
        let range = MeasuringRange::new(20.0);
        let loud = db_to_power(80.0);
        assert!(!range.flags(count(&[0.99, -1.0, 0.5]), loud).overload);
        assert!(range.flags(count(&[1.0, -1.0, 0.5]), loud).overload);
        assert!(range.flags(count(&[0.9995, 0.9995]), loud).overload);
    }

    #[test]
    fn a_level_below_the_microphones_noise_is_under_range() {
        let range = MeasuringRange::new(20.0);
        assert!(range.flags(0, db_to_power(19.9)).under_range);
        assert!(!range.flags(0, db_to_power(20.1)).under_range);
        assert!(range.flags(0, 0.0).under_range);
    }
}
