//! What would be read along the paths of ISO 3382-3.

use super::Coverage;
use super::law::Law;
use super::sound::{Noise, Voice};
use crate::figures::{Figures, MeasurementPath, Reading};
use crate::plan::Plan;
use crate::propagation::Room;
use crate::spectrum::level_db;
use crate::sti::Decay;

/// A path with its readings and figures.
#[derive(Clone, Debug, PartialEq)]
pub struct PathFigures {
    /// Over which workplaces it runs.
    pub path: MeasurementPath,
    /// What would be read at each of them, in the order of [`Masking::ALL`](super::Masking::ALL).
    pub readings: [Vec<Reading>; 3],
    /// Figures of those readings.
    pub figures: [Option<Figures>; 3],
}

pub(super) fn figures(
    plan: &Plan,
    rooms: &[Room],
    voice: &Voice,
    noise: &Noise,
    law: &Law,
    coverage: &Coverage,
    paths: Vec<MeasurementPath>,
) -> Vec<PathFigures> {
    let figures = paths.into_iter().map(|path| {
        let room = &rooms[path.floor];
        let decay = Decay::of(room.reverberation_s());
        let talker = path.talker.position(plan);
        let readings = core::array::from_fn(|masking| {
            let read = path.readings.iter().map(|seat| {
                let at = seat.position(plan);
                let speech = voice.after(&room.all_energies(talker, at, room.obstacles()));
                let masking = law.masking(path.talker.zone, seat.zone)[masking] * coverage.share(seat.zone, seat.listener);
                Reading {
                    distance_m: talker.distance_m(at),
                    speech_db: level_db(speech.a_weighted),
                    sti: noise.sti(&speech, masking, &decay),
                    background_db: noise.level_db(masking),
                }
            });
            read.collect::<Vec<_>>()
        });
        let figures = core::array::from_fn(|masking| Figures::of(&readings[masking]));
        PathFigures { path, readings, figures }
    });
    figures.collect()
}
