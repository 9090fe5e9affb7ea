//! The reverberant field of the layout against sound particles followed one by one.
//!
//! The particles know nothing of the closed formulas: they leave the source in all directions, lose their share at
//! each surface, and leave it by Lambert's law (all surfaces scatter: desks, cupboards, lamps). A sphere around each
//! receiver counts the way they travel inside it, which is the energy density.

use geo::Polygon;
use habitat_layout::propagation::Room;
use habitat_layout::{Floor, Position};

const PARTICLES: u32 = 60_000;
const COUNTER_M: f64 = 0.5;
const FAINTEST: f64 = 1e-5;

struct Box3 {
    size_m: [f64; 3],
    floor: f64,
    ceiling: f64,
    walls: f64,
}

/// A small generator of random numbers (xorshift64*), the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn direction(&mut self) -> [f64; 3] {
        let (up, turn) = (2.0 * self.next() - 1.0, core::f64::consts::TAU * self.next());
        let flat = (1.0 - up * up).sqrt();
        [flat * turn.cos(), flat * turn.sin(), up]
    }
}

/// Reverberant energy at each receiver, re the direct sound at 1 m.
fn particles(room: &Box3, source: [f64; 3], receivers: &[[f64; 3]]) -> Vec<f64> {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut counted = vec![0.0; receivers.len()];
    for _ in 0..PARTICLES {
        let (mut at, mut along, mut energy) = (source, random.direction(), 1.0);
        let mut is_reflected = false;
        while energy > FAINTEST {
            let (axis, far_m) = (0..3)
                .map(|axis| {
                    let ahead = if along[axis] > 0.0 {
                        room.size_m[axis] - at[axis]
                    } else {
                        -at[axis]
                    };
                    (
                        axis,
                        if along[axis] == 0.0 {
                            f64::INFINITY
                        } else {
                            ahead / along[axis]
                        },
                    )
                })
                .min_by(|one, other| one.1.total_cmp(&other.1))
                .expect("three axes");
            if is_reflected {
                for (sum, receiver) in counted.iter_mut().zip(receivers) {
                    *sum += energy * inside_m(at, along, far_m, *receiver);
                }
            }
            let is_high = along[axis] > 0.0;
            energy *= 1.0
                - if axis < 2 {
                    room.walls
                } else if is_high {
                    room.ceiling
                } else {
                    room.floor
                };
            for coordinate in 0..3 {
                at[coordinate] = (at[coordinate] + far_m * along[coordinate]).clamp(0.0, room.size_m[coordinate]);
            }
            // Lambert: a random direction plus the normal of the surface.
            along = random.direction();
            along[axis] += if is_high { -1.0 } else { 1.0 };
            let length = along.iter().map(|part| part * part).sum::<f64>().sqrt().max(1e-9);
            along = along.map(|part| part / length);
            is_reflected = true;
        }
    }
    let counter_m3 = 4.0 / 3.0 * core::f64::consts::PI * COUNTER_M.powi(3);
    let at_1_m = 1.0 / (4.0 * core::f64::consts::PI);
    counted
        .iter()
        .map(|sum| sum / f64::from(PARTICLES) / counter_m3 / at_1_m)
        .collect()
}

/// Length of a way inside the counting sphere.
fn inside_m(at: [f64; 3], along: [f64; 3], far_m: f64, middle: [f64; 3]) -> f64 {
    let to: [f64; 3] = core::array::from_fn(|axis| middle[axis] - at[axis]);
    let nearest: f64 = (0..3).map(|axis| to[axis] * along[axis]).sum();
    let squared = to.iter().map(|part| part * part).sum::<f64>() - nearest * nearest;
    let half = COUNTER_M * COUNTER_M - squared;
    if half <= 0.0 {
        return 0.0;
    }
    ((nearest + half.sqrt()).min(far_m) - (nearest - half.sqrt()).max(0.0)).max(0.0)
}

/// Level with the direct sound at distances along the middle of a room, particles and layout.
fn compare(size_m: [f64; 3], ceiling: f64, distances_m: &[f64]) -> Vec<(f64, f64, f64)> {
    let [width_m, depth_m, height_m] = size_m;
    let outline = vec![(0.0, 0.0), (width_m, 0.0), (width_m, depth_m), (0.0, depth_m)];
    let outline = Polygon::new(outline.into(), vec![]);
    let floor = Floor {
        id: "1".into(),
        outline,
        height_m,
        absorption: Some(ceiling),
        reverberation_s: None,
    };
    let room = Room::new(&floor, []);
    let source = [width_m / 6.0, depth_m / 2.0, 1.2];
    let receivers: Vec<_> = distances_m
        .iter()
        .map(|distance| [source[0] + distance, source[1], 1.2])
        .collect();
    let reverberant = particles(
        &Box3 {
            size_m,
            floor: 0.1,
            ceiling,
            walls: 0.1,
        },
        source,
        &receivers,
    );
    let position = |[x_m, y_m, z_m]: [f64; 3]| Position { x_m, y_m, z_m };
    let levels = reverberant
        .iter()
        .zip(distances_m)
        .zip(receivers)
        .map(|((reverberant, distance_m), receiver)| {
            let followed = 10.0 * (reverberant + distance_m.powi(-2)).log10();
            let found = room.path(position(source), position(receiver)).expect("a path").gain_db[16];
            println!("{size_m:?} m, ceiling {ceiling}, {distance_m} m: {found:.1} dB, particles {followed:.1} dB");
            (*distance_m, found, followed)
        });
    levels.collect()
}

#[test]
fn levels_in_offices_agree_with_followed_particles_within_two_decibels() {
    for (size_m, ceiling) in [
        ([24.0, 16.0, 2.8], 0.8),
        ([24.0, 16.0, 2.8], 0.4),
        ([60.0, 40.0, 2.8], 0.8),
        ([60.0, 40.0, 3.5], 0.95),
        ([9.0, 7.0, 2.7], 0.8),
    ] {
        let distances: Vec<f64> = [1.0, 2.0, 4.0, 8.0, 12.0, 16.0, 28.0]
            .into_iter()
            .filter(|distance| *distance < size_m[0] * 0.8)
            .collect();
        for (distance_m, found, followed) in compare(size_m, ceiling, &distances) {
            assert!(
                (found - followed).abs() < 2.0,
                "{size_m:?}, {distance_m} m: {found:.1} for {followed:.1}"
            );
        }
    }
}

#[test]
fn the_spatial_decay_of_speech_agrees_with_followed_particles_within_half_a_decibel_per_doubling() {
    // ISO 3382-3: slope over 2-16 m, here from four points at doubled distances.
    let slope = |levels: [f64; 4]| (3.0 * (levels[0] - levels[3]) + levels[1] - levels[2]) / 10.0;
    let found = compare([60.0, 40.0, 2.8], 0.8, &[2.0, 4.0, 8.0, 16.0]);
    let layout = slope(core::array::from_fn(|index| found[index].1));
    let followed = slope(core::array::from_fn(|index| found[index].2));
    assert!((layout - followed).abs() < 0.5, "{layout:.2} for {followed:.2} dB");
}
