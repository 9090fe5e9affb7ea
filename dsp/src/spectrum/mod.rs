//! Third-octave spectra by FFT.

mod analyser;
mod bands;
mod decimator;

pub use analyser::Analyser;
pub use bands::{BAND_COUNT, Bands, a_weighting_db, band_centre_hz, band_edges_hz};
pub use decimator::{Decimator, DecimatorFilter, PASS_BAND_HZ};
