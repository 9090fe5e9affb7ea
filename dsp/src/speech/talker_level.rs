//! How loud a talker is on average.

use crate::units::power_to_db;

/// Seconds over which the level is averaged, and silence after which the average begins anew.
const AVERAGING_S: f64 = 5.0;
const FORGET_S: u32 = 10;

/// Level of the speech in one zone, averaged over some seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TalkerLevel {
    power: f64,
    silent_s: u32,
}

impl Default for TalkerLevel {
    fn default() -> Self {
        TalkerLevel {
            power: 0.0,
            silent_s: u32::MAX,
        }
    }
}

impl TalkerLevel {
    /// Takes the power of the speech in one second; `None` without speech.
    pub fn follow(&mut self, power: Option<f64>) {
        let Some(power) = power else {
            self.silent_s = self.silent_s.saturating_add(1);
            return;
        };
        if self.silent_s > FORGET_S {
            self.power = power;
        }
        self.power += (power - self.power) / AVERAGING_S;
        self.silent_s = 0;
    }

    /// The average, dB(A); `None` when nobody talked in the last second.
    pub fn averaged_db(&self) -> Option<f64> {
        (self.silent_s == 0 && self.power > 0.0).then(|| power_to_db(self.power))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::db_to_power;

    #[test]
    fn the_average_goes_on_after_a_pause_and_begins_anew_after_a_long_one() {
        let mut level = TalkerLevel::default();
        assert_eq!(level.averaged_db(), None);
        let say = |level: &mut TalkerLevel, db: f64| level.follow(Some(db_to_power(db)));
        say(&mut level, 50.0);
        assert!((level.averaged_db().unwrap() - 50.0).abs() < 1e-9, "nothing to average with");
        level.follow(None);
        assert_eq!(level.averaged_db(), None);
        say(&mut level, 60.0);
        let mixed_db = 10.0 * (0.8 * 1e5 + 0.2 * 1e6f64).log10();
        assert!((level.averaged_db().unwrap() - mixed_db).abs() < 1e-9);
        (0..=FORGET_S).for_each(|_| level.follow(None));
        say(&mut level, 45.0);
        assert!((level.averaged_db().unwrap() - 45.0).abs() < 1e-9);
    }
}
