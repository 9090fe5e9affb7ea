//! Sound levels: frequency weighting, time weighting, percentiles.

mod percentile;
mod time_weighting;
mod weighting;

pub use percentile::Percentiles;
pub use time_weighting::FastWeighting;
pub use weighting::AWeighting;
