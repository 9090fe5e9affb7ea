//! Third-octave bands, the A-weighting, and the spectra of speech and of masking.
//!
//! A spectrum is an array of band levels in dB, one per band from 25 Hz to 16 kHz; a band without sound is
//! `f64::NEG_INFINITY`.

mod bands;
mod masking;
mod speech;

pub use bands::{NOMINAL_HZ, a_weighted_sum_db, a_weighting_db, exact_hz};
pub use masking::{minus5_db, minus7_db};
pub use speech::{MALE_SPEECH_LEVEL_DB, MALE_SPEECH_OCTAVES_DB, male_speech_db};

pub(crate) use bands::{BAND_OF_125_HZ, energy, level_db};
