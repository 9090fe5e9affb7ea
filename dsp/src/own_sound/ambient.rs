//! The level of the room without our own masking, and how well it is known.
//!
//! L_ambient = 10 lg(10^(L/10) − 10^(L_own/10)). The error of a small difference of large numbers grows without bound, so the
//! estimate says how far it can be trusted.

use crate::units::{db_to_power, power_to_db};

/// The ambient level counts as resolved when it is known to this, dB.
const RESOLVED_DB: f64 = 1.0;

/// An interval of this many standard uncertainties holds the truth in 95 % of cases (JCGM 100:2008, 6.3.3).
const COVERAGE: f64 = 2.0;

/// Not even a microphone alone is better known than this, dB.
const LEAST_UNCERTAINTY_DB: f64 = 0.05;

/// An estimate of the ambient sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ambient {
    /// A-weighted power.
    pub power: f64,
    /// Whether it is known to ±1 dB.
    pub resolved: bool,
    /// Standard uncertainty of the level, dB.
    pub uncertainty_db: f64,
}

/// Removes the power of our own sound from a measured power; `uncertainty` is the standard uncertainty of the former.
///
/// An ambient power below that uncertainty is not known at all and given as it.
pub fn ambient(measured: f64, own: f64, uncertainty: f64) -> Ambient {
    let power = (measured - own).max(uncertainty).max(0.0);
    // The lower side of ±1 dB is the tighter one.
    let known = COVERAGE * uncertainty <= power * (1.0 - db_to_power(-RESOLVED_DB));
    let relative = if power > 0.0 { uncertainty / power } else { 0.0 };
    Ambient {
        power,
        resolved: known,
        uncertainty_db: power_to_db(1.0 + relative).max(LEAST_UNCERTAINTY_DB),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolved_means_within_1_db_for_errors_up_to_the_coverage() {
        for ambient_db in 20..60 {
            for uncertainty_share in [0.0, 0.01, 0.05, 0.2] {
                for error in [-COVERAGE, 0.0, COVERAGE] {
                    let (truth, own) = (db_to_power(f64::from(ambient_db)), db_to_power(46.0));
                    let uncertainty = uncertainty_share * own;
                    let estimate = ambient(truth + own, own + error * uncertainty, uncertainty);
                    let off = power_to_db(estimate.power) - f64::from(ambient_db);
                    assert!(!estimate.resolved || off.abs() <= 1.3, "{ambient_db} dB: {off:+.2} dB");
                    let share = COVERAGE * uncertainty / truth;
                    if error == 0.0 && (share - 0.2).abs() > 0.02 {
                        assert_eq!(estimate.resolved, share < 0.2, "{ambient_db} dB");
                    }
                }
            }
        }
    }

    #[test]
    fn without_masking_everything_is_ambient() {
        let estimate = ambient(5.0, 0.0, 0.0);
        assert_eq!((estimate.power, estimate.resolved), (5.0, true));
    }

    #[test]
    fn what_is_not_known_is_not_given_lower_than_its_uncertainty() {
        let estimate = ambient(100.0, 99.0, 10.0);
        assert_eq!((estimate.power, estimate.resolved), (10.0, false));
    }
}
