//! Properties that any model of propagation must have, and single paths worked out by hand.

use geo::Polygon;
use proptest::prelude::*;

use super::*;
use crate::plan::{Floor, Position, Screen};

fn floor(width_m: f64, depth_m: f64, absorption: f64, reverberation_s: Option<f64>) -> Floor {
    let outline = vec![(0.0, 0.0), (width_m, 0.0), (width_m, depth_m), (0.0, depth_m)];
    Floor {
        id: "1".into(),
        outline: Polygon::new(outline.into(), vec![]),
        height_m: 2.8,
        absorption: Some(absorption),
        reverberation_s,
    }
}

fn at(x_m: f64, y_m: f64, z_m: f64) -> Position {
    Position { x_m, y_m, z_m }
}

fn screen(from: [f64; 2], to: [f64; 2], height_m: f64, reduction_db: f64) -> Screen {
    Screen {
        floor: 0,
        from,
        to,
        height_m,
        reduction_db,
    }
}

fn gain_db(floor: &Floor, screens: &[Screen], from: Position, to: Position) -> [f64; 29] {
    Room::new(floor, screens).path(from, to).expect("a path").gain_db
}

#[test]
fn near_the_source_the_level_is_that_of_the_free_field() {
    let office = floor(24.0, 16.0, 0.9, None);
    let found = gain_db(&office, &[], at(12.0, 8.0, 1.2), at(12.5, 8.0, 1.2))[16];
    assert!((found - 6.02).abs() < 0.5, "{found}");
    // Nearer than 0.3 m nothing grows any more.
    let touching = gain_db(&office, &[], at(12.0, 8.0, 1.2), at(12.0, 8.0, 1.2))[16];
    assert!((touching - 10.46).abs() < 0.3, "{touching}");
}

#[test]
fn the_delay_is_the_distance_over_the_speed_of_sound() {
    let office = floor(24.0, 16.0, 0.8, None);
    let path = Room::new(&office, &[])
        .path(at(2.0, 2.0, 1.2), at(5.0, 6.0, 1.2))
        .expect("a path");
    assert!((path.delay_s - 5.0 / 343.0).abs() < 1e-12);
}

#[test]
fn a_hard_small_room_holds_the_diffuse_field_of_its_room_constant() {
    // 4/R re the direct sound at 1 m, 16 pi (1 - a) / (S a) (Bies, Engineering Noise Control, 6.4), with a the
    // mean absorption of all surfaces; at the far end of the room, where the reverberant sound rules.
    let room = floor(6.0, 5.0, 0.1, None);
    let surface_m2 = 2.0 * 30.0 + 22.0 * 2.8;
    let expected = 10.0 * (16.0 * core::f64::consts::PI * 0.9 / (surface_m2 * 0.1) + 1.0 / 16.0).log10();
    let found = gain_db(&room, &[], at(1.0, 2.5, 1.2), at(5.0, 2.5, 1.2))[16];
    assert!((found - expected).abs() < 1.5, "{found:.2} for {expected:.2}");
}

#[test]
fn a_stated_reverberation_time_that_equals_the_estimate_tells_the_absorption() {
    let estimated = floor(24.0, 16.0, 0.7, None);
    let time_s = Room::new(&estimated, &[]).reverberation_s();
    // Eyring by hand: V = 1075.2, S = 992, a = (768 * 0.4 + 224 * 0.1) / 992.
    let by_hand_s = 0.161 * 1075.2 / (-992.0 * (1.0f64 - (768.0 * 0.4 + 22.4) / 992.0).ln());
    assert!((time_s - by_hand_s).abs() < 1e-9, "{time_s} {by_hand_s}");
    let stated = Floor {
        absorption: None,
        ..floor(24.0, 16.0, 0.1, Some(time_s))
    };
    let (from, to) = (at(3.0, 8.0, 1.2), at(15.0, 8.0, 1.2));
    let (one, other) = (gain_db(&estimated, &[], from, to)[16], gain_db(&stated, &[], from, to)[16]);
    assert!((one - other).abs() < 1e-6, "{one} {other}");
}

#[test]
fn a_wall_takes_its_reduction_from_all_sound_and_a_corner_of_two_counts_once() {
    let office = floor(24.0, 16.0, 0.8, None);
    let (from, to) = (at(10.0, 8.0, 1.2), at(14.0, 8.0, 1.2));
    let open = gain_db(&office, &[], from, to);
    let wall = screen([12.0, 0.0], [12.0, 8.0], 2.8, 30.0);
    let rest = screen([12.0, 8.0], [12.0, 16.0], 2.8, 25.0);
    for found in [
        gain_db(&office, core::slice::from_ref(&wall), from, to),
        gain_db(&office, &[rest, wall], from, to),
    ] {
        for band in 0..29 {
            assert!((open[band] - found[band] - 30.0).abs() < 1e-9, "band {band}");
        }
    }
}

#[test]
fn a_screen_shields_high_notes_more_and_the_ceiling_lets_some_past() {
    let office = floor(24.0, 16.0, 0.8, None);
    let (from, to) = (at(11.0, 8.0, 1.2), at(13.0, 8.0, 1.2));
    let open = gain_db(&office, &[], from, to);
    let shielded = gain_db(&office, &[screen([12.0, 6.0], [12.0, 10.0], 1.6, 25.0)], from, to);
    let loss: Vec<f64> = open.iter().zip(shielded).map(|(open, shielded)| open - shielded).collect();
    assert!(loss.windows(2).all(|pair| pair[1] >= pair[0]), "{loss:?}");
    assert!(loss[0] > 1.0 && loss[28] > 2.0 && loss[28] < 12.0, "{loss:?}");
}

#[test]
fn a_screen_beside_the_path_takes_nothing() {
    let office = floor(24.0, 16.0, 0.8, None);
    let (from, to) = (at(11.0, 8.0, 1.2), at(13.0, 8.0, 1.2));
    let beside = screen([12.0, 8.5], [12.0, 12.0], 1.6, 25.0);
    assert_eq!(gain_db(&office, &[], from, to), gain_db(&office, &[beside], from, to));
}

#[test]
fn far_and_faint_paths_are_left_out() {
    let hall = floor(80.0, 16.0, 0.8, None);
    assert_eq!(Room::new(&hall, &[]).path(at(1.0, 8.0, 1.2), at(31.5, 8.0, 1.2)), None);
    let wall = screen([10.0, 0.0], [10.0, 16.0], 2.8, 45.0);
    assert_eq!(Room::new(&hall, &[wall]).path(at(8.0, 8.0, 1.2), at(12.0, 8.0, 1.2)), None);
}

prop_compose! {
    fn office()(width_m in 5.0..120.0f64, depth_m in 4.0..60.0f64, absorption in 0.1..0.95f64,
                stated in prop::option::of(0.2..1.2f64)) -> (Floor, f64, f64) {
        (floor(width_m, depth_m, absorption, stated), width_m, depth_m)
    }
}

proptest! {
    #[test]
    fn the_level_does_not_rise_with_distance_in_an_empty_room(
        (office, width_m, depth_m) in office(),
        (x, y) in (0.05..0.95f64, 0.05..0.95f64),
        turn in 0.0..core::f64::consts::TAU,
    ) {
        let room = Room::new(&office, &[]);
        let source = at(x * width_m, y * depth_m, 1.2);
        // Towards a hard wall close by, what it reflects grows a little.
        let reflected_db = 0.1;
        let mut lowest = f64::INFINITY;
        for step in 0..200 {
            let distance_m = 0.1 * f64::from(step);
            let to = at(source.x_m + distance_m * turn.cos(), source.y_m + distance_m * turn.sin(), 1.2);
            if to.x_m < 0.0 || to.y_m < 0.0 || to.x_m > width_m || to.y_m > depth_m {
                break;
            }
            let level = room.path(source, to).map_or(GAIN_FLOOR_DB, |path| path.gain_db[16]);
            prop_assert!(level <= lowest + reflected_db, "{level} after {lowest} at {distance_m} m");
            lowest = lowest.min(level);
        }
    }

    #[test]
    fn a_screen_more_never_makes_anything_louder(
        (office, width_m, depth_m) in office(),
        places in prop::array::uniform4((0.0..1.0f64, 0.0..1.0f64)),
        heights in prop::array::uniform2(0.5..2.8f64),
        reductions in prop::array::uniform2(0.0..50.0f64),
        full in any::<bool>(),
    ) {
        let [from, to, first, second] = places.map(|(x, y)| [x * width_m, y * depth_m]);
        let before = screen(first, to, heights[0], reductions[0]);
        let more = screen(first, second, if full { 2.8 } else { heights[1] }, reductions[1]);
        let (source, receiver) = (at(from[0], from[1], 2.7), at(to[0], to[1], 1.2));
        let without = Room::new(&office, [&before]).path(source, receiver);
        let with = Room::new(&office, [&before, &more]).path(source, receiver);
        match (without, with) {
            (Some(without), Some(with)) => {
                for band in 0..29 {
                    prop_assert!(with.gain_db[band] <= without.gain_db[band] + 1e-9);
                }
            }
            (None, with) => prop_assert_eq!(with, None),
            (Some(_), None) => {}
        }
    }

    #[test]
    fn a_path_and_its_reverse_weaken_sound_alike(
        (office, width_m, depth_m) in office(),
        places in prop::array::uniform4((0.0..1.0f64, 0.0..1.0f64)),
    ) {
        let [from, to, first, second] = places.map(|(x, y)| [x * width_m, y * depth_m]);
        let room = Room::new(&office, [&screen(first, second, 1.6, 20.0)]);
        let (one, other) = (at(from[0], from[1], 2.7), at(to[0], to[1], 1.2));
        match (room.path(one, other), room.path(other, one)) {
            (Some(there), Some(back)) => {
                for band in 0..29 {
                    prop_assert!((there.gain_db[band] - back.gain_db[band]).abs() < 1e-9);
                }
            }
            (there, back) => prop_assert_eq!(there, back),
        }
    }
}
