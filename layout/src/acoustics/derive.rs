//! From a plan to its numbers.

use super::{Acoustics, BAND_COUNT, loudspeakers, neighbours, speech, sti_curve::StiCurves};
use crate::plan::Plan;
use crate::propagation::Room;

impl Acoustics {
    /// The numbers of a plan without faults (see [`check`](crate::check)).
    ///
    /// `masking_spectrum_db` holds the third-octave levels of the masking; only the shape matters, and a band may be
    /// `f64::NEG_INFINITY`. Paths that do not matter are left out: see [`MAX_PATH_M`](crate::propagation::MAX_PATH_M)
    /// and [`GAIN_FLOOR_DB`](crate::propagation::GAIN_FLOOR_DB).
    pub fn of(plan: &Plan, masking_spectrum_db: &[f64; BAND_COUNT]) -> Self {
        let rooms = rooms(plan);
        let curves = StiCurves::new(masking_spectrum_db);
        let seats = speech::Seats::of_all(plan, &rooms, speech::Reference::Microphones);
        Self {
            loudspeaker_to_microphone: loudspeakers::to_microphones(plan, &rooms),
            loudspeaker_to_listener: loudspeakers::to_listeners(plan, &rooms),
            speech_paths: speech::paths(plan, &rooms, &seats, &curves),
            normal_voice_db: seats.iter().map(speech::Seats::normal_voice_db).collect(),
            neighbours: neighbours::of(plan, &rooms),
        }
    }
}

/// Per zone: zones that border on it in the open, sorted, symmetric, without itself.
pub fn bordering_zones(plan: &Plan) -> Vec<Vec<usize>> {
    neighbours::of(plan, &rooms(plan))
}

/// One room per floor.
pub(crate) fn rooms(plan: &Plan) -> Vec<Room> {
    let on = |index| plan.screens.iter().filter(move |screen| screen.floor == index);
    plan.floors
        .iter()
        .enumerate()
        .map(|(index, floor)| Room::new(floor, on(index)))
        .collect()
}

#[cfg(test)]
mod tests;
