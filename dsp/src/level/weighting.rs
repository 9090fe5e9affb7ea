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

/// The weighting filter of some channels that go in step.
#[derive(Clone, Copy, Debug)]
pub struct WeightingFilters<const CHANNELS: usize> {
    design: Design,
    state: [[[f64; CHANNELS]; 2]; 3],
    bias: f64,
    sample_rate_hz: f64,
}

impl<const CHANNELS: usize> WeightingFilters<CHANNELS> {
    /// At rest, for the given sampling rate.
    pub fn new(weighting: FrequencyWeighting, sample_rate_hz: f64) -> Self {
        WeightingFilters {
            design: Design::new(weighting, sample_rate_hz),
            state: [[[0.0; CHANNELS]; 2]; 3],
            bias: ANTI_DENORMAL,
            sample_rate_hz,
        }
    }

    /// Back to rest.
    pub fn reset(&mut self) {
        self.state = [[[0.0; CHANNELS]; 2]; 3];
    }

    /// The next weighted sample of each channel.
    #[inline(always)]
    pub fn process(&mut self, samples: [f64; CHANNELS]) -> [f64; CHANNELS] {
        self.bias = -self.bias;
        let mut values = samples;
        for value in &mut values {
            *value = self.design.gain * *value + self.bias;
        }
        for (section, [first, second]) in self.design.sections.iter().zip(&mut self.state) {
            for channel in 0..CHANNELS {
                let x = values[channel];
                let y = x + first[channel];
                first[channel] = section.b1 * x - section.a1 * y + second[channel];
                second[channel] = section.b2 * x - section.a2 * y;
                values[channel] = y;
            }
        }
        values
    }

    /// Sum of the weighted squares of each channel's samples; as many as the shortest has.
    pub fn energies(&mut self, channels: [&[f32]; CHANNELS]) -> [f64; CHANNELS] {
        let count = channels.iter().map(|samples| samples.len()).min().unwrap_or(0);
        let channels = channels.map(|samples| &samples[..count]);
        // A local copy stays in registers.
        let (mut filters, mut sums) = (*self, [0.0; CHANNELS]);
        for frame in 0..count {
            let mut samples = [0.0; CHANNELS];
            for (sample, channel) in samples.iter_mut().zip(&channels) {
                *sample = f64::from(channel[frame]);
            }
            for (sum, weighted) in sums.iter_mut().zip(filters.process(samples)) {
                *sum += weighted * weighted;
            }
        }
        *self = filters;
        sums
    }

    /// |H|² at a frequency.
    pub fn power_gain(&self, frequency_hz: f64) -> f64 {
        self.design.power_gain(TAU * frequency_hz / self.sample_rate_hz)
    }
}

/// The weighting filter of one channel.
#[derive(Clone, Debug)]
pub struct WeightingFilter(WeightingFilters<1>);

impl WeightingFilter {
    /// At rest, for the given sampling rate.
    pub fn new(weighting: FrequencyWeighting, sample_rate_hz: f64) -> Self {
        WeightingFilter(WeightingFilters::new(weighting, sample_rate_hz))
    }

    /// The next weighted sample.
    pub fn process(&mut self, sample: f64) -> f64 {
        let [weighted] = self.0.process([sample]);
        weighted
    }

    /// |H|² at a frequency.
    pub fn power_gain(&self, frequency_hz: f64) -> f64 {
        self.0.power_gain(frequency_hz)
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
