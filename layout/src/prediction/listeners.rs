//! Which workplaces understand which.

use geo::BoundingRect;

use super::law::Law;
use super::sound::{Noise, Voice};
use super::{Coverage, Masking, UNDERSTOOD_STI};
use crate::acoustics::parallel;
use crate::nearby::Nearby;
use crate::plan::{Plan, Position};
use crate::propagation::{MAX_PATH_M, Room};
use crate::sti::Decay;

/// Others, seen from one workplace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Understood {
    /// How many other workplaces of the floor are understood here, in the order of [`Masking::ALL`].
    pub workplaces: [u32; 3],
    /// How many other workplaces the floor has.
    pub of: u32,
}

/// Per zone and workplace, by each other workplace of the floor as that of the talker; nothing for zones without workplaces.
pub(super) fn understood(
    plan: &Plan,
    rooms: &[Room],
    voice: &Voice,
    noise: &Noise,
    law: &Law,
    coverage: &Coverage,
) -> Vec<Vec<Understood>> {
    let mut seats = vec![0; plan.floors.len()];
    for zone in plan.zones.iter().filter(|zone| zone.kind.has_workplaces()) {
        seats[zone.floor] += zone.listeners.len() as u32;
    }
    let alone = |zone: &crate::plan::Zone| {
        if !zone.kind.has_workplaces() {
            return Vec::new();
        }
        let of = seats[zone.floor].saturating_sub(1);
        let workplaces = [0; 3];
        vec![Understood { workplaces, of }; zone.listeners.len()]
    };
    let mut understood: Vec<Vec<Understood>> = plan.zones.iter().map(alone).collect();
    let site = Site {
        plan,
        rooms,
        decays: rooms.iter().map(|room| Decay::of(room.reverberation_s())).collect(),
        voice,
        noise,
        law,
        coverage,
    };
    let pairs = pairs(plan);
    let found = parallel::map(pairs.len(), |pair| site.between(pairs[pair].0, pairs[pair].1));
    for ((one, other), [here, there]) in pairs.into_iter().zip(found) {
        for (zone, counts) in [(one, here), (other, there)] {
            for (seat, more) in understood[zone].iter_mut().zip(counts) {
                for (sum, more) in seat.workplaces.iter_mut().zip(more) {
                    *sum += more;
                }
            }
        }
    }
    understood
}

/// Zones near enough to hear each other, each pair once and each zone with itself.
fn pairs(plan: &Plan) -> Vec<(usize, usize)> {
    let areas = plan.zones.iter().enumerate().filter(|(_, zone)| zone.kind.has_workplaces());
    let areas: Vec<_> = areas
        .filter_map(|(index, zone)| Some((zone.floor, index, zone.outline.bounding_rect()?)))
        .collect();
    let nearby = Nearby::of(plan.floors.len(), areas.iter().copied());
    let mut pairs = Vec::new();
    for (floor, one, bounds) in areas {
        let near = nearby.within(floor, bounds, MAX_PATH_M).filter(|other| *other >= one);
        pairs.extend(near.map(|other| (one, other)));
    }
    pairs.sort_unstable();
    pairs
}

struct Site<'a> {
    plan: &'a Plan,
    rooms: &'a [Room],
    decays: Vec<Decay>,
    voice: &'a Voice,
    noise: &'a Noise,
    law: &'a Law,
    coverage: &'a Coverage,
}

impl Site<'_> {
    /// Per listener of the first zone: how many of the second are understood, and the other way round; for a zone with
    /// itself the second is empty.
    fn between(&self, one: usize, other: usize) -> [Vec<[u32; 3]>; 2] {
        let (here, there) = (&self.plan.zones[one], &self.plan.zones[other]);
        let (room, decay) = (&self.rooms[here.floor], &self.decays[here.floor]);
        let obstacles = room.obstacles().between_groups(&here.listeners, &there.listeners);
        let masking_here = self.masking(other, one);
        let masking_there = self.masking(one, other);
        let count = if one == other { 0 } else { there.listeners.len() };
        let mut counts = [vec![[0; 3]; here.listeners.len()], vec![[0; 3]; count]];
        for (first, from) in here.listeners.iter().enumerate() {
            for (second, to) in there.listeners.iter().enumerate() {
                if one == other && first == second || from.distance_m(*to) > MAX_PATH_M {
                    continue;
                }
                // A path and its reverse weaken sound alike.
                let speech = self.voice.after(&room.all_energies(*from, *to, &obstacles));
                let is_clear = |masking: f64| {
                    self.noise.may_be_understood(&speech, masking) && self.noise.sti(&speech, masking, decay) > UNDERSTOOD_STI
                };
                // More masking never makes speech clearer, and most speech is unclear without any.
                if !is_clear(0.0) {
                    continue;
                }
                let clear = |[_, fixed, adaptive]: [f64; 3]| [1, u32::from(is_clear(fixed)), u32::from(is_clear(adaptive))];
                add(&mut counts[0][first], clear(masking_here[first]));
                if let Some(counts) = counts[1].get_mut(second) {
                    add(counts, clear(masking_there[second]));
                }
            }
        }
        counts
    }

    /// Masking at each listener of a zone while somebody talks in another.
    fn masking(&self, talker: usize, zone: usize) -> Vec<[f64; Masking::ALL.len()]> {
        let masking = self.law.masking(talker, zone);
        let shares = (0..self.plan.zones[zone].listeners.len()).map(|listener| self.coverage.share(zone, listener));
        shares.map(|share| masking.map(|energy| energy * share)).collect()
    }
}

fn add(sums: &mut [u32; 3], more: [u32; 3]) {
    for (sum, more) in sums.iter_mut().zip(more) {
        *sum += more;
    }
}

/// The listener of a zone who sits nearest to the middle of them all.
pub(super) fn central(listeners: &[Position]) -> Option<usize> {
    let count = listeners.len() as f64;
    let mean = |of: fn(&Position) -> f64| listeners.iter().map(of).sum::<f64>() / count;
    let (x_m, y_m) = (mean(|at| at.x_m), mean(|at| at.y_m));
    let distance_m = |at: &Position| (at.x_m - x_m).hypot(at.y_m - y_m);
    let numbered = listeners.iter().enumerate();
    numbered
        .min_by(|one, other| distance_m(one.1).total_cmp(&distance_m(other.1)))
        .map(|(index, _)| index)
}
