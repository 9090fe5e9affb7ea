//! How loud each loudspeaker is at microphones and listeners.

use super::{Coupling, parallel};
use crate::plan::{Plan, Position};
use crate::propagation::{MAX_PATH_M, Room};

/// Per microphone: the loudspeakers that reach it.
pub(super) fn to_microphones(plan: &Plan, rooms: &[Room]) -> Vec<Vec<Coupling>> {
    parallel::map(plan.microphones.len(), |index| {
        let microphone = &plan.microphones[index];
        couplings(plan, rooms, microphone.zone, &[microphone.position])
            .into_iter()
            .flatten()
            .collect()
    })
}

/// Per zone and listener of it: the loudspeakers that reach it.
pub(super) fn to_listeners(plan: &Plan, rooms: &[Room]) -> Vec<Vec<Vec<Coupling>>> {
    parallel::map(plan.zones.len(), |zone| {
        couplings(plan, rooms, zone, &plan.zones[zone].listeners)
    })
}

/// Per receiver of one zone: the loudspeakers that reach it.
fn couplings(plan: &Plan, rooms: &[Room], zone: usize, receivers: &[Position]) -> Vec<Vec<Coupling>> {
    let mut couplings = vec![Vec::new(); receivers.len()];
    let floor_of = |zone: usize| plan.zones.get(zone).map(|zone| zone.floor);
    let Some((floor, room)) = floor_of(zone).and_then(|floor| Some((floor, rooms.get(floor)?))) else {
        return couplings;
    };
    let near = |from: Position| receivers.iter().any(|to| from.distance_m(*to) <= MAX_PATH_M);
    let all = plan.loudspeakers.iter().enumerate();
    let sources: Vec<(usize, Position)> = all
        .filter(|(_, loudspeaker)| floor_of(loudspeaker.zone) == Some(floor) && near(loudspeaker.position))
        .map(|(source, loudspeaker)| (source, loudspeaker.position))
        .collect();
    let here = || receivers.iter().copied();
    let around = room.obstacles().between(here().chain(sources.iter().map(|(_, from)| *from)));
    for (source, from) in sources {
        let obstacles = around.between(here().chain([from]));
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
