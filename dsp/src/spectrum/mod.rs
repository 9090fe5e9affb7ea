//! Spectra by FFT, and the decimated signal that makes long ones affordable.

mod analyser;
mod band_fft;
mod bands;
mod decimator;
mod third_octave;

pub use analyser::Analyser;
pub use bands::{BAND_COUNT, Bands, a_weighting_db, band_centre_hz, band_edges_hz};
pub use decimator::{Decimator, DecimatorFilter, PASS_BAND_HZ};
pub use third_octave::{BandPowers, OCTAVE_COUNT, Octaves, ThirdOctaveTables, ThirdOctaves};
