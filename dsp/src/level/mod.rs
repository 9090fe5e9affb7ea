//! Sound levels: frequency weighting, time weighting, the meter, percentiles, dB-minutes and the measuring range.

mod distraction;
mod histogram;
mod lanes;
mod meter;
mod percentile;
mod range;
mod section;
#[cfg(test)]
mod table_3;
mod time_weighting;
mod weighting;

pub use distraction::{CRITERION_DB, db_minutes};
pub use histogram::LevelHistogram;
pub use lanes::LANES;
pub use meter::{LevelMeter, MeterPeriod};
pub use percentile::Percentiles;
pub use range::{END_OF_RANGE, MeasuringRange, RangeFlags, at_end_of_range};
pub use time_weighting::{TimeWeightedPower, TimeWeighting};
pub use weighting::{FrequencyWeighting, WeightingFilter, WeightingFilters};
