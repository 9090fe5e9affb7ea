//! Third-octave spectra by FFT.

mod analyser;
mod bands;

pub use analyser::Analyser;
pub use bands::{BAND_COUNT, Bands, a_weighting_db, band_centre_hz, band_edges_hz};
