//! Second-order sections of the frequency weightings, designed from their analogue poles.
//!
//! Every section has the form (1 + b₁z⁻¹ + b₂z⁻²) / (1 + a₁z⁻¹ + a₂z⁻²): the gains of all sections of a filter are applied
//! once, to its input, which saves a multiplication per section and sample.

use core::f64::consts::{PI, TAU};

/// Coefficients of one section without its gain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Section {
    pub b1: f64,
    pub b2: f64,
    pub a1: f64,
    pub a2: f64,
}

impl Section {
    /// s² / ((s+ωa)(s+ωb)) by the bilinear transform: exact enough for poles far below half the sampling rate.
    pub fn high_pass(a_hz: f64, b_hz: f64, sample_rate_hz: f64) -> Self {
        let k = 2.0 * sample_rate_hz;
        let pole = |hz: f64| (k - TAU * hz) / (k + TAU * hz);
        let (pa, pb) = (pole(a_hz), pole(b_hz));
        Section {
            b1: -2.0,
            b2: 1.0,
            a1: -(pa + pb),
            a2: pa * pb,
        }
    }

    /// ω² / (s+ω)²: poles by impulse invariance, zeros by matching the magnitude at three frequencies
    /// (M. Vicanek, "Matched Second Order Digital Filters", 2016, eq. 26-32).
    ///
    /// The magnitudes are those of the analogue prototype at 0 Hz, at the corner and at half the sampling rate.
    pub fn low_pass(corner_hz: f64, sample_rate_hz: f64) -> Self {
        let pole = (-TAU * corner_hz / sample_rate_hz).exp();
        let (a1, a2) = (-2.0 * pole, pole * pole);
        let analogue = |hz: f64| 1.0 / (1.0 + (hz / corner_hz).powi(2)).powi(2);

        // At low sampling rates the corner itself lies beyond the usable range; match just below half the rate instead.
        let match_hz = corner_hz.min(0.35 * sample_rate_hz);
        let phi1 = (PI * match_hz / sample_rate_hz).sin().powi(2);
        let phi0 = 1.0 - phi1;
        let phi2 = 4.0 * phi0 * phi1;

        let (big_a0, big_a1, big_a2) = ((1.0 + a1 + a2).powi(2), (1.0 - a1 + a2).powi(2), -4.0 * a2);
        let big_b0 = big_a0;
        let big_b1 = big_a1 * analogue(sample_rate_hz / 2.0);
        let wanted = (big_a0 * phi0 + big_a1 * phi1 + big_a2 * phi2) * analogue(match_hz);
        let big_b2 = (wanted - big_b0 * phi0 - big_b1 * phi1) / phi2;

        let w = 0.5 * (big_b0.sqrt() + big_b1.sqrt());
        let b0 = 0.5 * (w + (w * w + big_b2).max(0.0).sqrt());
        let b1 = 0.5 * (big_b0.sqrt() - big_b1.sqrt());
        let b2 = -big_b2 / (4.0 * b0);
        Section {
            b1: b1 / b0,
            b2: b2 / b0,
            a1,
            a2,
        }
    }

    /// |H|² at a frequency in radians per sample.
    pub fn power_gain(&self, w: f64) -> f64 {
        let magnitude = |c1: f64, c2: f64| {
            let re = 1.0 + c1 * w.cos() + c2 * (2.0 * w).cos();
            let im = c1 * w.sin() + c2 * (2.0 * w).sin();
            re * re + im * im
        };
        magnitude(self.b1, self.b2) / magnitude(self.a1, self.a2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_high_pass_has_its_textbook_response() {
        // |H|² of s²/((s+ωa)(s+ωb)) is f⁴/((f²+fa²)(f²+fb²)); compared re 1 kHz, since sections carry no gain.
        let section = Section::high_pass(107.7, 737.9, 48_000.0);
        let analogue = |f: f64| f.powi(4) / ((f * f + 107.7f64.powi(2)) * (f * f + 737.9f64.powi(2)));
        let digital = |f: f64| section.power_gain(TAU * f / 48_000.0);
        for frequency in [10.0, 50.0, 107.7, 300.0, 737.9, 4000.0] {
            let error = 10.0 * (digital(frequency) / digital(1000.0) * analogue(1000.0) / analogue(frequency)).log10();
            assert!(error.abs() < 0.03, "{frequency} Hz: {error} dB");
        }
    }

    #[test]
    fn a_low_pass_matches_the_analogue_one_where_it_says_so() {
        for rate in [44_100.0, 48_000.0, 96_000.0] {
            let section = Section::low_pass(12_194.2, rate);
            let re_dc = |f: f64| section.power_gain(TAU * f / rate) / section.power_gain(0.0);
            // (1 + (f/f4)²)⁻²: a quarter at the corner.
            assert!((re_dc(12_194.2) - 0.25).abs() < 1e-9, "{rate}");
            let at_half_rate = (1.0 + (rate / 2.0 / 12_194.2f64).powi(2)).powi(-2);
            assert!((re_dc(rate / 2.0) / at_half_rate - 1.0).abs() < 1e-9, "{rate}");
        }
    }
}
