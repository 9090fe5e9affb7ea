//! The reverberant field of the layout against image sources, the other extreme: surfaces that mirror and do not scatter.
//!
//! The layout's formula is for surfaces that scatter, as furnished offices do (tests/flat_room.rs holds it to 2 dB there).
//! Up to 4 m both agree within 2.5 dB, on wide floors within 1 dB. Farther away bare mirrors carry more: between the walls of an empty flat room sound runs to and
//! fro without ever meeting the soft ceiling, 3 dB at 8 m and 6 dB at 16 m in the first room here. That is an upper
//! bound for a room that nobody has furnished, and the layout has to stay below it.

use geo::Polygon;
use habitat_layout::propagation::Room;
use habitat_layout::{Floor, Position};

const FLOOR: f64 = 0.1;
const WALLS: f64 = 0.1;
const ORDERS: i32 = 14;

/// Images of a coordinate between two mirrors at 0 and `size_m`: place, and how often each mirror was hit.
fn images(at_m: f64, size_m: f64) -> impl Iterator<Item = (f64, i32, i32)> {
    (-ORDERS..=ORDERS).flat_map(move |order| {
        let same = (2.0 * f64::from(order) * size_m + at_m, order.abs(), order.abs());
        let (low, high) = if order > 0 { (order - 1, order) } else { (1 - order, -order) };
        [same, (2.0 * f64::from(order) * size_m - at_m, low, high)]
    })
}

/// Energy of all images at a receiver, re the direct sound at 1 m.
fn mirrored(size_m: [f64; 3], ceiling: f64, source: [f64; 3], receiver: [f64; 3]) -> f64 {
    let mut sum = 0.0;
    for (x, x_low, x_high) in images(source[0], size_m[0]) {
        for (y, y_low, y_high) in images(source[1], size_m[1]) {
            for (z, floor_hits, ceiling_hits) in images(source[2], size_m[2]) {
                let squared: f64 = [x, y, z]
                    .iter()
                    .zip(receiver)
                    .map(|(from, to)| (from - to) * (from - to))
                    .sum();
                let walls = (1.0 - WALLS).powi(x_low + x_high + y_low + y_high);
                let flat = (1.0 - FLOOR).powi(floor_hits) * (1.0 - ceiling).powi(ceiling_hits);
                sum += walls * flat / squared;
            }
        }
    }
    sum
}

/// Level at some distances along the middle of a room: distance, layout, images.
fn compare(size_m: [f64; 3], ceiling: f64) -> Vec<(f64, f64, f64)> {
    let [width_m, depth_m, height_m] = size_m;
    let outline = vec![(0.0, 0.0), (width_m, 0.0), (width_m, depth_m), (0.0, depth_m)];
    let floor = Floor {
        id: "1".into(),
        outline: Polygon::new(outline.into(), vec![]),
        height_m,
        absorption: Some(ceiling),
        reverberation_s: None,
    };
    let room = Room::new(&floor, []);
    let source = [width_m / 6.0, depth_m / 2.0, 1.2];
    let position = |[x_m, y_m, z_m]: [f64; 3]| Position { x_m, y_m, z_m };
    [1.0, 2.0, 4.0, 8.0, 12.0, 16.0]
        .into_iter()
        .filter(|distance_m| *distance_m < 0.7 * width_m)
        .map(|distance_m| {
            let receiver = [source[0] + distance_m, source[1], 1.2];
            let images = 10.0 * mirrored(size_m, ceiling, source, receiver).log10();
            let found = room.path(position(source), position(receiver)).expect("a path").gain_db[16];
            println!("{size_m:?}, ceiling {ceiling}, {distance_m} m: {found:.1} dB, images {images:.1} dB");
            (distance_m, found, images)
        })
        .collect()
}

#[test]
fn the_images_of_a_place_between_two_mirrors_are_where_one_sees_them() {
    let mut near: Vec<(f64, i32)> = images(1.0, 3.0)
        .filter(|image| image.0.abs() < 9.0)
        .map(|(at, low, high)| (at, low + high))
        .collect();
    near.sort_by(|one, other| one.0.total_cmp(&other.0));
    assert_eq!(near, [(-7.0, 3), (-5.0, 2), (-1.0, 1), (1.0, 0), (5.0, 1), (7.0, 2)]);
}

#[test]
fn levels_agree_with_image_sources_near_the_talker_and_stay_below_them_far_away() {
    for (size_m, ceiling) in [
        ([24.0, 16.0, 2.8], 0.8),
        ([24.0, 16.0, 2.8], 0.4),
        ([60.0, 40.0, 2.8], 0.8),
        ([60.0, 40.0, 3.5], 0.95),
        ([9.0, 7.0, 2.7], 0.8),
    ] {
        for (distance_m, found, images) in compare(size_m, ceiling) {
            let error_db = found - images;
            let near = distance_m > 4.0 || error_db.abs() < 2.5;
            assert!(
                near && error_db < 1.5,
                "{size_m:?}, {distance_m} m: {found:.1} for {images:.1}"
            );
        }
    }
}
