//! The neighbour limit, solved for all zones at once.

/// Brings goals within `largest_step_db` of those of bordering zones.
///
/// First a zone that asks for little is raised towards a neighbour that asks for much, but never above what is highest for it; then
/// what is still too high is lowered, below its minimum if need be: where the limits of neighbours contradict each other the minimum
/// gives way. So speech that one zone has to be masked for lifts the zones around it, but a zone that must not rise (a talker is
/// there) holds its neighbours down.
pub fn limit_steps_between_neighbours(goals_db: &mut [f64], highest_db: &[f64], neighbours: &[Vec<usize>], largest_step_db: f64) {
    settle(goals_db, neighbours, |goals_db, zone| {
        let loudest = neighbours[zone]
            .iter()
            .map(|n| goals_db[*n])
            .fold(f64::NEG_INFINITY, f64::max);
        goals_db[zone].max((loudest - largest_step_db).min(highest_db[zone]))
    });
    settle(goals_db, neighbours, |goals_db, zone| {
        let softest = neighbours[zone].iter().map(|n| goals_db[*n]).fold(f64::INFINITY, f64::min);
        goals_db[zone].min(softest + largest_step_db)
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
        limit_steps_between_neighbours(&mut goals, &[46.0; 5], &chain(5), 2.0);
        assert_eq!(goals, [46.0, 44.0, 42.0, 40.0, 40.0]);
    }

    #[test]
    fn a_zone_that_must_not_rise_holds_the_others_down_step_by_step() {
        let mut goals = [40.0, 46.0, 46.0, 46.0, 46.0];
        limit_steps_between_neighbours(&mut goals, &[40.0, 46.0, 46.0, 46.0, 46.0], &chain(5), 2.0);
        assert_eq!(goals, [40.0, 42.0, 44.0, 46.0, 46.0]);
    }

    #[test]
    fn a_minimum_gives_way_to_the_maximum_next_door() {
        // One asks for its minimum of 45 dB, its neighbour may not have more than 41 dB.
        let mut goals = [40.0, 45.0];
        limit_steps_between_neighbours(&mut goals, &[41.0, 46.0], &chain(2), 2.0);
        assert_eq!(goals, [41.0, 43.0]);
    }

    proptest! {
        #[test]
        fn the_limit_holds_and_nobody_is_raised_above_the_range(
            zones in prop::collection::vec((35.0f64..50.0, 35.0f64..50.0), 1..40),
            step in 0.5f64..3.0,
        ) {
            let before: Vec<f64> = zones.iter().map(|(goal, _)| *goal).collect();
            let highest: Vec<f64> = zones.iter().map(|(_, highest_db)| *highest_db).collect();
            let mut goals = before.clone();
            let borders = chain(goals.len());
            limit_steps_between_neighbours(&mut goals, &highest, &borders, step);
            for (zone, goal) in goals.iter().enumerate() {
                prop_assert!(*goal <= before[zone].max(highest[zone]));
                prop_assert!(borders[zone].iter().all(|n| *goal <= goals[*n] + step + 1e-6));
            }
        }
    }
}
