//! From a plan to its numbers.

use super::{Acoustics, BAND_COUNT, Borders, loudspeakers, speech, sti_curve::StiCurves};
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
        let mut seats = speech::Seats::of_all(plan, &rooms, speech::Reference::Microphones);
        seats.extend(speech::Seats::of_remote(plan, &rooms));
        let borders = Borders::in_rooms(plan, &rooms);
        Self {
            loudspeaker_to_microphone: loudspeakers::to_microphones(plan, &rooms),
            loudspeaker_to_listener: loudspeakers::to_listeners(plan, &rooms),
            speech_paths: speech::paths(&rooms, &seats, &curves),
            normal_voice_db: seats.iter().map(speech::Seats::normal_voice_db).collect(),
            neighbours: borders.zones,
            remote_neighbours: borders.remote_zones,
        }
    }
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
