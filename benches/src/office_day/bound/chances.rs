//! The listener-seconds of a day that levels decide, and what one zone's level does to them while all others stay.

use super::course::Cost;
use crate::office_day::assumptions::Lombard;
use crate::office_day::day::Day;
use crate::office_day::level::{energy, level_db};
use crate::office_day::masking::Masking;
use crate::office_day::site::Site;

/// Listener-seconds that no level decides are left out; how sure one has to be of that, dB.
const SURE_DB: f64 = 2.0;

/// A zone whose level gives or takes less than this share of the masking at a seat does not count there.
const LEAST_SHARE: f64 = 0.01;

/// Somebody who talks in a second, and the noise at the seat there.
#[derive(Clone, Copy)]
struct Talking {
    second: u32,
    seat: u16,
    noise: f32,
    /// How much louder than normal people talk in it, dB.
    louder_db: f32,
}

/// Speech that distracts a listener unless the noise is loud enough.
#[derive(Clone, Copy)]
struct Threat {
    talking: u32,
    /// Noise needed when the voice is normal, dB(A), and its growth with the voice.
    noise_db: f32,
    slope: f32,
}

/// A listener in a second, the noise at the seat, and an interval of the threats.
#[derive(Clone, Copy)]
struct Listening {
    second: u32,
    seat: u16,
    noise: f32,
    first: u32,
    end: u32,
}

/// All chances of a day, as they are under the present levels.
pub struct Chances {
    powers: Vec<f64>,
    bin_s: usize,
    lombard: Lombard,
    zone_of: Vec<usize>,
    /// Per seat and zone: power at the seat per power at the listeners of the zone, when all other zones keep theirs.
    gains: Vec<Vec<f64>>,
    talkings: Vec<Talking>,
    threats: Vec<Threat>,
    listenings: Vec<Listening>,
    /// Per zone: listenings and talkings that its level reaches, and listenings that hear somebody there.
    reached: Vec<Vec<u32>>,
    reached_talkings: Vec<Vec<u32>>,
    hearing: Vec<Vec<u32>>,
}

impl Chances {
    /// Collects them; all zones stand at one of the levels.
    pub fn new(site: &Site, day: &Day, levels_db: &[f64], start: usize, bin_s: usize) -> Self {
        let gains = gains(site);
        let zones = site.zones.len();
        let counts = |seat: usize, zone: usize| {
            let all: f64 = gains[seat].iter().sum();
            gains[seat][zone].abs() > LEAST_SHARE * all
        };
        let ventilation: Vec<f64> = site.paths.ventilation_db.iter().map(|level_db| energy(*level_db)).collect();
        let noise = |seat: usize, level_db: f64| {
            gains[seat].iter().sum::<f64>() * energy(level_db) + ventilation[site.office.seats[seat].zone]
        };
        let (softest_db, loudest_db) = (levels_db[0] - SURE_DB, levels_db[levels_db.len() - 1] + SURE_DB);
        let mut chances = Chances {
            powers: levels_db.iter().map(|level_db| energy(*level_db)).collect(),
            bin_s,
            lombard: site.people.assumptions.lombard,
            zone_of: site.office.seats.iter().map(|seat| seat.zone).collect(),
            talkings: Vec::new(),
            threats: Vec::new(),
            listenings: Vec::new(),
            reached: vec![Vec::new(); zones],
            reached_talkings: vec![Vec::new(); zones],
            hearing: vec![Vec::new(); zones],
            gains: Vec::new(),
        };
        let mut by_seat: Vec<Vec<Threat>> = vec![Vec::new(); gains.len()];
        let mut lost = vec![false; gains.len()];
        for second in 0..day.seconds() {
            let attending = day.attending(second);
            for talk in day.talks(second) {
                let talking = chances.talkings.len() as u32;
                for zone in (0..zones).filter(|zone| counts(talk.seat, *zone)) {
                    chances.reached_talkings[zone].push(talking);
                }
                let noise_there = noise(talk.seat, levels_db[start]);
                chances.talkings.push(Talking {
                    second: second as u32,
                    seat: talk.seat as u16,
                    noise: noise_there as f32,
                    louder_db: chances.lombard.louder_db(level_db(noise_there)) as f32,
                });
                let louder_db =
                    [softest_db, loudest_db].map(|level| chances.lombard.louder_db(level_db(noise(talk.seat, level))));
                for hearer in site.paths.hearers[talk.seat].iter().filter(|hearer| attending[hearer.seat]) {
                    let [least_db, most_db] = louder_db.map(|louder_db| hearer.needed_noise_db(talk.voice_db + louder_db));
                    if energy(most_db) > noise(hearer.seat, softest_db) {
                        lost[hearer.seat] |= energy(least_db) > noise(hearer.seat, loudest_db);
                        by_seat[hearer.seat].push(Threat {
                            talking,
                            noise_db: hearer.needed_noise_db(talk.voice_db) as f32,
                            slope: hearer.slope() as f32,
                        });
                    }
                }
            }
            for (seat, threats) in by_seat.iter_mut().enumerate() {
                if !threats.is_empty() && !lost[seat] {
                    let listening = chances.listenings.len() as u32;
                    for zone in (0..zones).filter(|zone| counts(seat, *zone)) {
                        chances.reached[zone].push(listening);
                    }
                    chances.add(second, seat, noise(seat, levels_db[start]), threats);
                }
                threats.clear();
                lost[seat] = false;
            }
        }
        chances.gains = gains;
        chances
    }

    fn add(&mut self, second: usize, seat: usize, noise: f64, threats: &[Threat]) {
        let index = self.listenings.len() as u32;
        for threat in threats {
            let talks_in = self.zone_of[usize::from(self.talkings[threat.talking as usize].seat)];
            let hearing = &mut self.hearing[talks_in];
            if hearing.last() != Some(&index) {
                hearing.push(index);
            }
        }
        self.listenings.push(Listening {
            second: second as u32,
            seat: seat as u16,
            noise: noise as f32,
            first: self.threats.len() as u32,
            end: (self.threats.len() + threats.len()) as u32,
        });
        self.threats.extend(threats);
    }

    /// Moves a zone from one course to another.
    pub fn move_zone(&mut self, zone: usize, from: &[usize], to: &[usize]) {
        let change = |second: u32, gain: f64| {
            let bin = second as usize / self.bin_s;
            (gain * (self.powers[to[bin]] - self.powers[from[bin]])) as f32
        };
        for index in &self.reached[zone] {
            let listening = &mut self.listenings[*index as usize];
            listening.noise += change(listening.second, self.gains[usize::from(listening.seat)][zone]);
        }
        for index in &self.reached_talkings[zone] {
            let talking = &mut self.talkings[*index as usize];
            let change = change(talking.second, self.gains[usize::from(talking.seat)][zone]);
            if change != 0.0 {
                talking.noise += change;
                talking.louder_db = self.lombard.louder_db(level_db(f64::from(talking.noise))) as f32;
            }
        }
    }

    /// Adds what each level of a zone that is on a course costs in distracted listener-seconds, for those that it decides.
    pub fn add_to(&self, cost: &mut Cost, zone: usize, course: &[usize]) {
        let mut hearing = self.hearing[zone].iter().peekable();
        for index in &self.reached[zone] {
            while hearing.next_if(|hears| *hears < index).is_some_and(|hears| {
                self.add_one(cost, zone, course, *hears, true);
                true
            }) {}
            let hears = hearing.next_if_eq(&index).is_some();
            self.add_one(cost, zone, course, *index, hears);
        }
        for hears in hearing {
            self.add_one(cost, zone, course, *hears, true);
        }
    }

    fn add_one(&self, cost: &mut Cost, zone: usize, course: &[usize], index: u32, hears: bool) {
        let listening = self.listenings[index as usize];
        let bin = listening.second as usize / self.bin_s;
        let now = self.powers[course[bin]];
        let gain = self.gains[usize::from(listening.seat)][zone];
        let other_noise = f64::from(listening.noise) - gain * now;
        let threats = &self.threats[listening.first as usize..listening.end as usize];
        let talks_here = |threat: &&Threat| self.zone_of[usize::from(self.talking(threat).seat)] == zone;
        let needed_db = |threat: &Threat| threat.noise_db + threat.slope * self.talking(threat).louder_db;
        let elsewhere = threats.iter().filter(|threat| !talks_here(threat));
        let from_elsewhere = energy(f64::from(elsewhere.map(needed_db).fold(f32::NEG_INFINITY, f32::max)));
        let bin = cost.bin(bin);
        if !hears {
            // Only this zone's masking counts.
            let power = (from_elsewhere - other_noise) / gain;
            if gain > 0.0 {
                let enough = self.powers.partition_point(|level| *level < power);
                bin[..enough].iter_mut().for_each(|cost| *cost += 1.0);
            } else {
                let enough = self.powers.partition_point(|level| *level <= power);
                bin[enough..].iter_mut().for_each(|cost| *cost += 1.0);
            }
            return;
        }
        // Voices and masking both rise with the level, and one of them wins from some level on.
        let distracts = |level: usize| {
            let noise = (other_noise + gain * self.powers[level]).max(1.0);
            from_elsewhere > noise
                || threats.iter().filter(talks_here).any(|threat| {
                    let talking = self.talking(threat);
                    let own_gain = self.gains[usize::from(talking.seat)][zone];
                    f64::from(talking.noise) + own_gain * (self.powers[level] - now)
                        > threat.talker_noise(self.lombard, level_db(noise))
                })
        };
        let (mut low, mut high) = (0, self.powers.len() - 1);
        let (at_low, at_high) = (distracts(low), distracts(high));
        if at_low == at_high {
            bin.iter_mut().for_each(|cost| *cost += f32::from(at_low));
            return;
        }
        while high - low > 1 {
            let middle = (low + high) / 2;
            if distracts(middle) == at_low {
                low = middle;
            } else {
                high = middle;
            }
        }
        let decided = if at_low { &mut bin[..high] } else { &mut bin[high..] };
        decided.iter_mut().for_each(|cost| *cost += 1.0);
    }

    fn talking(&self, threat: &Threat) -> &Talking {
        &self.talkings[threat.talking as usize]
    }
}

impl Threat {
    /// Noise at the talker from which on the voice distracts through some at the listener.
    fn talker_noise(&self, lombard: Lombard, listener_noise_db: f64) -> f64 {
        energy(lombard.quietest_for((listener_noise_db - f64::from(self.noise_db)) / f64::from(self.slope)))
    }
}

/// Power at each seat per power at the listeners of each zone: the masking is linear, so two levels tell.
fn gains(site: &Site) -> Vec<Vec<f64>> {
    const LOW_DB: f64 = 43.0;
    const HIGH_DB: f64 = 44.0;
    let zones = site.zones.len();
    let mut masking = Masking::new(&site.office, &site.paths);
    masking.play(&vec![LOW_DB; zones]);
    let low = masking.seats_power().to_vec();
    let by_zone: Vec<Vec<f64>> = (0..zones)
        .map(|raised| {
            let mut masking = masking.clone();
            let levels_db: Vec<f64> = (0..zones).map(|zone| if zone == raised { HIGH_DB } else { LOW_DB }).collect();
            masking.play(&levels_db);
            let seats = masking.seats_power().iter().zip(&low);
            seats
                .map(|(power, low)| (power - low) / (energy(HIGH_DB) - energy(LOW_DB)))
                .collect()
        })
        .collect();
    (0..low.len())
        .map(|seat| by_zone.iter().map(|gains| gains[seat]).collect())
        .collect()
}
