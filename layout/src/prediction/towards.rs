//! How far a talker of one zone carries towards another.

use geo::{BoundingRect, Rect};

use super::UNDERSTOOD_STI;
use super::law::{Law, sti_at};
use super::listeners::central;
use super::sound::{Noise, Voice};
use crate::acoustics::{SpeechPath, parallel};
use crate::plan::{Plan, Position};
use crate::propagation::{MAX_PATH_M, Room};
use crate::spectrum::MALE_SPEECH_LEVEL_DB;
use crate::sti::Decay;

/// Nearer than this a talker is always understood, metres.
const NEAREST_M: f64 = 0.5;

/// How exactly the distance is found, metres; the model is not better than 2.5 m.
const STEP_M: f64 = 0.1;

/// A talker of one zone, heard in another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Towards {
    /// Index of the zone that hears him.
    pub zone: usize,
    /// STI at the listener there who hears him best, energy mean over the talker's places, in the order of
    /// [`Masking::ALL`](super::Masking::ALL).
    pub sti: [f64; 3],
    /// Adaptive masking there while he talks, dB(A).
    pub adaptive_db: f64,
    /// Distance in this direction at which the STI falls to 0.50 under the masking of that zone, metres: rD of the
    /// pair; `None` when it does not up to the end of the floor.
    pub rd_m: [Option<f64>; 3],
}

/// Per talker's zone: all zones that hear him, sorted.
pub(super) fn of(
    plan: &Plan,
    rooms: &[Room],
    voice: &Voice,
    noise: &Noise,
    law: &Law,
    hearing: &[Vec<SpeechPath>],
) -> Vec<Vec<Towards>> {
    let mut heard: Vec<Vec<(usize, &SpeechPath)>> = vec![Vec::new(); plan.zones.len()];
    for (zone, paths) in hearing.iter().enumerate() {
        for path in paths {
            heard[path.from_zone].push((zone, path));
        }
    }
    let decays: Vec<Decay> = rooms.iter().map(|room| Decay::of(room.reverberation_s())).collect();
    parallel::map(plan.zones.len(), |from| {
        let middle = |zone: usize| {
            let listeners = &plan.zones[zone].listeners;
            central(listeners).map(|seat| listeners[seat])
        };
        let (room, decay) = (&rooms[plan.zones[from].floor], &decays[plan.zones[from].floor]);
        let bounds = plan.floors[plan.zones[from].floor].outline.bounding_rect();
        let towards = heard[from].iter().filter_map(|(zone, path)| {
            let ray = Ray {
                from: middle(from)?,
                to: middle(*zone)?,
            };
            let end_m = ray.length_m(bounds?);
            let obstacles = room.obstacles().between([ray.from, ray.at(end_m)].into_iter());
            let masking = law.masking(from, *zone);
            let speech_db = MALE_SPEECH_LEVEL_DB + path.to_listeners_db;
            Some(Towards {
                zone: *zone,
                sti: masking.map(|masking| sti_at(&path.sti_curve, speech_db - noise.level_db(masking))),
                adaptive_db: law.adaptive_db(from, *zone),
                rd_m: masking.map(|masking| {
                    falls_at_m(end_m, |distance_m| {
                        let path = room.all_energies(ray.from, ray.at(distance_m), &obstacles);
                        noise.sti(&voice.after(&path), masking, decay)
                    })
                }),
            })
        });
        towards.collect()
    })
}

/// A straight line from a talker through a place.
struct Ray {
    from: Position,
    to: Position,
}

impl Ray {
    fn at(&self, distance_m: f64) -> Position {
        let share = distance_m / self.from.distance_m(self.to).max(NEAREST_M);
        Position {
            x_m: self.from.x_m + share * (self.to.x_m - self.from.x_m),
            y_m: self.from.y_m + share * (self.to.y_m - self.from.y_m),
            z_m: self.from.z_m,
        }
    }

    /// How far it runs over a floor, at most as far as anything is heard.
    fn length_m(&self, floor: Rect<f64>) -> f64 {
        let leaves = |from: f64, to: f64, low: f64, high: f64| match to - from {
            0.0 => f64::INFINITY,
            way => (if way > 0.0 { high } else { low } - from) / way,
        };
        let east = leaves(self.from.x_m, self.to.x_m, floor.min().x, floor.max().x);
        let north = leaves(self.from.y_m, self.to.y_m, floor.min().y, floor.max().y);
        (east.min(north) * self.from.distance_m(self.to)).clamp(NEAREST_M, MAX_PATH_M)
    }
}

/// Where an STI that falls with distance reaches 0.50; `None` when it does not up to the end.
fn falls_at_m(end_m: f64, sti: impl Fn(f64) -> f64) -> Option<f64> {
    let (mut near_m, mut far_m) = (NEAREST_M, end_m);
    if sti(far_m) > UNDERSTOOD_STI {
        return None;
    }
    while far_m - near_m > STEP_M {
        let middle_m = (near_m + far_m) / 2.0;
        if sti(middle_m) > UNDERSTOOD_STI {
            near_m = middle_m;
        } else {
            far_m = middle_m;
        }
    }
    Some((near_m + far_m) / 2.0)
}
