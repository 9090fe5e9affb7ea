//! The frequency weightings A, C and Z of IEC 61672-1:2013 as digital filters.
//!
//! The analogue prototypes (Annex E) are s⁴ / ((s+ω₁)² (s+ω₂)(s+ω₃)(s+ω₄)²) for A and s² / ((s+ω₁)² (s+ω₄)²) for C; Z is
//! flat. The high-pass pairs lie far below half the sampling rate, where the bilinear transform is exact enough; the low-pass
//! pair at 12.2 kHz does not, so it is matched in magnitude. A plain bilinear design would be 2.7 dB off at 12.5 kHz.
//! Errors at 44.1 kHz and above: within ±0.3 dB of the analytic curve from 20 Hz to 10 kHz, class 1 from 10 Hz to 20 kHz.

use core::f64::consts::TAU;

use super::section::Section;

/// Pole frequencies of IEC 61672-1:2013, Annex E, Hz.
const POLES_HZ: [f64; 4] = [20.598_997, 107.652_65, 737.862_23, 12_194.217];

/// The reference frequency, at which every weighting is 0 dB (IEC 61672-1:2013, 5.5).
const REFERENCE_HZ: f64 = 1000.0;

/// Added to the input with alternating sign, so that no state ever becomes denormal: −400 dB re 20 µPa. The alternation puts it
/// at half the sampling rate, where high-passes cannot remove it again.
pub(super) const ANTI_DENORMAL: f64 = 1e-20;

/// A frequency weighting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrequencyWeighting {
    /// As the ear at low levels.
    A,
    /// Nearly flat, for peaks.
    C,
    /// Flat.
    Z,
}

impl FrequencyWeighting {
    /// The weighting by its definition, dB (IEC 61672-1:2013, 5.5 and Annex E).
    pub fn db(self, frequency_hz: f64) -> f64 {
        let re_reference = self.prototype(frequency_hz) / self.prototype(REFERENCE_HZ);
        10.0 * re_reference.log10()
    }

    /// |H|² of the analogue prototype.
    fn prototype(self, frequency_hz: f64) -> f64 {
        let f2 = frequency_hz * frequency_hz;
        let [p1, p2, p3, p4] = POLES_HZ.map(|pole| pole * pole);
        let c = || (p4 * f2 / ((f2 + p1) * (f2 + p4))).powi(2);
        match self {
            FrequencyWeighting::A => c() * f2 * f2 / ((f2 + p2) * (f2 + p3)),
            FrequencyWeighting::C => c(),
            FrequencyWeighting::Z => 1.0,
        }
    }
}

/// The digital filter of a weighting: a gain and three sections, those not needed being transparent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Design {
    pub gain: f64,
    pub sections: [Section; 3],
}

impl Design {
    pub fn new(weighting: FrequencyWeighting, sample_rate_hz: f64) -> Self {
        const TRANSPARENT: Section = Section {
            b1: 0.0,
            b2: 0.0,
            a1: 0.0,
            a2: 0.0,
        };
        let [f1, f2, f3, f4] = POLES_HZ;
        let high_pass = |a_hz, b_hz| Section::high_pass(a_hz, b_hz, sample_rate_hz);
        let low_pass = || Section::low_pass(f4, sample_rate_hz);
        let mut design = Design {
            gain: 1.0,
            sections: match weighting {
                FrequencyWeighting::A => [high_pass(f1, f1), high_pass(f2, f3), low_pass()],
                FrequencyWeighting::C => [high_pass(f1, f1), low_pass(), TRANSPARENT],
                FrequencyWeighting::Z => [TRANSPARENT; 3],
            },
        };
        design.gain = design.power_gain(TAU * REFERENCE_HZ / sample_rate_hz).sqrt().recip();
        design
    }

    /// |H|² at a frequency in radians per sample.
    pub fn power_gain(&self, w: f64) -> f64 {
        self.gain * self.gain * self.sections.iter().map(|section| section.power_gain(w)).product::<f64>()
    }
}

/// The weighting filter of one channel.
#[derive(Clone, Debug)]
pub struct WeightingFilter {
    design: Design,
    state: [[f64; 2]; 3],
    bias: f64,
    sample_rate_hz: f64,
}

impl WeightingFilter {
    /// At rest, for the given sampling rate.
    pub fn new(weighting: FrequencyWeighting, sample_rate_hz: f64) -> Self {
        WeightingFilter {
            design: Design::new(weighting, sample_rate_hz),
            state: [[0.0; 2]; 3],
            bias: ANTI_DENORMAL,
            sample_rate_hz,
        }
    }

    /// The next weighted sample.
    pub fn process(&mut self, sample: f64) -> f64 {
        self.bias = -self.bias;
        let mut value = self.design.gain * sample + self.bias;
        for (section, state) in self.design.sections.iter().zip(&mut self.state) {
            let x = value;
            value = x + state[0];
            state[0] = section.b1 * x - section.a1 * value + state[1];
            state[1] = section.b2 * x - section.a2 * value;
        }
        value
    }

    /// |H|² at a frequency.
    pub fn power_gain(&self, frequency_hz: f64) -> f64 {
        self.design.power_gain(TAU * frequency_hz / self.sample_rate_hz)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::table_3::TABLE_3, FrequencyWeighting::*, *};

    /// Exact frequency of a row (IEC 61672-1:2013, Table 3, footnote).
    fn exact_hz(n: i32) -> f64 {
        1000.0 * 10f64.powf(f64::from(n - 30) / 10.0)
    }

    #[test]
    fn every_weighting_is_class_1_at_every_nominal_frequency_and_rate() {
        for rate in [44_100.0, 48_000.0, 96_000.0] {
            for (n, a, c, above, below) in TABLE_3 {
                for (weighting, goal) in [(A, a), (C, c), (Z, 0.0)] {
                    let error = 10.0 * WeightingFilter::new(weighting, rate).power_gain(exact_hz(n)).log10() - goal;
                    assert!(
                        error <= above && error >= -below,
                        "{weighting:?}, {:.0} Hz at {rate} Hz: {error:+.2} dB",
                        exact_hz(n)
                    );
                }
            }
        }
    }

    #[test]
    fn the_definition_agrees_with_the_table_and_the_filter_with_the_definition() {
        for (n, a, c, _, _) in TABLE_3 {
            // The table is rounded to 0.1 dB.
            assert!(
                (A.db(exact_hz(n)) - a).abs() <= 0.06 && (C.db(exact_hz(n)) - c).abs() <= 0.06,
                "{n}"
            );
        }
        for rate in [44_100.0, 48_000.0, 96_000.0] {
            for weighting in [A, C, Z] {
                let filter = WeightingFilter::new(weighting, rate);
                for step in 0..=540 {
                    let frequency = 20.0 * 10f64.powf(f64::from(step) / 200.0);
                    let error = 10.0 * filter.power_gain(frequency).log10() - weighting.db(frequency);
                    assert!(
                        error.abs() <= 0.3,
                        "{weighting:?}, {frequency:.0} Hz at {rate} Hz: {error:+.2} dB"
                    );
                }
            }
        }
    }

    #[test]
    fn the_filter_does_what_its_transfer_function_says() {
        for (weighting, frequency) in [(A, 100.0), (A, 8000.0), (C, 31.5), (C, 12_500.0), (Z, 440.0)] {
            let mut filter = WeightingFilter::new(weighting, 48_000.0);
            let outputs = (0..96_000).map(|n| filter.process((TAU * frequency * f64::from(n) / 48_000.0).sin()));
            let mean_square = outputs.skip(48_000).map(|y| y * y).sum::<f64>() / 48_000.0;
            let error = 10.0 * (2.0 * mean_square / filter.power_gain(frequency)).log10();
            assert!(error.abs() < 0.001, "{weighting:?}, {frequency} Hz: {error} dB");
        }
    }
}
