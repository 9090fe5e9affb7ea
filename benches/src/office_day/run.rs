//! A day under a controller, and what came of it.

use super::day::Day;
use super::ears::Ears;
use super::level::{energy, level_db};
use super::masking::Masking;
use super::policy::{Policy, ZoneHeard};
use super::site::Site;

/// What came of a day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Listener-seconds in which speech from another zone had an STI above 0.5.
    pub distracted_s: u64,
    /// Listener-seconds in which that could have been: at the desk, not talking with anybody.
    pub attending_s: u64,
    /// Energy mean of the masking over all zones and seconds, dB(A).
    pub mean_db: f64,
    /// The same of each zone.
    pub zone_means_db: Vec<f64>,
    /// Lowest and highest level of any zone, dB(A).
    pub range_db: (f64, f64),
    /// Fastest rise and fall of what the controller asked for, dB in a minute at that rate.
    pub slew_db_per_min: (f64, f64),
    /// Most by which it let bordering zones differ, dB.
    pub neighbour_db: f64,
}

impl Outcome {
    /// Share of the listener-seconds that were distracted.
    pub fn distracted_share(&self) -> f64 {
        self.distracted_s as f64 / (self.attending_s as f64).max(1.0)
    }

    /// How many listener-seconds fewer than in another outcome were distracted, as a share of its.
    pub fn fewer_than(&self, other: &Outcome) -> f64 {
        1.0 - self.distracted_s as f64 / (other.distracted_s as f64).max(1.0)
    }
}

/// Runs a controller through a day. What it says after one second is heard in the next.
pub fn run(site: &Site, day: &Day, policy: &mut dyn Policy, error_seed: u64) -> Outcome {
    let zones = site.office.size.zones();
    let mut masking = Masking::new(&site.office, &site.paths);
    let mut ears = Ears::new(&site.paths, error_seed);
    let silence = |ventilation_db: &f64| ZoneHeard {
        speech_laeq_db: None,
        background_db: *ventilation_db,
        talker_here: false,
    };
    let mut heard: Vec<ZoneHeard> = site.paths.ventilation_db.iter().map(silence).collect();
    let ventilation: Vec<f64> = site.paths.ventilation_db.iter().map(|level_db| energy(*level_db)).collect();
    let mut noise_db = vec![0.0; site.office.seats.len()];
    let mut distracted_at = vec![usize::MAX; site.office.seats.len()];
    let mut talkers: Vec<(usize, f64)> = Vec::new();
    let mut account = Account::new(zones);
    let lombard = site.people.assumptions.lombard;

    policy.begin_day();
    let mut wishes_db = policy.second(&heard).to_vec();
    for second in 0..day.seconds() {
        masking.play(&wishes_db);
        for ((noise_db, power), seat) in noise_db.iter_mut().zip(masking.seats_power()).zip(&site.office.seats) {
            *noise_db = level_db(power + ventilation[seat.zone]);
        }
        talkers.clear();
        talkers.extend(day.talks(second).iter().map(|talk| {
            let voice_db = talk.voice_db + lombard.louder_db(noise_db[talk.seat]);
            (talk.seat, voice_db)
        }));
        let attending = day.attending(second);
        for (seat, voice_db) in &talkers {
            for hearer in &site.paths.hearers[*seat] {
                if attending[hearer.seat]
                    && hearer.needed_noise_db(*voice_db) > noise_db[hearer.seat]
                    && distracted_at[hearer.seat] != second
                {
                    distracted_at[hearer.seat] = second;
                    account.outcome.distracted_s += 1;
                }
            }
        }
        account.outcome.attending_s += attending.iter().filter(|attends| **attends).count() as u64;
        ears.hear(&talkers, masking.levels_db(), &mut heard);
        let next_db = policy.second(&heard);
        account.add(site, masking.levels_db(), &wishes_db, next_db);
        wishes_db.copy_from_slice(next_db);
    }
    account.close(day.seconds())
}

/// Sums of a day.
struct Account {
    outcome: Outcome,
    energies: Vec<f64>,
}

impl Account {
    fn new(zones: usize) -> Self {
        Self {
            outcome: Outcome {
                range_db: (f64::INFINITY, f64::NEG_INFINITY),
                ..Outcome::default()
            },
            energies: vec![0.0; zones],
        }
    }

    fn add(&mut self, site: &Site, levels_db: &[f64], wishes_db: &[f64], next_db: &[f64]) {
        let outcome = &mut self.outcome;
        for (zone, level_db) in levels_db.iter().enumerate() {
            self.energies[zone] += energy(*level_db);
            outcome.range_db.0 = outcome.range_db.0.min(*level_db);
            outcome.range_db.1 = outcome.range_db.1.max(*level_db);
            let change_db = 60.0 * (next_db[zone] - wishes_db[zone]);
            outcome.slew_db_per_min.0 = outcome.slew_db_per_min.0.max(change_db);
            outcome.slew_db_per_min.1 = outcome.slew_db_per_min.1.max(-change_db);
            for other in site.neighbours(zone) {
                outcome.neighbour_db = outcome.neighbour_db.max(wishes_db[zone] - wishes_db[*other]);
            }
        }
    }

    fn close(self, seconds: usize) -> Outcome {
        let mean = |energies: &[f64]| level_db(energies.iter().sum::<f64>() / (energies.len() * seconds) as f64);
        Outcome {
            mean_db: mean(&self.energies),
            zone_means_db: self.energies.iter().map(|energy| mean(&[*energy])).collect(),
            ..self.outcome
        }
    }
}
