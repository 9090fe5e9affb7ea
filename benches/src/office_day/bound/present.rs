//! What can be gained by listening alone: everything of the present known, nothing of the future and nothing of the place.
//!
//! Every talker, voice, way and listener of the last seconds is known without error, and how much louder people would talk in each
//! zone if its masking rose. Each zone goes to the level at which its own listeners who are distracted, those elsewhere who are because of
//! talkers here, and the price of the energy are least. What is known of a zone fades over some seconds, as talk goes to
//! and fro; longer times and higher prices were tried and gain less.

use super::{PRICED_AT_DB, grid_db};
use crate::office_day::day::Day;
use crate::office_day::level::{energy, level_db};
use crate::office_day::limits::{Limits, Steps, lift_neighbours};
use crate::office_day::masking::Masking;
use crate::office_day::policy::{Policy, ZoneHeard};
use crate::office_day::site::Site;

/// What is known fades over this time, seconds.
const REMEMBERED_S: f64 = 15.0;

/// Price of the energy of masking at 43 dB(A), distracted listener-seconds per zone and second: it brings the mean to about that.
const PRICE: f64 = 0.22;

/// Knows the present of a day.
pub struct PresentKnowledge<'a> {
    site: &'a Site,
    day: &'a Day,
    second: usize,
    neighbours: Vec<Vec<usize>>,
    neighbour_max_db: f64,
    masking: Masking<'a>,
    ventilation: Vec<f64>,
    /// Levels of the grid and what each costs in energy.
    levels_db: Vec<f64>,
    prices: Vec<f64>,
    /// Per zone and level: what it costs, faded.
    costs: Vec<Vec<f64>>,
    steps: Steps,
    wishes_db: Vec<f64>,
}

impl<'a> PresentKnowledge<'a> {
    /// Begins at the commissioned level.
    pub fn new(site: &'a Site, day: &'a Day, limits: Limits) -> Self {
        let zones = site.zones.len();
        let levels_db = grid_db(&limits);
        let begin_db = vec![limits.level_fixed_db; zones];
        let neighbours = site.all_neighbours();
        Self {
            site,
            day,
            second: 0,
            neighbour_max_db: limits.neighbour_max_db,
            masking: Masking::new(&site.office, &site.paths),
            ventilation: site.paths.ventilation_db.iter().map(|level_db| energy(*level_db)).collect(),
            prices: levels_db
                .iter()
                .map(|level_db| PRICE * energy(level_db - PRICED_AT_DB))
                .collect(),
            costs: vec![vec![0.0; levels_db.len()]; zones],
            levels_db,
            steps: Steps::new(limits, neighbours.clone(), begin_db.clone()),
            neighbours,
            wishes_db: begin_db,
        }
    }

    /// Noise at a seat, dB(A), when its zone has a level and the masking lies over the zone as it does now.
    fn noise_db(&self, seat: usize, zone_level_db: f64) -> f64 {
        let zone = self.site.office.seats[seat].zone;
        let of_the_mean = self.masking.seats_power()[seat] / energy(self.masking.levels_db()[zone]);
        level_db(of_the_mean * energy(zone_level_db) + self.ventilation[zone])
    }

    /// Adds what each level of each zone costs in this second.
    fn know(&mut self) {
        let share = 1.0 / REMEMBERED_S;
        self.costs.iter_mut().flatten().for_each(|cost| *cost -= share * *cost);
        let seats = &self.site.office.seats;
        let lombard = self.site.people.assumptions.lombard;
        let attending = self.day.attending(self.second);
        let now_db: Vec<f64> = (0..seats.len())
            .map(|seat| self.noise_db(seat, self.masking.levels_db()[seats[seat].zone]))
            .collect();
        let mut needed_db = vec![f64::NEG_INFINITY; seats.len()];
        for talk in self.day.talks(self.second) {
            let hearers = || {
                self.site.paths.hearers[talk.seat]
                    .iter()
                    .filter(|hearer| attending[hearer.seat])
            };
            let voice_db = talk.voice_db + lombard.louder_db(now_db[talk.seat]);
            for hearer in hearers() {
                needed_db[hearer.seat] = needed_db[hearer.seat].max(hearer.needed_noise_db(voice_db));
            }
            for (level, level_db) in self.levels_db.iter().enumerate() {
                let voice_db = talk.voice_db + lombard.louder_db(self.noise_db(talk.seat, *level_db));
                let understand = hearers().filter(|hearer| hearer.needed_noise_db(voice_db) > now_db[hearer.seat]);
                self.costs[seats[talk.seat].zone][level] += share * understand.count() as f64;
            }
        }
        for (seat, needed_db) in needed_db.iter().enumerate().filter(|(_, needed_db)| needed_db.is_finite()) {
            for (level, level_db) in self.levels_db.iter().enumerate() {
                if *needed_db > self.noise_db(seat, *level_db) {
                    self.costs[seats[seat].zone][level] += share;
                }
            }
        }
    }
}

impl Policy for PresentKnowledge<'_> {
    fn second(&mut self, _: &[ZoneHeard]) -> &[f64] {
        self.masking.play(self.steps.levels_db());
        self.know();
        self.second = (self.second + 1).min(self.day.seconds() - 1);
        for (wish_db, costs) in self.wishes_db.iter_mut().zip(&self.costs) {
            let sum = |level: &usize| costs[*level] + self.prices[*level];
            let cheapest = (0..costs.len()).min_by(|one, other| sum(one).total_cmp(&sum(other)));
            *wish_db = self.levels_db[cheapest.unwrap_or(0)];
        }
        lift_neighbours(&mut self.wishes_db, &self.neighbours, self.neighbour_max_db);
        self.steps.step(&self.wishes_db)
    }
}
