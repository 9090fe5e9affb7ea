//! The neighbour limit, solved for all zones at once.

/// What a zone allows the neighbour limit to do with its goal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Not lowered below this; where that conflicts, the level limit wins over the neighbour limit.
    pub lowest_db: f64,
    /// Not raised above this.
    pub highest_db: f64,
}

/// Brings goals within `largest_step_db` of those of bordering zones.
///
/// First a zone that asks for little is raised towards a neighbour that asks for much, as far as its range allows; then what is
/// still too high is lowered. So speech that one zone has to be masked for lifts the zones around it, but a zone that must not
/// rise (a talker is there) holds its neighbours down.
pub fn limit_steps_between_neighbours(goals_db: &mut [f64], ranges: &[Range], neighbours: &[Vec<usize>], largest_step_db: f64) {
    settle(goals_db, neighbours, |goals_db, zone| {
        let loudest = neighbours[zone]
            .iter()
            .map(|n| goals_db[*n])
            .fold(f64::NEG_INFINITY, f64::max);
        goals_db[zone].max((loudest - largest_step_db).min(ranges[zone].highest_db))
    });
    settle(goals_db, neighbours, |goals_db, zone| {
        let softest = neighbours[zone].iter().map(|n| goals_db[*n]).fold(f64::INFINITY, f64::min);
        goals_db[zone].min((softest + largest_step_db).max(ranges[zone].lowest_db))
    });
}

/// Repeats a rule that moves goals in one direction only until nothing moves. Each round carries a change all along a chain of
/// zones in one of its two sweeps, so a few rounds do for ordinary plans; there are never more than zones.
fn settle(goals_db: &mut [f64], neighbours: &[Vec<usize>], rule: impl Fn(&[f64], usize) -> f64) {
    for _ in 0..goals_db.len() {
        let mut moved = false;
        let count = neighbours.len().min(goals_db.len());
        for zone in (0..count).chain((0..count).rev()) {
            let goal = rule(goals_db, zone);
            moved |= (goal - goals_db[zone]).abs() > 1e-9;
            goals_db[zone] = goal;
        }
        if !moved {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FREE: Range = Range {
        lowest_db: 40.0,
        highest_db: 46.0,
    };

    fn chain(zones: usize) -> Vec<Vec<usize>> {
        (0..zones)
            .map(|z| {
                [z.checked_sub(1), (z + 1 < zones).then_some(z + 1)]
                    .into_iter()
                    .flatten()
                    .collect()
            })
            .collect()
    }

    #[test]
    fn a_zone_that_needs_masking_lifts_the_zones_around_it() {
        let mut goals = [46.0, 40.0, 40.0, 40.0, 40.0];
        limit_steps_between_neighbours(&mut goals, &[FREE; 5], &chain(5), 2.0);
        assert_eq!(goals, [46.0, 44.0, 42.0, 40.0, 40.0]);
    }

    #[test]
    fn a_zone_that_must_not_rise_holds_the_others_down_step_by_step() {
        let mut goals = [40.0, 46.0, 46.0, 46.0, 46.0];
        let mut ranges = [FREE; 5];
        ranges[0].highest_db = 40.0;
        limit_steps_between_neighbours(&mut goals, &ranges, &chain(5), 2.0);
        assert_eq!(goals, [40.0, 42.0, 44.0, 46.0, 46.0]);
    }

    #[test]
    fn a_level_limit_wins_over_the_neighbour_limit() {
        let mut goals = [40.0, 46.0];
        let ranges = [
            Range {
                lowest_db: 40.0,
                highest_db: 41.0,
            },
            Range {
                lowest_db: 45.0,
                highest_db: 46.0,
            },
        ];
        limit_steps_between_neighbours(&mut goals, &ranges, &chain(2), 2.0);
        assert_eq!(goals, [41.0, 45.0]);
    }

    proptest! {
        #[test]
        fn the_limit_holds_and_nobody_is_raised_above_the_range(
            zones in prop::collection::vec((35.0f64..50.0, 35.0f64..50.0), 1..40),
            step in 0.5f64..3.0,
        ) {
            let before: Vec<f64> = zones.iter().map(|(goal, _)| *goal).collect();
            let ranges: Vec<Range> = zones.iter().map(|(_, highest_db)| Range { lowest_db: f64::NEG_INFINITY, highest_db: *highest_db }).collect();
            let mut goals = before.clone();
            let borders = chain(goals.len());
            limit_steps_between_neighbours(&mut goals, &ranges, &borders, step);
            for (zone, goal) in goals.iter().enumerate() {
                prop_assert!(*goal <= before[zone].max(ranges[zone].highest_db));
                prop_assert!(borders[zone].iter().all(|n| *goal <= goals[*n] + step + 1e-6));
            }
        }
    }
}
