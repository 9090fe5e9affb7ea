//! The spectrum of the masking noise, as FFT bin magnitudes.

use std::sync::Arc;

use realfft::{ComplexToReal, RealFftPlanner, num_complex::Complex};

use crate::{
    spectrum::{BAND_COUNT, Bands, a_weighting_db, band_centre_hz, band_edges_hz},
    units::{FULL_SCALE_MEAN_SQUARE, db_to_amplitude, db_to_power},
};

/// Shortest segment, seconds: its bins resolve the lowest third-octave band of the masking.
const SEGMENT_S: f64 = 0.08;

/// Tables and scratch space for synthesis, shared by all loudspeakers of an engine.
pub struct NoiseShape {
    inverse: Arc<dyn ComplexToReal<f32>>,
    magnitudes: Vec<f32>,
    window: Vec<f32>,
    pub(super) spectrum: Vec<Complex<f32>>,
    pub(super) segment: Vec<f32>,
    scratch: Vec<Complex<f32>>,
    /// Vector units of this machine.
    arch: pulp::Arch,
}

impl NoiseShape {
    /// Noise with the given third-octave levels (relative; −∞: silent band) and an A-weighted level of 0 dBFS (AES17).
    pub fn new(sample_rate_hz: f64, spectrum_db: &Bands<f64>) -> Self {
        let length = ((sample_rate_hz * SEGMENT_S) as usize).next_power_of_two();
        let inverse = RealFftPlanner::new().plan_fft_inverse(length);
        let bin_hz = sample_rate_hz / length as f64;
        let mut magnitudes: Vec<f64> = (0..length / 2)
            .map(|bin| magnitude(bin as f64 * bin_hz, spectrum_db))
            .collect();

        // A segment of bins A·(±1±j) has the mean square Σ 2·2A², shared by N samples that the inverse FFT does not scale, and
        // the squared windows of overlapping segments sum to one.
        let weighted: f64 = magnitudes
            .iter()
            .enumerate()
            .skip(1)
            .map(|(bin, a)| 4.0 * a * a * db_to_power(a_weighting_db(bin as f64 * bin_hz)))
            .sum();
        let scale = if weighted > 0.0 {
            (FULL_SCALE_MEAN_SQUARE / weighted).sqrt()
        } else {
            0.0
        };
        magnitudes.iter_mut().for_each(|a| *a *= scale);

        NoiseShape {
            magnitudes: magnitudes.into_iter().map(|a| a as f32).collect(),
            window: (0..length)
                .map(|n| (core::f64::consts::PI * (n as f64 + 0.5) / length as f64).sin() as f32)
                .collect(),
            spectrum: inverse.make_input_vec(),
            segment: inverse.make_output_vec(),
            scratch: inverse.make_scratch_vec(),
            inverse,
            arch: pulp::Arch::new(),
        }
    }

    /// Frames of one segment.
    pub fn segment_frames(&self) -> usize {
        self.window.len()
    }

    /// Makes the next windowed segment from random bits: each bin keeps its magnitude and gets one of four phases, so that the
    /// energy of every segment is the same and the sum over many bins is Gaussian.
    pub(super) fn synthesise(&mut self, mut bits: impl FnMut() -> u64) -> &[f32] {
        self.arch.dispatch(ScatterSigns {
            bits: &mut bits,
            magnitudes: &self.magnitudes,
            spectrum: &mut self.spectrum,
        });
        // 0 Hz and half the sampling rate must be real; both are silent.
        if let Some(first) = self.spectrum.first_mut() {
            *first = Complex::default();
        }
        if let Some(last) = self.spectrum.last_mut() {
            *last = Complex::default();
        }
        // The buffers come from the plan itself, so the lengths agree and the call cannot fail.
        if self
            .inverse
            .process_with_scratch(&mut self.spectrum, &mut self.segment, &mut self.scratch)
            .is_err()
        {
            self.segment.fill(0.0);
        }
        for (sample, weight) in self.segment.iter_mut().zip(&self.window) {
            *sample *= weight;
        }
        &self.segment
    }
}

/// Gives each magnitude one of four phases: 32 of them by one pool of bits, two bits after the other.
struct ScatterSigns<'a, Pool> {
    bits: &'a mut Pool,
    magnitudes: &'a [f32],
    spectrum: &'a mut [Complex<f32>],
}

impl<Pool: FnMut() -> u64> pulp::WithSimd for ScatterSigns<'_, Pool> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        const SIGN: u32 = 1 << 31;
        for (values, magnitudes) in self.spectrum.chunks_mut(32).zip(self.magnitudes.chunks(32)) {
            let pool = (self.bits)();
            for (index, (value, magnitude)) in values.iter_mut().zip(magnitudes).enumerate() {
                // A set bit goes to where a float keeps its sign.
                let bits = (pool >> (2 * index)) as u32;
                value.re = f32::from_bits(magnitude.to_bits() ^ ((bits << 31) & SIGN));
                value.im = f32::from_bits(magnitude.to_bits() ^ ((bits << 30) & SIGN));
            }
        }
    }
}

/// Relative bin magnitude at a frequency: spectral density interpolated between the band centres, silent outside the bands.
fn magnitude(frequency_hz: f64, spectrum_db: &Bands<f64>) -> f64 {
    let density = |band: usize| {
        let (low, high) = band_edges_hz(band);
        spectrum_db[band] - 10.0 * (high - low).log10()
    };
    let Some(band) = (0..BAND_COUNT).find(|band| {
        let (low, high) = band_edges_hz(*band);
        (low..high).contains(&frequency_hz)
    }) else {
        return 0.0;
    };
    if spectrum_db[band] == f64::NEG_INFINITY {
        return 0.0;
    }
    let above = frequency_hz > band_centre_hz(band);
    let neighbour = if above {
        (band + 1).min(BAND_COUNT - 1)
    } else {
        band.saturating_sub(1)
    };
    let position = 10.0 * (frequency_hz / band_centre_hz(band)).log10();
    let slope = if spectrum_db[neighbour].is_finite() && neighbour != band {
        (density(neighbour) - density(band)) * position.abs()
    } else {
        // At the ends of the spectrum the density goes on as it came from the other side.
        let other = if above {
            band.saturating_sub(1)
        } else {
            (band + 1).min(BAND_COUNT - 1)
        };
        if spectrum_db[other].is_finite() && other != band {
            (density(band) - density(other)) * position.abs()
        } else {
            0.0
        }
    };
    db_to_amplitude(density(band) + slope)
}
