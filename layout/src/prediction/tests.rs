//! Predictions of small offices, where one can tell what must come out; each warning with a plan that deserves it.

use geo::Polygon;

use super::*;
use crate::check::DoubtKind;
use crate::plan::{Floor, Loudspeaker, Microphone, Position, Screen, Zone, ZoneKind};
use crate::spectrum::minus5_db;

const NONE: usize = 0;
const FIXED: usize = 1;
const ADAPTIVE: usize = 2;

fn rectangle(west: f64, south: f64, east: f64, north: f64) -> Polygon<f64> {
    let corners = vec![(west, south), (east, south), (east, north), (west, north)];
    Polygon::new(corners.into(), vec![])
}

/// Zones of 8 m by 8 m in a row, each with a microphone in the middle and four loudspeakers.
fn row(count: usize) -> Plan {
    let mut plan = Plan {
        floors: vec![Floor {
            id: "1".into(),
            outline: rectangle(0.0, 0.0, 8.0 * count as f64, 8.0),
            height_m: 2.8,
            absorption: Some(0.9),
            reverberation_s: Some(0.4),
        }],
        ..Plan::default()
    };
    for zone in 0..count {
        let west = 8.0 * zone as f64;
        let outline = rectangle(west, 0.0, west + 8.0, 8.0);
        let at = |x: f64, y_m: f64, z_m: f64| Position { x_m: west + x, y_m, z_m };
        plan.zones.push(Zone {
            id: format!("z{zone}"),
            name: format!("Team {zone}"),
            floor: 0,
            kind: ZoneKind::Focus,
            listeners: crate::default_listeners(&outline),
            outline,
        });
        plan.microphones.push(Microphone {
            id: format!("m{zone}"),
            zone,
            position: at(4.0, 4.0, 2.7),
            device: None,
            channel: 1,
            sensitivity_dbfs: -26.0,
        });
        for (x, y_m) in [(2.0, 2.0), (6.0, 2.0), (2.0, 6.0), (6.0, 6.0)] {
            plan.loudspeakers.push(Loudspeaker {
                id: format!("s{}", plan.loudspeakers.len()),
                zone,
                position: at(x, y_m, 2.75),
                device: None,
                channel: 1,
                output_db_spl: 94.0,
            });
        }
    }
    plan
}

fn assumptions(plan: &Plan) -> Assumptions {
    Assumptions {
        background_db: 35.0,
        masking_spectrum_db: minus5_db(),
        zones: vec![
            ZoneLimits {
                level_min_db: 40.0,
                level_fixed_db: 43.0,
                level_max_db: 46.0,
                sti_target: 0.45,
            };
            plan.zones.len()
        ],
        neighbour_max_db: 2.0,
        maskable_margin_sti: 0.15,
    }
}

fn predict(plan: &Plan) -> Prediction {
    Prediction::of(plan, &assumptions(plan), &|_| ())
}

fn kinds(plan: &Plan) -> Vec<WarningKind> {
    predict(plan).warnings.into_iter().map(|warning| warning.kind).collect()
}

#[test]
fn masking_makes_fewer_workplaces_understand_a_talker_and_adaptive_masking_fewer_far_ones() {
    let plan = row(5);
    let found = predict(&plan);
    let [none, fixed, adaptive] = found.understood_per_talker();
    assert!(none > 1.5 * fixed && fixed > 3.0, "{none} {fixed} {adaptive}");
    let [none, fixed, adaptive] = found.share_understood();
    assert!(none <= 1.0 && fixed < none && adaptive < none, "{none} {fixed} {adaptive}");
    assert!(found.understood.iter().flatten().all(|seat| seat.of == 79));
}

#[test]
fn adaptive_masking_is_within_limits_neighbours_included_and_low_where_the_talker_sits() {
    let plan = row(6);
    let found = predict(&plan);
    let zones: Vec<usize> = found.towards[0].iter().map(|there| there.zone).collect();
    assert_eq!(zones, [1, 2, 3, 4]);
    let levels: Vec<f64> = found.towards[0].iter().map(|there| there.adaptive_db).collect();
    assert!(levels.iter().all(|level_db| (40.0..=46.0).contains(level_db)), "{levels:?}");
    assert!(levels.iter().any(|level_db| *level_db > 40.5), "{levels:?}");
    assert!(
        levels.windows(2).all(|pair| (pair[0] - pair[1]).abs() <= 2.0 + 1e-9),
        "{levels:?}"
    );
}

#[test]
fn a_coffee_corner_is_no_workplace_and_asks_for_no_masking() {
    let mut plan = row(4);
    plan.zones[1].kind = ZoneKind::Social;
    let found = predict(&plan);
    let counted: Vec<usize> = found.understood.iter().map(Vec::len).collect();
    assert_eq!(counted, [16, 0, 16, 16]);
    assert!(found.understood.iter().flatten().all(|seat| seat.of == 47));
    // Who talks at the west end is masked in the first zone with desks only; the corner between is lifted for it.
    let adaptive_db = |plan: &Plan| -> Vec<f64> { predict(plan).towards[0].iter().map(|there| there.adaptive_db).collect() };
    let (with_corner, without) = (adaptive_db(&plan), adaptive_db(&row(4)));
    assert!(with_corner[0] < without[0], "{with_corner:?} {without:?}");
    let cannot_help = |warning: &Warning| warning.zone == Some(1) && matches!(warning.kind, WarningKind::CannotHelp { .. });
    assert!(!found.warnings.iter().any(cannot_help));
}

#[test]
fn the_sti_falls_with_masking_and_the_distraction_distance_towards_a_zone_with_it() {
    let found = predict(&row(5));
    for there in found.towards.iter().flatten() {
        assert!(there.sti[NONE] >= there.sti[FIXED], "{there:?}");
        // Towards the near end of the office speech is understood everywhere.
        let at = |masking: usize| there.rd_m[masking].unwrap_or(f64::INFINITY);
        assert!(at(NONE) >= at(FIXED) && at(FIXED) > 2.0, "{there:?}");
    }
    let farthest = found.towards[0].last().expect("heard").rd_m[FIXED];
    assert!(farthest.is_some_and(|rd_m| rd_m < 14.0), "{farthest:?}");
}

#[test]
fn the_distraction_distance_of_the_path_is_near_that_of_the_pair() {
    let found = predict(&row(5));
    let path = found.paths.first().expect("a path");
    let rd_m = path.figures[FIXED].and_then(|figures| figures.rd_m).expect("falls");
    let pair_m = found.towards[0][0].rd_m[FIXED].expect("falls");
    assert!((rd_m - pair_m).abs() < 2.5, "{rd_m} {pair_m}");
}

#[test]
fn fixed_masking_is_its_level_in_the_energy_mean_over_the_listeners() {
    let plan = row(3);
    let found = predict(&plan).coverage;
    for (zone, levels_db) in found.zones.iter().zip(&found.at_listeners_db) {
        assert!((zone.mean_db - 43.0).abs() < 0.05, "{zone:?}");
        assert!(zone.lowest_db <= zone.mean_db && zone.mean_db <= zone.highest_db);
        assert!(zone.uniformity_db() < 1.5, "{zone:?}");
        let mean = levels_db.iter().map(|level| 10f64.powf(level / 10.0)).sum::<f64>() / 16.0;
        assert!((10.0 * mean.log10() - zone.mean_db).abs() < 1e-9);
    }
}

#[test]
fn the_map_of_a_talker_is_loudest_where_he_sits_and_agrees_with_itself() {
    let plan = row(3);
    let found = predict(&plan);
    let (map, grid) = (&found.talkers[1], &found.grids[0]);
    let talker = map.talker.expect("a talker");
    let loudest = map
        .heard
        .iter()
        .max_by(|a, b| a.speech_db.total_cmp(&b.speech_db))
        .expect("cells");
    assert!(grid.place(loudest.cell).distance_m(talker) < grid.cell_m);
    assert!(map.heard.iter().all(|cell| cell.sti[NONE] >= cell.sti[FIXED]));
    assert_eq!(grid.zones.iter().flatten().count(), map.heard.len());
    assert!(map.heard.iter().any(|cell| cell.sti[ADAPTIVE] < cell.sti[FIXED]));
}

#[test]
fn floors_do_not_hear_each_other() {
    let mut plan = row(2);
    plan.floors.push(plan.floors[0].clone());
    plan.zones[1].floor = 1;
    let found = predict(&plan);
    assert!(found.towards.iter().all(Vec::is_empty));
    assert!(found.understood.iter().flatten().all(|seat| seat.of == 15));
}

#[test]
fn a_well_built_plan_has_no_warning_about_its_devices() {
    let found = kinds(&row(3));
    let harmless = |kind: &WarningKind| matches!(kind, WarningKind::CannotHelp { .. });
    assert!(found.iter().all(harmless), "{found:?}");
}

#[test]
fn a_zone_behind_walls_without_a_loudspeaker_has_none_in_reach() {
    let mut plan = row(2);
    plan.loudspeakers.retain(|loudspeaker| loudspeaker.zone == 0);
    plan.screens.push(Screen {
        floor: 0,
        from: [8.0, 0.0],
        to: [8.0, 8.0],
        height_m: 2.8,
        reduction_db: 55.0,
    });
    let zone = "z1".to_owned();
    assert!(kinds(&plan).contains(&WarningKind::NoLoudspeaker { zone }));
}

#[test]
fn a_zone_that_lives_on_leaks_is_too_soft() {
    let mut plan = row(2);
    plan.loudspeakers.retain(|loudspeaker| loudspeaker.zone == 0);
    let found = kinds(&plan);
    assert!(
        found
            .iter()
            .any(|kind| matches!(kind, WarningKind::TooSoft { zone, .. } if zone == "z1")),
        "{found:?}"
    );
}

#[test]
fn a_zone_that_should_be_much_softer_than_those_around_it_is_too_loud() {
    let plan = row(3);
    let mut assumed = assumptions(&plan);
    assumed.zones[1].level_fixed_db = 33.0;
    let found = Prediction::of(&plan, &assumed, &|_| ()).warnings;
    let too_loud = |warning: &Warning| warning.zone == Some(1) && matches!(warning.kind, WarningKind::TooLoud { .. });
    assert!(found.iter().any(too_loud), "{found:?}");
}

#[test]
fn loudspeakers_without_headroom_are_too_weak() {
    let mut plan = row(1);
    for loudspeaker in &mut plan.loudspeakers {
        loudspeaker.output_db_spl = 60.0;
    }
    let found = kinds(&plan);
    assert!(
        found
            .iter()
            .any(|kind| matches!(kind, WarningKind::TooWeak { missing_db, .. } if *missing_db < 15.0)),
        "{found:?}"
    );
}

#[test]
fn one_loudspeaker_in_the_corner_is_uneven() {
    let mut plan = row(1);
    plan.loudspeakers.truncate(1);
    let found = kinds(&plan);
    assert!(
        found.iter().any(|kind| matches!(kind, WarningKind::Uneven { .. })),
        "{found:?}"
    );
}

#[test]
fn a_microphone_at_the_edge_and_beside_a_loudspeaker_gets_both_warnings() {
    let mut plan = row(2);
    plan.microphones[0].position = Position {
        x_m: 7.5,
        y_m: 6.0,
        z_m: 2.7,
    };
    plan.loudspeakers[3].position = Position {
        x_m: 7.0,
        y_m: 6.0,
        z_m: 2.75,
    };
    let found = kinds(&plan);
    assert!(
        found
            .iter()
            .any(|kind| matches!(kind, WarningKind::MicrophoneAtEdge { microphone, .. } if microphone == "m0"))
    );
    assert!(
        found
            .iter()
            .any(|kind| matches!(kind, WarningKind::MicrophoneAtLoudspeaker { loudspeaker, .. } if loudspeaker == "s3"))
    );
}

#[test]
fn a_zone_without_a_microphone_and_one_too_large_for_one_are_told() {
    let mut plan = row(1);
    plan.zones[0].outline = rectangle(0.0, 0.0, 8.0, 8.0);
    plan.microphones.clear();
    assert!(kinds(&plan).contains(&WarningKind::NoMicrophone { zone: "z0".into() }));
    let mut wide = row(2);
    wide.zones.truncate(1);
    wide.zones[0].outline = rectangle(0.0, 0.0, 16.0, 8.0);
    wide.microphones.truncate(1);
    wide.loudspeakers.truncate(4);
    let found = kinds(&wide);
    assert!(
        found
            .iter()
            .any(|kind| matches!(kind, WarningKind::FewMicrophones { microphones: 1, .. })),
        "{found:?}"
    );
}

#[test]
fn speech_from_the_next_desk_is_not_for_masking_to_cure() {
    let mut plan = row(2);
    let seat = |x_m| Position { x_m, y_m: 4.0, z_m: 1.2 };
    plan.zones[0].listeners = vec![seat(7.2)];
    plan.zones[1].listeners = vec![seat(8.8)];
    let found = kinds(&plan);
    assert!(
        found
            .iter()
            .any(|kind| matches!(kind, WarningKind::CannotHelp { zone, .. } if zone == "z1")),
        "{found:?}"
    );
}

#[test]
fn zones_drawn_a_hand_apart_are_told_and_passages_and_walls_are_not() {
    let gap = |gap_m: f64, wall: bool| {
        let mut plan = row(2);
        plan.zones[1].outline = rectangle(8.0 + gap_m, 0.0, 16.0, 8.0);
        plan.screens
            .extend(wall.then(|| screen([8.0 + gap_m / 2.0, 0.0], [8.0 + gap_m / 2.0, 8.0], 2.8)));
        kinds(&plan)
            .iter()
            .any(|kind| matches!(kind, WarningKind::Doubtful(DoubtKind::Gap { .. })))
    };
    assert!(gap(0.2, false));
    assert!(!gap(0.2, true) && !gap(1.2, false) && !gap(0.0, false));
}

#[test]
fn a_screen_through_a_wall_is_told_and_one_that_ends_at_it_is_not() {
    let through = |east_m: f64| {
        let mut plan = row(2);
        plan.screens = vec![screen([8.0, 0.0], [8.0, 8.0], 2.8), screen([5.0, 4.0], [east_m, 4.0], 1.6)];
        kinds(&plan)
            .into_iter()
            .find(|kind| matches!(kind, WarningKind::Doubtful(DoubtKind::ThroughWall { .. })))
    };
    assert!(matches!(
        through(10.0),
        Some(WarningKind::Doubtful(DoubtKind::ThroughWall { screen: 2, wall: 1, .. }))
    ));
    assert_eq!(through(8.1), None);
}

fn screen(from: [f64; 2], to: [f64; 2], height_m: f64) -> Screen {
    Screen {
        floor: 0,
        from,
        to,
        height_m,
        reduction_db: 40.0,
    }
}

#[test]
fn every_warning_says_what_to_do() {
    let mut plan = row(2);
    plan.microphones.clear();
    plan.loudspeakers.truncate(1);
    for kind in kinds(&plan) {
        assert!(kind.help().len() > 20 && !kind.to_string().is_empty());
    }
}
