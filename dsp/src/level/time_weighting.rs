//! F time weighting.

/// Time constant of F (IEC 61672-1:2013, 3.5), seconds.
const FAST_S: f64 = 0.125;

/// Exponential averaging of a squared signal with the time constant of F.
#[derive(Clone, Debug)]
pub struct FastWeighting {
    share: f64,
    power: f64,
    settling: u32,
}

impl FastWeighting {
    /// At rest, for the given sampling rate.
    pub fn new(sample_rate_hz: f64) -> Self {
        FastWeighting {
            share: 1.0 - (-1.0 / (sample_rate_hz * FAST_S)).exp(),
            power: 0.0,
            settling: (sample_rate_hz * FAST_S * 8.0) as u32,
        }
    }

    /// Takes the next squared sample and returns the averaged power.
    pub fn process(&mut self, squared: f64) -> f64 {
        self.power += self.share * (squared - self.power);
        self.settling = self.settling.saturating_sub(1);
        self.power
    }

    /// The averaged power now.
    pub fn power(&self) -> f64 {
        self.power
    }

    /// Whether the average has forgotten that it began at zero (eight time constants: 0.0015 dB).
    pub fn settled(&self) -> bool {
        self.settling == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sudden_stop_decays_by_34_7_db_per_second() {
        let mut fast = FastWeighting::new(48_000.0);
        (0..48_000).for_each(|_| {
            fast.process(1.0);
        });
        let before = fast.power();
        (0..48_000).for_each(|_| {
            fast.process(0.0);
        });
        let decay_db = 10.0 * (before / fast.power()).log10();
        // exp(-1/0.125) is 34.74 dB.
        assert!((decay_db - 34.74).abs() < 0.05, "{decay_db}");
    }

    #[test]
    fn a_4_khz_burst_reads_as_table_4_says() {
        // IEC 61672-1:2013, Table 4: LAFmax − LA of a burst; class 1 limits.
        for (ms, expected, above, below) in [
            (1000.0, 0.0, 0.5, 0.5),
            (200.0, -1.0, 0.5, 0.5),
            (50.0, -4.8, 1.0, 1.0),
            (10.0, -11.1, 1.0, 1.0),
            (1.0, -21.0, 1.0, 2.0),
            (0.25, -27.0, 1.0, 3.0),
        ] {
            let mut fast = FastWeighting::new(48_000.0);
            let mut highest = 0.0f64;
            for n in 0..96_000 {
                let t = f64::from(n) / 48_000.0;
                let sample = if t < ms / 1000.0 {
                    (core::f64::consts::TAU * 4000.0 * t).sin()
                } else {
                    0.0
                };
                highest = highest.max(fast.process(sample * sample));
            }
            let error = 10.0 * (highest / 0.5).log10() - expected;
            assert!(error <= above && error >= -below, "{ms} ms: {error:+.2} dB");
        }
    }
}
