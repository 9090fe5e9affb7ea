//! The time weightings F and S: exponential averages of a squared signal (IEC 61672-1:2013, 3.5 and 5.8).

/// A time weighting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeWeighting {
    /// 125 ms.
    Fast,
    /// 1 s.
    Slow,
}

/// Time constants after which an average counts as settled: what it began with still lowers it by 0.0015 dB.
const SETTLING_TIME_CONSTANTS: f64 = 8.0;

impl TimeWeighting {
    /// Time constant, seconds (IEC 61672-1:2013, 5.8.1).
    pub fn time_constant_s(self) -> f64 {
        match self {
            TimeWeighting::Fast => 0.125,
            TimeWeighting::Slow => 1.0,
        }
    }

    /// What a new squared sample contributes to the average: y += share·(p² − y), exact for a signal held between samples.
    pub fn share(self, sample_rate_hz: f64) -> f64 {
        1.0 - (-1.0 / (sample_rate_hz * self.time_constant_s())).exp()
    }

    /// Samples until an average that began at zero can be relied on.
    pub fn settling_samples(self, sample_rate_hz: f64) -> u32 {
        (sample_rate_hz * self.time_constant_s() * SETTLING_TIME_CONSTANTS) as u32
    }
}

/// The running average of one channel.
#[derive(Clone, Debug)]
pub struct TimeWeightedPower {
    share: f64,
    power: f64,
    settling: u32,
}

impl TimeWeightedPower {
    /// At rest, for the given sampling rate.
    pub fn new(weighting: TimeWeighting, sample_rate_hz: f64) -> Self {
        TimeWeightedPower {
            share: weighting.share(sample_rate_hz),
            power: 0.0,
            settling: weighting.settling_samples(sample_rate_hz),
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

    /// Whether the average has forgotten that it began at zero.
    pub fn settled(&self) -> bool {
        self.settling == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sudden_stop_decays_at_the_rate_of_the_time_constant() {
        // 10 lg e per time constant: 34.74 dB/s for F (at least 25 dB/s), 4.34 dB/s for S (3.4 to 5.3 dB/s).
        for (weighting, expected) in [(TimeWeighting::Fast, 34.74), (TimeWeighting::Slow, 4.343)] {
            for rate in [44_100u32, 48_000, 96_000] {
                let mut average = TimeWeightedPower::new(weighting, f64::from(rate));
                (0..10 * rate).for_each(|_| {
                    average.process(1.0);
                });
                let before = average.power();
                (0..rate).for_each(|_| {
                    average.process(0.0);
                });
                let decay_db = 10.0 * (before / average.power()).log10();
                assert!((decay_db - expected).abs() < 0.01, "{weighting:?} at {rate} Hz: {decay_db}");
            }
        }
    }

    #[test]
    fn an_average_is_settled_when_it_is_within_0_002_db() {
        for weighting in [TimeWeighting::Fast, TimeWeighting::Slow] {
            let mut average = TimeWeightedPower::new(weighting, 48_000.0);
            while !average.settled() {
                average.process(1.0);
            }
            assert!((10.0 * average.power().log10()).abs() < 0.002, "{weighting:?}");
        }
    }

    #[test]
    fn fast_and_slow_agree_on_a_steady_tone() {
        let [fast, slow] = [TimeWeighting::Fast, TimeWeighting::Slow].map(|weighting| {
            let mut average = TimeWeightedPower::new(weighting, 48_000.0);
            for n in 0..480_000 {
                average.process((core::f64::consts::TAU * 1000.0 * f64::from(n) / 48_000.0).sin().powi(2));
            }
            average.power()
        });
        // IEC 61672-1:2013, 5.8.3: within ±0.1 dB at 1 kHz.
        assert!((10.0 * (fast / slow).log10()).abs() <= 0.1);
    }
}
