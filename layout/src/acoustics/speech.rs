//! How loud a talker of one zone is in the others.
//!
//! Talkers sit where listeners sit. Both directions of a pair of zones come from the same paths, since a path and its
//! reverse weaken sound alike.

use geo::{BoundingRect, Polygon, Rect};

use super::sti_curve::StiCurves;
use super::{BAND_COUNT, SpeechPath, parallel};
use crate::nearby::Nearby;
use crate::plan::{Plan, Position};
use crate::propagation::{GAIN_FLOOR_DB, MAX_PATH_M, Obstacles, Room};
use crate::spectrum::{a_weighted_sum_db, a_weighting_db, energy, level_db, male_speech_db};

/// What the level of a talker is told relative to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reference {
    /// What the microphones of his zone measure; talkers whom nobody measures have no paths.
    Microphones,
    /// The free field at 1 m from his mouth.
    OneMetre,
}

/// Per place: the other ones whose talkers can be heard here.
pub(crate) fn paths(rooms: &[Room], seats: &[Seats], curves: &StiCurves) -> Vec<Vec<SpeechPath>> {
    let speech = Speech::new();
    let pairs = pairs(rooms.len(), seats);
    let found = parallel::map(pairs.len(), |index| {
        let (one, other) = pairs[index];
        between(rooms, &speech, curves, (&seats[one], &seats[other]))
    });
    let mut paths = vec![Vec::new(); seats.len()];
    for ((one, other), [there, back]) in pairs.into_iter().zip(found) {
        paths[other].extend(there);
        paths[one].extend(back);
    }
    for heard in &mut paths {
        heard.sort_by_key(|path| path.from_zone);
    }
    paths
}

/// Normal speech at 1 m, energies per band.
struct Speech {
    spectrum: [f64; BAND_COUNT],
    /// Shares of the A-weighted energy.
    a_weighted: [f64; BAND_COUNT],
}

impl Speech {
    fn new() -> Self {
        let levels = male_speech_db();
        let sum_db = a_weighted_sum_db(&levels);
        Self {
            spectrum: levels.map(energy),
            a_weighted: core::array::from_fn(|band| energy(levels[band] + a_weighting_db(band) - sum_db)),
        }
    }

    /// A-weighted speech energy after a path, re the same at 1 m.
    fn after(&self, path: &[f64; BAND_COUNT]) -> f64 {
        path.iter().zip(self.a_weighted).map(|(path, share)| path * share).sum()
    }
}

/// A zone as a place to talk and to listen.
pub(crate) struct Seats {
    zone: usize,
    floor: usize,
    bounds: Option<Rect<f64>>,
    positions: Vec<Position>,
    /// Positions of the microphones.
    microphones: Vec<Position>,
    /// Per talker: A-weighted speech energy at the reference, re 1 m; of microphones the mean over them, none without.
    measured: Vec<f64>,
}

impl Seats {
    /// All zones of a plan.
    pub(crate) fn of_all(plan: &Plan, rooms: &[Room], reference: Reference) -> Vec<Self> {
        let speech = Speech::new();
        parallel::map(plan.zones.len(), |index| {
            let zone = &plan.zones[index];
            let own = plan.microphones.iter().filter(|microphone| microphone.zone == index);
            let microphones = own.map(|microphone| microphone.position).collect();
            let seats = Seats::new(index, zone.floor, &zone.outline, &zone.listeners, microphones);
            seats.measured(rooms, &speech, reference)
        })
    }

    /// All remote zones of a plan, counted on from its zones.
    pub(super) fn of_remote(plan: &Plan, rooms: &[Room]) -> Vec<Self> {
        let speech = Speech::new();
        let seats = plan.remote_zones.iter().enumerate().map(|(index, zone)| {
            let index = plan.zones.len() + index;
            Seats::new(index, zone.floor, &zone.outline, &zone.listeners, zone.microphones.clone())
        });
        seats
            .map(|seats| seats.measured(rooms, &speech, Reference::Microphones))
            .collect()
    }

    /// Level of a normal voice here at the microphones here, dB(A).
    pub(super) fn normal_voice_db(&self) -> Option<f64> {
        let at_1_m_db = a_weighted_sum_db(&male_speech_db());
        (!self.measured.is_empty()).then(|| at_1_m_db + level_db(self.mean_measured()))
    }

    /// Mean over the talkers, who are measured.
    fn mean_measured(&self) -> f64 {
        self.measured.iter().sum::<f64>() / self.measured.len() as f64
    }

    fn new(zone: usize, floor: usize, outline: &Polygon<f64>, positions: &[Position], microphones: Vec<Position>) -> Self {
        Self {
            zone,
            floor,
            bounds: outline.bounding_rect(),
            positions: positions.to_vec(),
            microphones,
            measured: Vec::new(),
        }
    }

    fn measured(self, rooms: &[Room], speech: &Speech, reference: Reference) -> Self {
        let heard = |talker: &Position| {
            let room = rooms.get(self.floor)?;
            let energies = self
                .microphones
                .iter()
                .filter_map(|to| room.energies(*talker, *to, room.obstacles()));
            let sum: f64 = energies.map(|path| speech.after(&path)).sum();
            (sum > 0.0).then(|| sum / self.microphones.len() as f64)
        };
        let measured: Option<Vec<f64>> = match reference {
            Reference::Microphones => self.positions.iter().map(heard).collect(),
            Reference::OneMetre => Some(vec![1.0; self.positions.len()]),
        };
        Self {
            measured: measured.unwrap_or_default(),
            ..self
        }
    }
}

impl Seats {
    /// Seats and microphones.
    fn places(&self) -> Vec<Position> {
        [self.positions.as_slice(), &self.microphones].concat()
    }
}

/// Pairs of zones of one floor that are near enough to hear each other, the lower index first.
fn pairs(floors: usize, seats: &[Seats]) -> Vec<(usize, usize)> {
    let areas = seats
        .iter()
        .filter_map(|seats| Some((seats.floor, seats.zone, seats.bounds?)));
    let nearby = Nearby::of(floors, areas);
    let mut pairs = Vec::new();
    for one in seats {
        let Some(bounds) = one.bounds else { continue };
        let near = nearby.within(one.floor, bounds, MAX_PATH_M).filter(|other| *other > one.zone);
        pairs.extend(near.map(|other| (one.zone, other)));
    }
    pairs.sort_unstable();
    pairs
}

/// Speech from the first zone in the second and back.
fn between(rooms: &[Room], speech: &Speech, curves: &StiCurves, (one, other): (&Seats, &Seats)) -> [Option<SpeechPath>; 2] {
    let room = &rooms[one.floor];
    let obstacles = room.obstacles().between_groups(&one.places(), &other.places());
    let mut there = Arrivals::new(one, other);
    let mut back = Arrivals::new(other, one);
    for (first, from) in one.positions.iter().enumerate() {
        for (second, to) in other.positions.iter().enumerate() {
            let path = room.energies(*from, *to, &obstacles);
            there.add(first, second, path.as_ref(), speech);
            back.add(second, first, path.as_ref(), speech);
        }
    }
    [there, back].map(|arrivals| arrivals.path(room, &obstacles, speech, curves))
}

/// What arrives at each listener of one zone from the talkers of another, relative to what their microphones measure.
struct Arrivals<'a> {
    from: &'a Seats,
    to: &'a Seats,
    /// Per listener: energies per band, mean over the talkers.
    at_listeners: Vec<[f64; BAND_COUNT]>,
    /// Per pair of talker and listener: A-weighted level re what the microphones measure of talkers there on average.
    pairs_db: Vec<f32>,
}

impl<'a> Arrivals<'a> {
    fn new(from: &'a Seats, to: &'a Seats) -> Self {
        let count = if from.measured.is_empty() { 0 } else { to.positions.len() };
        Self {
            from,
            to,
            at_listeners: vec![[0.0; BAND_COUNT]; count],
            pairs_db: Vec::with_capacity(count * from.positions.len()),
        }
    }

    /// Adds the path of a pair; without one, they do not hear each other.
    fn add(&mut self, talker: usize, listener: usize, path: Option<&[f64; BAND_COUNT]>, speech: &Speech) {
        let (Some(measured), Some(sums)) = (self.from.measured.get(talker), self.at_listeners.get_mut(listener)) else {
            return;
        };
        self.pairs_db.push(match path {
            Some(path) => level_db(speech.after(path) / self.from.mean_measured()) as f32,
            None => f32::NEG_INFINITY,
        });
        let share = 1.0 / (measured * self.from.measured.len() as f64);
        for (sum, energy) in sums.iter_mut().zip(path.into_iter().flatten()) {
            *sum += energy * share;
        }
    }

    fn path(self, room: &Room, obstacles: &Obstacles, speech: &Speech, curves: &StiCurves) -> Option<SpeechPath> {
        let loudest = self.at_listeners.iter().map(|sums| (speech.after(sums), sums));
        let (loudest, spectrum) = loudest.max_by(|one, other| one.0.total_cmp(&other.0))?;
        if loudest < energy(GAIN_FLOOR_DB) {
            return None;
        }
        let arrived_db = core::array::from_fn(|band| level_db(spectrum[band] * speech.spectrum[band]));
        Some(SpeechPath {
            from_zone: self.from.zone,
            to_listeners_db: level_db(loudest),
            to_microphones_db: self.at_microphones(room, obstacles, speech),
            to_each_listener_db: self.pairs_db,
            sti_curve: curves.curve(&arrived_db, room.reverberation_s()),
        })
    }

    /// Energy mean over the microphones here, dB, however faint: listeners nearby do hear.
    fn at_microphones(&self, room: &Room, obstacles: &Obstacles, speech: &Speech) -> Option<f64> {
        let count = self.from.positions.len() * self.to.microphones.len();
        let heard = |talker: Position| {
            let paths = self
                .to
                .microphones
                .iter()
                .map(move |to| room.all_energies(talker, *to, obstacles));
            paths.map(|path| speech.after(&path)).sum::<f64>()
        };
        let talkers = self.from.positions.iter().zip(&self.from.measured);
        let sum: f64 = talkers.map(|(talker, measured)| heard(*talker) / measured).sum();
        (count > 0).then(|| level_db(sum / count as f64))
    }
}
