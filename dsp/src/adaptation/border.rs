//! The neighbour limit between zones of two engines, each of which moves its own only.
//!
//! Within a site the limit is solved for all zones at once. Here each side knows the other's level as it was a moment ago, and keeps
//! below it plus the limit, less what the other may have fallen since. A side that needs less follows one that needs more to a little
//! within the limit, so that this one can rise further, and so on: no goals have to be told, only levels.
//!
//! A side that hears nothing of the other goes alone: both then stay near enough to their commissioned levels to be within the limit of
//! each other without a word.

/// What needs less follows to so far within the limit, dB: less than anybody hears, and enough for the other to go on.
const FOLLOWS_WITHIN_DB: f64 = 0.5;

/// What a level may be older than it seems, seconds: it is of the end of a period, is told a moment later, and holds until the next.
const LATER_S: f64 = 2.0;

/// How fast the other side may fall, dB/min, and by how much the two may differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BorderLimits {
    /// Largest difference.
    pub neighbour_max_db: f64,
    /// Fastest fall, which is taken for the other's too.
    pub slew_down_db_per_min: f64,
}

/// Levels of a zone that fit what borders on it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fitting {
    /// A zone that may rise for others' sake rises to this.
    pub follow_to_db: f64,
    /// Every zone goes at least to this.
    pub least_db: f64,
    /// No zone goes beyond this.
    pub most_db: f64,
}

impl Fitting {
    /// Nothing borders on it.
    pub const ANY: Self = Fitting {
        follow_to_db: f64::NEG_INFINITY,
        least_db: f64::NEG_INFINITY,
        most_db: f64::INFINITY,
    };

    /// What also fits something else.
    pub fn and(self, other: Self) -> Self {
        Fitting {
            follow_to_db: self.follow_to_db.max(other.follow_to_db),
            least_db: self.least_db.max(other.least_db),
            most_db: self.most_db.min(other.most_db),
        }
    }
}

impl BorderLimits {
    /// Beside a zone that stood at a level so long ago.
    pub fn beside(&self, level_db: f64, age_s: f64) -> Fitting {
        let fallen_db = self.slew_down_db_per_min / 60.0 * (age_s.max(0.0) + LATER_S);
        let within_db = FOLLOWS_WITHIN_DB.min(self.neighbour_max_db / 2.0);
        Fitting {
            follow_to_db: level_db - self.neighbour_max_db + within_db.max(fallen_db),
            least_db: f64::NEG_INFINITY,
            most_db: level_db + (self.neighbour_max_db - fallen_db).max(0.0),
        }
    }

    /// Beside a zone of which nothing is known but its commissioned level.
    pub fn alone(&self, fixed_db: f64, other_fixed_db: f64) -> Fitting {
        let apart_db = (fixed_db - other_fixed_db).abs();
        let half_db = ((self.neighbour_max_db - apart_db) / 2.0).max(0.0);
        Fitting {
            follow_to_db: f64::NEG_INFINITY,
            least_db: fixed_db - half_db,
            most_db: fixed_db + half_db,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: BorderLimits = BorderLimits {
        neighbour_max_db: 2.0,
        slew_down_db_per_min: 3.0,
    };

    /// Two zones that steer by each other's level of some seconds ago; each asks for a level of its own.
    fn converse(wanted_db: [f64; 2], begun_db: [f64; 2], late_s: usize, may_rise: [bool; 2]) -> Vec<[f64; 2]> {
        let mut levels = vec![begun_db];
        for second in 0..1200usize {
            let now = levels[second];
            let seen = levels[second.saturating_sub(late_s)];
            levels.push(core::array::from_fn(|side| {
                let fit = LIMITS.beside(seen[1 - side], late_s as f64);
                let follow_db = if may_rise[side] { fit.follow_to_db } else { f64::NEG_INFINITY };
                let goal_db = wanted_db[side].max(follow_db).min(fit.most_db);
                now[side] + (goal_db - now[side]).clamp(-3.0 / 60.0, 6.0 / 60.0)
            }));
        }
        levels
    }

    #[test]
    fn a_side_that_needs_less_follows_one_that_needs_more() {
        for late_s in [0, 1, 3] {
            let levels = converse([46.0, 40.0], [43.0, 43.0], late_s, [true, true]);
            let [one, other] = levels[1200];
            assert!((one - 46.0).abs() < 0.01, "{late_s} s late: {one}");
            assert!((other - 44.5).abs() < 0.2, "{late_s} s late: {other}");
        }
    }

    #[test]
    fn a_side_that_must_not_rise_holds_the_other_down() {
        let levels = converse([46.0, 40.0], [43.0, 43.0], 1, [true, false]);
        let [one, other] = levels[1200];
        assert!(
            (other - 40.0).abs() < 0.01 && (41.5..=42.0).contains(&one),
            "{one} beside {other}"
        );
    }

    #[test]
    fn both_come_down_again_when_neither_needs_it() {
        let levels = converse([40.0, 40.0], [46.0, 44.5], 2, [true, true]);
        assert!(
            levels[1200].iter().all(|level_db| (level_db - 40.0).abs() < 0.01),
            "{:?}",
            levels[1200]
        );
    }

    proptest! {
        #[test]
        fn the_limit_holds_between_them_at_every_moment(
            wanted_db in [38.0..48.0f64, 38.0..48.0f64],
            middle_db in 40.0..46.0f64,
            apart_db in -1.9..1.9f64,
            late_s in 0usize..6,
            may_rise in [any::<bool>(), any::<bool>()],
        ) {
            let begun_db = [middle_db + apart_db / 2.0, middle_db - apart_db / 2.0];
            for [one, other] in converse(wanted_db, begun_db, late_s, may_rise) {
                prop_assert!((one - other).abs() <= 2.0 + 1e-9, "{one} beside {other}");
            }
        }

        #[test]
        fn alone_both_are_within_the_limit_wherever_they_stand(
            fixed_db in 40.0..46.0f64,
            apart_db in -2.0..2.0f64,
            one in 0.0..=1.0f64,
            other in 0.0..=1.0f64,
        ) {
            let other_fixed_db = fixed_db + apart_db;
            let somewhere = |fit: Fitting, part: f64| fit.least_db + part * (fit.most_db - fit.least_db);
            let one_db = somewhere(LIMITS.alone(fixed_db, other_fixed_db), one);
            let other_db = somewhere(LIMITS.alone(other_fixed_db, fixed_db), other);
            prop_assert!((one_db - other_db).abs() <= 2.0 + 1e-9);
        }
    }
}
