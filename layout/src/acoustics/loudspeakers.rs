//! How loud each loudspeaker is at microphones and listeners.

use super::{Coupling, parallel};
use crate::nearby::{self, Nearby};
use crate::plan::{Plan, Position};
use crate::propagation::{MAX_PATH_M, Room};

/// Per microphone: the loudspeakers that reach it.
pub(super) fn to_microphones(plan: &Plan, rooms: &[Room]) -> Vec<Vec<Coupling>> {
    let nearby = sources(plan);
    parallel::map(plan.microphones.len(), |index| {
        let microphone = &plan.microphones[index];
        couplings(plan, rooms, &nearby, microphone.zone, &[microphone.position])
            .into_iter()
            .flatten()
            .collect()
    })
}

/// Per zone and listener of it: the loudspeakers that reach it.
pub(super) fn to_listeners(plan: &Plan, rooms: &[Room]) -> Vec<Vec<Vec<Coupling>>> {
    let nearby = sources(plan);
    parallel::map(plan.zones.len(), |zone| {
        couplings(plan, rooms, &nearby, zone, &plan.zones[zone].listeners)
    })
}

/// The loudspeakers of each floor by their place.
fn sources(plan: &Plan) -> Nearby {
    let places = plan.loudspeakers.iter().enumerate().filter_map(|(index, loudspeaker)| {
        let floor = plan.zones.get(loudspeaker.zone)?.floor;
        Some((floor, index, nearby::place(loudspeaker.position)))
    });
    Nearby::of(plan.floors.len(), places)
}

/// Per receiver of one zone: the loudspeakers that reach it, in the order of the plan.
fn couplings(plan: &Plan, rooms: &[Room], nearby: &Nearby, zone: usize, receivers: &[Position]) -> Vec<Vec<Coupling>> {
    let mut couplings = vec![Vec::new(); receivers.len()];
    let Some(floor) = plan.zones.get(zone).map(|zone| zone.floor) else {
        return couplings;
    };
    let Some((room, around)) = rooms
        .get(floor)
        .zip(nearby::around(receivers.iter().map(|at| nearby::place(*at))))
    else {
        return couplings;
    };
    let reaches = |from: Position| receivers.iter().any(|to| from.distance_m(*to) <= MAX_PATH_M);
    let near = nearby.within(floor, around, MAX_PATH_M);
    let near = near.map(|source| (source, plan.loudspeakers[source].position));
    let mut sources: Vec<(usize, Position)> = near.filter(|(_, from)| reaches(*from)).collect();
    sources.sort_unstable_by_key(|(source, _)| *source);
    let here = || receivers.iter().copied();
    let around = room.obstacles().between(here().chain(sources.iter().map(|(_, from)| *from)));
    for (source, from) in sources {
        let obstacles = around.between_groups(receivers, &[from]);
        for (couplings, to) in couplings.iter_mut().zip(receivers) {
            if let Some(path) = room.path_past(&obstacles, from, *to) {
                couplings.push(Coupling {
                    source,
                    gain_db: path.gain_db,
                    delay_s: path.delay_s,
                });
            }
        }
    }
    couplings
}
