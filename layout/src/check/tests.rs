//! Each fault that `check` must find, found in a plan that is otherwise right.

mod any_plan;
mod doubts;
mod remote_zones;

use geo::Polygon;

use super::*;
use crate::plan::{Floor, Loudspeaker, Microphone, Position, Screen, Zone, ZoneKind};

fn rectangle(west: f64, south: f64, east: f64, north: f64) -> Polygon<f64> {
    outline(&[(west, south), (east, south), (east, north), (west, north)])
}

fn outline(corners: &[(f64, f64)]) -> Polygon<f64> {
    Polygon::new(corners.to_vec().into(), vec![])
}

fn at(x_m: f64, y_m: f64, z_m: f64) -> Position {
    Position { x_m, y_m, z_m }
}

fn zone(id: &str, outline: Polygon<f64>) -> Zone {
    let listeners = crate::default_listeners(&outline);
    Zone {
        id: id.into(),
        name: id.into(),
        floor: 0,
        kind: ZoneKind::Focus,
        outline,
        listeners,
    }
}

fn microphone(zone: usize, position: Position) -> Microphone {
    Microphone {
        id: "m1".into(),
        zone,
        position,
        device: None,
        channel: 1,
        sensitivity_dbfs: -26.0,
    }
}

fn loudspeaker(zone: usize, position: Position) -> Loudspeaker {
    Loudspeaker {
        id: "s1".into(),
        zone,
        position,
        device: None,
        channel: 1,
        output_db_spl: 94.0,
    }
}

fn screen(from: [f64; 2], to: [f64; 2], height_m: f64) -> Screen {
    Screen {
        floor: 0,
        from,
        to,
        height_m,
        reduction_db: 18.0,
    }
}

fn office() -> Plan {
    let floor = Floor {
        id: "3".into(),
        outline: rectangle(0.0, 0.0, 24.0, 16.0),
        height_m: 2.8,
        absorption: Some(0.8),
        reverberation_s: None,
    };
    Plan {
        floors: vec![floor],
        zones: vec![
            zone("west", rectangle(0.0, 0.0, 12.0, 16.0)),
            zone("east", rectangle(12.0, 0.0, 24.0, 16.0)),
        ],
        remote_zones: Vec::new(),
        microphones: vec![microphone(0, at(6.0, 8.0, 2.7)), microphone(1, at(18.0, 8.0, 2.8))],
        loudspeakers: vec![loudspeaker(0, at(5.0, 8.0, 2.75)), loudspeaker(1, at(17.0, 8.0, 2.75))],
        screens: vec![
            screen([12.0, 0.0], [12.0, 10.0], 1.6),
            screen([12.0, 10.0], [24.0, 10.0], 2.8),
        ],
    }
}

fn changed(change: impl FnOnce(&mut Plan)) -> Vec<Fault> {
    let mut plan = office();
    change(&mut plan);
    check(&plan)
}

/// The only fault.
fn fault(change: impl FnOnce(&mut Plan)) -> Fault {
    let faults = changed(change);
    assert_eq!(faults.len(), 1, "{faults:#?}");
    assert!(!faults[0].kind.message().is_empty() && !faults[0].kind.help().is_empty());
    faults[0].clone()
}

#[test]
fn a_right_plan_has_no_faults() {
    assert_eq!(check(&office()), []);
}

#[test]
fn a_plan_without_zones_is_a_fault() {
    let found = fault(|plan| *plan = Plan::default());
    assert_eq!(
        (found.item, found.field, found.kind),
        (Item::Plan, Field::Zones, FaultKind::NoZones)
    );
}

#[test]
fn an_outline_of_two_points_is_named_with_its_count() {
    let found = fault(|plan| plan.zones[1].outline = outline(&[(12.0, 0.0), (24.0, 0.0), (12.0, 0.0)]));
    assert_eq!((found.item, found.field), (Item::Zone(1), Field::Outline));
    assert_eq!(found.kind, FaultKind::TooFewPoints { points: 2 });
}

#[test]
fn an_outline_on_one_line_has_no_area() {
    let found = fault(|plan| plan.zones[0].outline = outline(&[(0.0, 0.0), (6.0, 3.0), (12.0, 6.0)]));
    assert_eq!(found.kind, FaultKind::NoArea { points: 3 });
}

#[test]
fn a_bow_tie_crosses_itself_in_its_middle() {
    let found = fault(|plan| plan.zones[0].outline = outline(&[(0.0, 0.0), (12.0, 16.0), (12.0, 0.0), (0.0, 16.0)]));
    assert_eq!(
        found.kind,
        FaultKind::CrossesItself {
            first: 1,
            second: 3,
            x_m: 6.0,
            y_m: 8.0
        }
    );
}

#[test]
fn a_spike_that_runs_back_over_itself_crosses_itself() {
    let found = fault(|plan| {
        plan.zones[0].outline = outline(&[(0.0, 0.0), (12.0, 0.0), (12.0, 20.0), (12.0, 16.0), (0.0, 16.0)]);
    });
    assert!(matches!(found.kind, FaultKind::CrossesItself { .. }), "{found:?}");
}

#[test]
fn a_zone_beside_its_floor_says_how_much_and_how_far() {
    let found = fault(|plan| plan.zones[1].outline = rectangle(12.0, 0.0, 25.5, 16.0));
    assert_eq!((found.item, found.field), (Item::Zone(1), Field::Outline));
    let FaultKind::OutsideFloor { area_m2, distance_m, .. } = found.kind else {
        panic!("{found:?}")
    };
    assert!(
        (area_m2 - 24.0).abs() < 0.01 && (distance_m - 1.5).abs() < 1e-6,
        "{area_m2} {distance_m}"
    );
}

#[test]
fn a_zone_over_a_notch_of_the_floor_is_outside_although_all_its_corners_are_on_it() {
    let found = fault(|plan| {
        plan.screens.clear();
        plan.floors[0].outline = outline(&[
            (0.0, 0.0),
            (24.0, 0.0),
            (24.0, 16.0),
            (20.0, 16.0),
            (20.0, 12.0),
            (16.0, 12.0),
            (16.0, 16.0),
            (0.0, 16.0),
        ]);
    });
    let FaultKind::OutsideFloor { area_m2, distance_m, .. } = found.kind else {
        panic!("{found:?}")
    };
    assert!((area_m2 - 16.0).abs() < 0.01, "{area_m2}");
    assert_eq!(distance_m, 0.0);
}

#[test]
fn overlapping_zones_are_found_once_and_name_the_earlier_one() {
    let found = fault(|plan| plan.zones[1].outline = rectangle(11.0, 0.0, 24.0, 16.0));
    let FaultKind::Overlap {
        other,
        area_m2,
        x_m,
        y_m,
    } = found.kind
    else {
        panic!("{found:?}")
    };
    assert_eq!((found.item, other.as_str()), (Item::Zone(1), "west"));
    assert!((area_m2 - 16.0).abs() < 0.01 && (x_m - 11.5).abs() < 0.01 && (y_m - 8.0).abs() < 0.01);
}

#[test]
fn an_overlap_of_less_than_a_centimetre_is_inexact_drawing() {
    assert_eq!(
        changed(|plan| plan.zones[1].outline = rectangle(11.992, 0.0, 24.005, 16.0)),
        []
    );
    assert_eq!(
        changed(|plan| plan.zones[1].outline = rectangle(11.98, 0.0, 24.0, 16.0)).len(),
        1
    );
}

#[test]
fn zones_of_different_floors_do_not_overlap() {
    let faults = changed(|plan| {
        plan.floors.push(Floor {
            id: "4".into(),
            ..plan.floors[0].clone()
        });
        plan.zones.push(Zone {
            id: "above".into(),
            floor: 1,
            ..plan.zones[0].clone()
        });
    });
    assert_eq!(faults, []);
}

#[test]
fn a_microphone_in_the_next_zone_says_how_far_outside_it_is() {
    let found = fault(|plan| plan.microphones[0].position.x_m = 13.0);
    assert_eq!((found.item, found.field), (Item::Microphone(0), Field::Position));
    let FaultKind::OutsideZone { zone, distance_m, .. } = found.kind else {
        panic!("{found:?}")
    };
    assert_eq!((zone.as_str(), distance_m), ("west", 1.0));
}

#[test]
fn a_loudspeaker_above_the_ceiling_and_one_below_the_floor_are_both_found() {
    let faults = changed(|plan| {
        plan.loudspeakers[0].position.z_m = 12.75;
        plan.loudspeakers[1].position.z_m = -0.2;
    });
    let kinds: Vec<_> = faults.iter().map(|fault| (fault.item, fault.kind.clone())).collect();
    assert_eq!(
        kinds,
        [
            (
                Item::Loudspeaker(0),
                FaultKind::AboveCeiling {
                    z_m: 12.75,
                    ceiling_m: 2.8
                }
            ),
            (Item::Loudspeaker(1), FaultKind::BelowFloor { z_m: -0.2 }),
        ]
    );
}

#[test]
fn a_listener_outside_its_zone_is_named_by_its_number() {
    let found = fault(|plan| plan.zones[0].listeners[3] = at(12.5, 1.0, 1.2));
    assert_eq!((found.item, found.field), (Item::Zone(0), Field::Listeners(Some(3))));
}

#[test]
fn a_zone_without_listeners_is_a_fault() {
    let found = fault(|plan| plan.zones[0].listeners.clear());
    assert_eq!(found.kind, FaultKind::NoListeners);
}

#[test]
fn a_loudspeaker_in_the_place_of_a_microphone_is_found() {
    let found = fault(|plan| plan.loudspeakers[0].position = plan.microphones[0].position);
    assert_eq!(found.item, Item::Loudspeaker(0));
    assert_eq!(
        found.kind,
        FaultKind::SamePosition {
            other: "microphone \"m1\"".into()
        }
    );
}

#[test]
fn a_screen_that_is_too_high_too_short_or_off_the_floor_is_found() {
    let found = fault(|plan| plan.screens[0].height_m = 3.0);
    assert_eq!(
        found.kind,
        FaultKind::HigherThanFloor {
            height_m: 3.0,
            ceiling_m: 2.8
        }
    );
    let found = fault(|plan| plan.screens[0].to = plan.screens[0].from);
    assert_eq!(
        (found.item, found.kind),
        (Item::Screen(0), FaultKind::NoLength { length_m: 0.0 })
    );
    let found = fault(|plan| plan.screens[0].to = [12.0, 17.0]);
    assert_eq!(found.field, Field::To);
    assert!(
        matches!(found.kind, FaultKind::ScreenOutsideFloor { distance_m: 1.0, .. }),
        "{found:?}"
    );
}

#[test]
fn references_to_nothing_are_faults_and_not_panics() {
    let faults = changed(|plan| {
        plan.zones[0].floor = 7;
        plan.microphones[0].zone = 7;
        plan.screens[0].floor = 7;
    });
    let fields: Vec<_> = faults.iter().map(|fault| (fault.item, fault.field)).collect();
    assert_eq!(
        fields,
        [
            (Item::Zone(0), Field::Floor),
            (Item::Microphone(0), Field::Zone),
            (Item::Screen(0), Field::Floor)
        ]
    );
}

#[test]
fn all_faults_are_reported_at_once() {
    let faults = changed(|plan| {
        plan.floors[0].height_m = f64::NAN;
        plan.zones[0].outline = outline(&[(0.0, 0.0), (f64::INFINITY, 0.0), (1.0, 1.0)]);
        plan.zones[1].listeners[0].z_m = f64::NAN;
        plan.microphones[1].position.x_m = 1e9;
    });
    let items: Vec<_> = faults.iter().map(|fault| fault.item).collect();
    assert_eq!(items, [Item::Floor(0), Item::Zone(0), Item::Zone(1), Item::Microphone(1)]);
}
