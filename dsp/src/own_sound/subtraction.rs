//! The room without our own masking: subtraction in the power domain.
//!
//! What we play is known, and so is roughly how loud it arrives; the difference to what is measured is the ambient sound.
//! L_ambient = 10 lg(10^(L/10) − 10^(L_own/10)). The error of a small difference of large numbers grows without bound, so the
//! estimate says whether it can be trusted.

use crate::units::db_to_power;

/// How well the layout predicts the level of our own sound at a microphone, dB.
const PREDICTION_UNCERTAINTY_DB: f64 = 0.5;

/// The ambient level counts as resolved when it is known to this, dB.
const RESOLVED_DB: f64 = 1.0;

/// If the prediction exceeds the steady part of what is measured by this, the masking does not arrive as the layout says.
const CONTRADICTION_DB: f64 = 3.0;

/// An ambient level that is not resolved is not given lower than this below our own sound.
const LOWEST_RE_OWN_DB: f64 = -10.0;

/// An estimate of the ambient sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ambient {
    /// A-weighted power.
    pub power: f64,
    /// Whether it is known to ±1 dB.
    pub resolved: bool,
}

/// Removes the predicted power of our own sound from a measured power.
///
/// `background` is the steady part of what is measured: our own sound cannot be louder than that.
pub fn remove_own_sound(measured: f64, own: f64, background: f64) -> Ambient {
    if own <= 0.0 {
        return Ambient {
            power: measured,
            resolved: true,
        };
    }
    if own > background * db_to_power(CONTRADICTION_DB) {
        return Ambient {
            power: measured,
            resolved: false,
        };
    }
    let difference = measured - own;
    let error = own * (db_to_power(PREDICTION_UNCERTAINTY_DB) - 1.0);
    // The tighter side of ±1 dB is the lower one.
    let resolved = error <= difference * (1.0 - db_to_power(-RESOLVED_DB));
    Ambient {
        power: difference.max(own * db_to_power(LOWEST_RE_OWN_DB)),
        resolved,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::power_to_db;

    #[test]
    fn resolved_means_within_1_db_whatever_the_prediction_error() {
        for ambient_db in 30..55 {
            for error_db in [-0.5, 0.0, 0.5] {
                let ambient = db_to_power(f64::from(ambient_db));
                let own = db_to_power(43.0);
                let estimate = remove_own_sound(ambient + own, own * db_to_power(error_db), ambient + own);
                let off = power_to_db(estimate.power) - f64::from(ambient_db);
                assert!(
                    !estimate.resolved || off.abs() <= 1.0,
                    "{ambient_db} dB, prediction {error_db:+} dB: {off:+.2} dB"
                );
                assert!(
                    estimate.resolved || ambient_db < 43,
                    "{ambient_db} dB must be resolved under 43 dB"
                );
            }
        }
    }

    #[test]
    fn a_prediction_that_the_room_contradicts_is_not_subtracted() {
        let quiet = db_to_power(30.0);
        assert_eq!(
            remove_own_sound(quiet, db_to_power(43.0), quiet),
            Ambient {
                power: quiet,
                resolved: false
            }
        );
    }

    #[test]
    fn without_masking_everything_is_ambient() {
        assert_eq!(
            remove_own_sound(5.0, 0.0, 5.0),
            Ambient {
                power: 5.0,
                resolved: true
            }
        );
    }
}
