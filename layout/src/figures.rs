//! Figures of an open-plan office by ISO 3382-3:2022: how far speech carries.
//!
//! They are taken along straight lines over workplaces (`paths`), from the levels and the STI at each of them
//! (`decay`), and judged against what the standard calls good and poor (`quality`). The talker is taken as the
//! standard's source: omnidirectional, 1.2 m above the floor, with the spectrum of normal speech averaged over all
//! directions, 57.4 dB(A) at 1 m (ISO 3382-3, Table 1). Real talkers are louder to the front than to the back; nobody
//! knows which way they will face, which is why the standard averages.

mod decay;
mod paths;
mod quality;

pub use decay::{Figures, Reading};
pub use paths::{MeasurementPath, Workplace, measurement_paths};
pub use quality::Quality;
