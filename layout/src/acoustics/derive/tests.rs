//! The derived numbers of small plans against what the single parts say, and against each other.

use geo::Polygon;
use proptest::prelude::*;

use super::*;
use crate::plan::{Floor, Loudspeaker, Microphone, Position, RemoteZone, Screen, Zone, ZoneKind};
use crate::spectrum::minus5_db;

fn rectangle(west: f64, south: f64, east: f64, north: f64) -> Polygon<f64> {
    Polygon::new(
        vec![(west, south), (east, south), (east, north), (west, north)].into(),
        vec![],
    )
}

fn at(x_m: f64, y_m: f64, z_m: f64) -> Position {
    Position { x_m, y_m, z_m }
}

/// Zones of 8 m by 8 m in a row, each with a microphone and a loudspeaker over its middle.
fn row(count: usize) -> Plan {
    let mut plan = Plan::default();
    plan.floors.push(Floor {
        id: "1".into(),
        outline: rectangle(0.0, 0.0, 8.0 * count as f64, 8.0),
        height_m: 2.8,
        absorption: Some(0.8),
        reverberation_s: None,
    });
    for index in 0..count {
        let west = 8.0 * index as f64;
        let outline = rectangle(west, 0.0, west + 8.0, 8.0);
        let (id, kind) = (format!("z{index}"), ZoneKind::Focus);
        let listeners = crate::default_listeners(&outline);
        plan.zones.push(Zone {
            name: id.clone(),
            id,
            floor: 0,
            kind,
            outline,
            listeners,
        });
        let (id, position) = (format!("m{index}"), at(west + 4.0, 4.0, 2.7));
        plan.microphones.push(Microphone {
            id,
            zone: index,
            position,
            device: None,
            channel: 1,
            sensitivity_dbfs: -26.0,
        });
        let (id, position) = (format!("s{index}"), at(west + 3.0, 3.0, 2.75));
        plan.loudspeakers.push(Loudspeaker {
            id,
            zone: index,
            position,
            device: None,
            channel: 1,
            output_db_spl: 94.0,
        });
    }
    plan
}

fn wall(x_m: f64, to_m: f64) -> Screen {
    Screen {
        floor: 0,
        from: [x_m, 0.0],
        to: [x_m, to_m],
        height_m: 2.8,
        reduction_db: 30.0,
    }
}

fn of(plan: &Plan) -> Acoustics {
    Acoustics::of(plan, &minus5_db())
}

/// The row with its last zone in the hands of another controller.
fn shared_row(count: usize) -> Plan {
    let mut plan = row(count);
    let (zone, microphone) = (
        plan.zones.pop().expect("a zone"),
        plan.microphones.pop().expect("a microphone"),
    );
    plan.loudspeakers.pop();
    plan.remote_zones.push(RemoteZone {
        site: "next-door".into(),
        zone: zone.id,
        floor: zone.floor,
        outline: zone.outline,
        listeners: zone.listeners,
        microphones: vec![microphone.position],
    });
    plan
}

#[test]
fn a_zone_of_another_controller_is_heard_and_borders_as_if_it_were_our_own() {
    let (alone, shared) = (of(&row(3)), of(&shared_row(3)));
    assert_eq!(shared.speech_paths, alone.speech_paths);
    assert_eq!(shared.normal_voice_db, alone.normal_voice_db);
    assert_eq!(alone.neighbours, [vec![1], vec![0, 2], vec![1]]);
    assert_eq!(shared.neighbours, [[1], [0]]);
    assert_eq!(shared.remote_neighbours, [vec![], vec![0]]);
    // Its loudspeakers are not ours, and nothing is measured there.
    assert_eq!(
        (shared.loudspeaker_to_microphone.len(), shared.loudspeaker_to_listener.len()),
        (2, 2)
    );
    // Behind a wall it is neither.
    let mut walled = shared_row(3);
    walled.screens.push(wall(16.0, 8.0));
    assert_eq!(of(&walled).remote_neighbours, [[0; 0], [0; 0]]);
}

#[test]
fn the_tables_have_an_entry_per_microphone_zone_and_listener() {
    let plan = row(3);
    let found = of(&plan);
    assert_eq!(found.loudspeaker_to_microphone.len(), 3);
    assert_eq!(
        found.loudspeaker_to_listener.iter().map(Vec::len).collect::<Vec<_>>(),
        [16, 16, 16]
    );
    assert_eq!((found.speech_paths.len(), found.neighbours.len()), (3, 3));
    let expected = Room::new(&plan.floors[0], &[])
        .path(plan.loudspeakers[2].position, plan.microphones[0].position)
        .expect("a path");
    let coupling = &found.loudspeaker_to_microphone[0][2];
    assert_eq!(
        (coupling.source, coupling.gain_db, coupling.delay_s),
        (2, expected.gain_db, expected.delay_s)
    );
}

#[test]
fn speech_of_one_seat_is_the_difference_of_its_two_paths() {
    // One talker and one listener: without screens all bands weaken alike and the levels are those at 1 kHz.
    let mut plan = row(2);
    plan.zones[0].listeners = vec![at(2.0, 4.0, 1.2)];
    plan.zones[1].listeners = vec![at(12.0, 4.0, 1.2)];
    let room = Room::new(&plan.floors[0], &[]);
    let gain = |to| room.path(at(2.0, 4.0, 1.2), to).expect("a path").gain_db[16];
    let measured = gain(plan.microphones[0].position);
    let found = &of(&plan).speech_paths[1][0];
    assert_eq!(found.from_zone, 0);
    assert!(
        (found.to_listeners_db - (gain(at(12.0, 4.0, 1.2)) - measured)).abs() < 1e-6,
        "{found:?}"
    );
    let at_microphones = found.to_microphones_db.expect("a microphone");
    assert!(
        (at_microphones - (gain(plan.microphones[1].position) - measured)).abs() < 1e-6,
        "{found:?}"
    );
}

#[test]
fn the_loudest_listener_counts_and_talkers_are_averaged_as_energies() {
    let mut plan = row(2);
    let (talkers, listeners) = (
        [at(2.0, 4.0, 1.2), at(6.0, 2.0, 1.2)],
        [at(9.0, 4.0, 1.2), at(15.0, 4.0, 1.2)],
    );
    (plan.zones[0].listeners, plan.zones[1].listeners) = (talkers.to_vec(), listeners.to_vec());
    let room = Room::new(&plan.floors[0], &[]);
    let energy = |from, to| 10f64.powf(room.path(from, to).expect("a path").gain_db[16] / 10.0);
    let mean = talkers.map(|talker| energy(talker, listeners[0]) / energy(talker, plan.microphones[0].position));
    let expected = 10.0 * ((mean[0] + mean[1]) / 2.0).log10();
    let found = of(&plan).speech_paths[1][0].to_listeners_db;
    assert!((found - expected).abs() < 1e-6, "{found} for {expected}");
}

#[test]
fn who_sits_far_from_the_microphone_is_no_louder_at_the_listeners_for_that() {
    // The levels of pairs differ as their ways do, wherever the microphone of the talkers hangs.
    let mut plan = row(2);
    let (talkers, listener) = ([at(1.0, 4.0, 1.2), at(7.0, 4.0, 1.2)], at(10.0, 4.0, 1.2));
    (plan.zones[0].listeners, plan.zones[1].listeners) = (talkers.to_vec(), vec![listener]);
    let room = Room::new(&plan.floors[0], &[]);
    let [far, near] = talkers.map(|talker| room.path(talker, listener).expect("a path").gain_db[16]);
    for microphone in [at(1.0, 4.0, 2.7), at(7.0, 4.0, 2.7)] {
        plan.microphones[0].position = microphone;
        let pairs_db = &of(&plan).speech_paths[1][0].to_each_listener_db;
        let apart_db = (pairs_db[0] - pairs_db[1]).abs();
        assert!((f64::from(apart_db) - (near - far)).abs() < 1e-4, "{pairs_db:?}");
    }
}

#[test]
fn talkers_that_no_microphone_measures_have_no_paths_and_their_zone_has_no_level_at_microphones() {
    let mut plan = row(2);
    plan.microphones.remove(0);
    let found = of(&plan);
    assert!(found.speech_paths[1].is_empty());
    assert_eq!(
        (found.speech_paths[0].len(), found.speech_paths[0][0].to_microphones_db),
        (1, None)
    );
}

#[test]
fn a_screen_between_two_zones_lowers_speech_and_dulls_it() {
    let open = of(&row(2)).speech_paths[1][0].clone();
    let mut plan = row(2);
    plan.screens.push(Screen {
        height_m: 1.6,
        reduction_db: 20.0,
        ..wall(8.0, 8.0)
    });
    let shielded = of(&plan).speech_paths[1][0].clone();
    assert!(
        shielded.to_listeners_db < open.to_listeners_db - 1.0,
        "{} {}",
        shielded.to_listeners_db,
        open.to_listeners_db
    );
    // At the same A-weighted ratio dull speech is understood less.
    assert!(shielded.sti_curve[30] < open.sti_curve[30]);
}

#[test]
fn zones_of_different_floors_do_not_hear_each_other() {
    let mut plan = row(2);
    plan.floors.push(Floor {
        id: "2".into(),
        ..plan.floors[0].clone()
    });
    plan.zones[1].floor = 1;
    let found = of(&plan);
    assert_eq!(
        found.loudspeaker_to_microphone.iter().map(Vec::len).collect::<Vec<_>>(),
        [1, 1]
    );
    assert!(found.speech_paths.iter().all(Vec::is_empty) && found.neighbours.iter().all(Vec::is_empty));
}

#[test]
fn a_full_wall_separates_neighbours_and_a_door_or_a_screen_does_not() {
    assert_eq!(of(&row(3)).neighbours, [vec![1], vec![0, 2], vec![1]]);
    let mut plan = row(3);
    plan.screens.push(wall(8.0, 8.0));
    assert_eq!(of(&plan).neighbours, [vec![], vec![2], vec![1]]);
    plan.screens[0] = wall(8.0, 7.0);
    assert_eq!(of(&plan).neighbours[0], [1]);
    plan.screens[0] = Screen {
        height_m: 1.6,
        ..wall(8.0, 8.0)
    };
    assert_eq!(of(&plan).neighbours[0], [1]);
}

#[test]
fn a_passage_of_one_and_a_half_metres_still_makes_neighbours() {
    for (gap_m, expected) in [(1.4, vec![1]), (1.6, vec![])] {
        let mut plan = row(2);
        plan.zones[1].outline = rectangle(8.0 + gap_m, 0.0, 16.0, 8.0);
        assert_eq!(of(&plan).neighbours[0], expected, "{gap_m} m");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn neighbours_are_symmetric_sorted_and_never_oneself_and_tables_are_finite_and_sorted(
        corners in prop::collection::vec((0.0..30.0f64, 0.0..30.0f64, 1.0..9.0f64, 1.0..9.0f64), 1..8),
        ends in prop::collection::vec((0.0..30.0f64, 0.0..30.0f64, 0.0..30.0f64, 0.0..30.0f64, 1.0..3.0f64), 0..6),
    ) {
        let mut plan = row(corners.len());
        for (zone, (west, south, width, depth)) in plan.zones.iter_mut().zip(corners) {
            zone.outline = rectangle(west, south, west + width, south + depth);
            zone.listeners = crate::default_listeners(&zone.outline);
        }
        for (x1, y1, x2, y2, height_m) in ends {
            plan.screens.push(Screen { floor: 0, from: [x1, y1], to: [x2, y2], height_m, reduction_db: 25.0 });
        }
        let found = of(&plan);
        for (zone, neighbours) in found.neighbours.iter().enumerate() {
            prop_assert!(neighbours.windows(2).all(|pair| pair[0] < pair[1]));
            for other in neighbours {
                prop_assert!(*other != zone && found.neighbours[*other].contains(&zone));
            }
        }
        for paths in &found.speech_paths {
            prop_assert!(paths.windows(2).all(|pair| pair[0].from_zone < pair[1].from_zone));
            for path in paths {
                prop_assert!(path.to_listeners_db.is_finite());
                prop_assert!(path.to_microphones_db.is_some_and(f64::is_finite));
                prop_assert!(path.sti_curve.iter().all(|sti| (0.0..=1.0).contains(sti)));
            }
        }
        let couplings = found.loudspeaker_to_listener.iter().flatten().chain(&found.loudspeaker_to_microphone);
        for coupling in couplings.flatten() {
            prop_assert!(coupling.gain_db.iter().all(|gain| gain.is_finite()) && coupling.delay_s >= 0.0);
        }
    }
}
