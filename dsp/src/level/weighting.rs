//! A-weighting as a digital filter.
//!
//! The analogue prototype (IEC 61672-1:2013, Annex E) is s⁴ / ((s+ω₁)² (s+ω₂)(s+ω₃)(s+ω₄)²). The high-pass sections lie
//! far below half the sampling rate, where the bilinear transform is exact enough; the low-pass pair at 12.2 kHz does
//! not, so it is matched in magnitude at 0 Hz, at its corner and at half the sampling rate (M. Vicanek, "Matched Second
//! Order Digital Filters", 2016). A plain bilinear design would be 2.7 dB off at 12.5 kHz.

use core::f64::consts::TAU;

/// Pole frequencies of IEC 61672-1:2013, Annex E.
const POLES_HZ: [f64; 4] = [20.598_997, 107.652_65, 737.862_23, 12_194.217];

/// The nominal reference frequency, at which the weighting is 0 dB.
const REFERENCE_HZ: f64 = 1000.0;

/// A second-order section, transposed direct form II.
#[derive(Clone, Copy, Debug)]
struct Section {
    b: [f64; 3],
    a: [f64; 2],
    state: [f64; 2],
}

impl Section {
    fn new(b: [f64; 3], a: [f64; 2]) -> Self {
        Section { b, a, state: [0.0; 2] }
    }

    fn process(&mut self, x: f64) -> f64 {
        let y = self.b[0] * x + self.state[0];
        self.state[0] = self.b[1] * x - self.a[0] * y + self.state[1];
        self.state[1] = self.b[2] * x - self.a[1] * y;
        y
    }

    /// |H|² at a frequency in radians per sample.
    fn power_gain(&self, w: f64) -> f64 {
        let magnitude = |c0: f64, c1: f64, c2: f64| {
            let re = c0 + c1 * w.cos() + c2 * (2.0 * w).cos();
            let im = c1 * w.sin() + c2 * (2.0 * w).sin();
            re * re + im * im
        };
        magnitude(self.b[0], self.b[1], self.b[2]) / magnitude(1.0, self.a[0], self.a[1])
    }
}

/// The A-weighting filter for one channel.
#[derive(Clone, Debug)]
pub struct AWeighting {
    sections: [Section; 3],
    sample_rate_hz: f64,
}

/// Kept out of the recursion, so that the filter's tail never becomes denormal: −400 dB re 20 µPa.
const ANTI_DENORMAL: f64 = 1e-20;

impl AWeighting {
    /// A filter for the given sampling rate.
    pub fn new(sample_rate_hz: f64) -> Self {
        let [f1, f2, f3, f4] = POLES_HZ;
        let mut filter = AWeighting {
            sections: [
                high_pass_pair(f1, f1, sample_rate_hz),
                high_pass_pair(f2, f3, sample_rate_hz),
                low_pass_pair(f4, sample_rate_hz),
            ],
            sample_rate_hz,
        };
        let correction = 1.0 / filter.power_gain(REFERENCE_HZ).sqrt();
        filter.sections[0].b.iter_mut().for_each(|b| *b *= correction);
        filter
    }

    /// The next weighted sample.
    pub fn process(&mut self, sample: f64) -> f64 {
        self.sections
            .iter_mut()
            .fold(sample + ANTI_DENORMAL, |x, section| section.process(x))
    }

    /// |H|² at a frequency.
    pub fn power_gain(&self, frequency_hz: f64) -> f64 {
        let w = TAU * frequency_hz / self.sample_rate_hz;
        self.sections.iter().map(|section| section.power_gain(w)).product()
    }
}

/// s² / ((s+ωa)(s+ωb)) by the bilinear transform.
fn high_pass_pair(a_hz: f64, b_hz: f64, sample_rate_hz: f64) -> Section {
    let k = 2.0 * sample_rate_hz;
    let pole = |hz: f64| (k - TAU * hz) / (k + TAU * hz);
    let gain = (k / (k + TAU * a_hz)) * (k / (k + TAU * b_hz));
    let (pa, pb) = (pole(a_hz), pole(b_hz));
    Section::new([gain, -2.0 * gain, gain], [-(pa + pb), pa * pb])
}

/// ω² / (s+ω)², poles by impulse invariance, zeros by matching the magnitude at three frequencies (Vicanek 2016, eq. 26-32).
fn low_pass_pair(corner_hz: f64, sample_rate_hz: f64) -> Section {
    let pole = (-TAU * corner_hz / sample_rate_hz).exp();
    let (a1, a2) = (-2.0 * pole, pole * pole);
    let analogue = |hz: f64| 1.0 / (1.0 + (hz / corner_hz).powi(2)).powi(2);

    // At low sampling rates the corner itself lies beyond the usable range; match just below half the rate instead.
    let match_hz = corner_hz.min(0.35 * sample_rate_hz);
    let phi1 = (core::f64::consts::PI * match_hz / sample_rate_hz).sin().powi(2);
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
    Section::new([b0, b1, b2], [a1, a2])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// IEC 61672-1:2013, Table 3: nominal frequency index n of 10^(n/10) Hz, A-weighting, class 1 limits.
    const TABLE_3: [(i32, f64, f64, f64); 34] = [
        (10, -70.4, 3.0, f64::INFINITY),
        (11, -63.4, 2.5, f64::INFINITY),
        (12, -56.7, 2.0, 4.0),
        (13, -50.5, 2.0, 2.0),
        (14, -44.7, 2.0, 1.5),
        (15, -39.4, 1.5, 1.5),
        (16, -34.6, 1.0, 1.0),
        (17, -30.2, 1.0, 1.0),
        (18, -26.2, 1.0, 1.0),
        (19, -22.5, 1.0, 1.0),
        (20, -19.1, 1.0, 1.0),
        (21, -16.1, 1.0, 1.0),
        (22, -13.4, 1.0, 1.0),
        (23, -10.9, 1.0, 1.0),
        (24, -8.6, 1.0, 1.0),
        (25, -6.6, 1.0, 1.0),
        (26, -4.8, 1.0, 1.0),
        (27, -3.2, 1.0, 1.0),
        (28, -1.9, 1.0, 1.0),
        (29, -0.8, 1.0, 1.0),
        (30, 0.0, 0.7, 0.7),
        (31, 0.6, 1.0, 1.0),
        (32, 1.0, 1.0, 1.0),
        (33, 1.2, 1.0, 1.0),
        (34, 1.3, 1.0, 1.0),
        (35, 1.2, 1.0, 1.0),
        (36, 1.0, 1.0, 1.0),
        (37, 0.5, 1.5, 1.5),
        (38, -0.1, 1.5, 2.0),
        (39, -1.1, 1.5, 2.5),
        (40, -2.5, 2.0, 3.0),
        (41, -4.3, 2.0, 5.0),
        (42, -6.6, 2.5, 16.0),
        (43, -9.3, 3.0, f64::INFINITY),
    ];

    #[test]
    fn a_weighting_is_class_1_at_every_nominal_frequency_and_rate() {
        for rate in [44_100.0, 48_000.0, 96_000.0] {
            let filter = AWeighting::new(rate);
            for (n, weighting, above, below) in TABLE_3 {
                let frequency = 10f64.powf(f64::from(n) / 10.0);
                let error = 10.0 * filter.power_gain(frequency).log10() - weighting;
                assert!(
                    error <= above && error >= -below,
                    "{frequency:.0} Hz at {rate} Hz: {error:+.2} dB"
                );
                if (13..=40).contains(&n) {
                    // The table itself is rounded to 0.1 dB.
                    assert!(error.abs() <= 0.3, "{frequency:.0} Hz at {rate} Hz: {error:+.2} dB");
                }
            }
        }
    }

    #[test]
    fn the_filter_does_what_its_transfer_function_says() {
        let rate = 48_000.0;
        for frequency in [100.0, 440.0, 1000.0, 8000.0] {
            let mut filter = AWeighting::new(rate);
            let mut energy = 0.0;
            for n in 0..96_000 {
                let y = filter.process((TAU * frequency * f64::from(n) / rate).sin());
                if n >= 48_000 {
                    energy += y * y;
                }
            }
            let measured = energy / 48_000.0 * 2.0;
            let error = 10.0 * (measured / filter.power_gain(frequency)).log10();
            assert!(error.abs() < 0.001, "{frequency} Hz: {error} dB");
        }
    }
}
