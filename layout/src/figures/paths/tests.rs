//! Lines in plans where one can see which they must be.

use geo::Polygon;

use super::*;
use crate::plan::{Floor, Screen, Zone};

fn rectangle(west: f64, south: f64, east: f64, north: f64) -> Polygon<f64> {
    let corners = vec![(west, south), (east, south), (east, north), (west, north)];
    Polygon::new(corners.into(), vec![])
}

/// One zone of this size, with workplaces on a grid of 2 m.
fn plan(width_m: f64, depth_m: f64, kind: ZoneKind) -> Plan {
    let outline = rectangle(0.0, 0.0, width_m, depth_m);
    Plan {
        floors: vec![Floor {
            id: "1".into(),
            outline: outline.clone(),
            height_m: 2.8,
            absorption: Some(0.8),
            reverberation_s: None,
        }],
        zones: vec![Zone {
            id: "z".into(),
            name: "z".into(),
            floor: 0,
            kind,
            listeners: crate::default_listeners(&outline),
            outline,
        }],
        ..Plan::default()
    }
}

#[test]
fn a_long_office_is_measured_along_its_length() {
    let plan = plan(24.0, 6.0, ZoneKind::Focus);
    let paths = measurement_paths(&plan);
    assert!(!paths.is_empty() && paths.len() <= MOST_PATHS);
    for path in &paths {
        let from = path.talker.position(&plan);
        let distances: Vec<f64> = path
            .readings
            .iter()
            .map(|seat| seat.position(&plan).distance_m(from))
            .collect();
        assert!(distances.len() >= LEAST_WORKPLACES, "{distances:?}");
        assert!(distances.windows(2).all(|pair| pair[1] > pair[0]), "{distances:?}");
        assert!(
            distances.iter().all(|distance| (2.0..=16.0).contains(distance)),
            "{distances:?}"
        );
    }
    let first = &paths[0];
    let to = first.readings.last().expect("readings").position(&plan);
    let from = first.talker.position(&plan);
    assert!((to.x_m - from.x_m).abs() > 12.0, "{first:?}");
}

#[test]
fn a_wall_ends_a_path() {
    let mut plan = plan(24.0, 6.0, ZoneKind::Focus);
    plan.screens.push(Screen {
        floor: 0,
        from: [12.0, 0.0],
        to: [12.0, 6.0],
        height_m: 2.8,
        reduction_db: 40.0,
    });
    for path in measurement_paths(&plan) {
        let side = |seat: &Workplace| seat.position(&plan).x_m > 12.0;
        assert!(path.readings.iter().all(|seat| side(seat) == side(&path.talker)), "{path:?}");
    }
}

#[test]
fn corridors_meeting_rooms_and_small_rooms_have_no_path() {
    for plan in [
        plan(24.0, 6.0, ZoneKind::Circulation),
        plan(24.0, 6.0, ZoneKind::Meeting),
        plan(6.0, 4.0, ZoneKind::Focus),
    ] {
        assert_eq!(measurement_paths(&plan), []);
    }
}

#[test]
fn a_square_office_is_measured_in_both_directions_and_no_two_paths_tell_the_same() {
    let plan = plan(20.0, 20.0, ZoneKind::Collaboration);
    let paths = measurement_paths(&plan);
    let is_east_west = |path: &MeasurementPath| {
        let (from, to) = (
            path.talker.position(&plan),
            path.readings[path.readings.len() - 1].position(&plan),
        );
        (to.x_m - from.x_m).abs() > (to.y_m - from.y_m).abs()
    };
    assert!(paths.iter().any(is_east_west) && !paths.iter().all(is_east_west), "{paths:?}");
}
