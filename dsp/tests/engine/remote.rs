//! Two engines that share an office: each has some of its zones, and is told a second later what the other measured.

use habitat_dsp::{Cause, Engine, EngineSetup, Parameters, RemoteZone, RemoteZoneSetup, Report, ZoneParameters, ZoneReport};

use crate::{
    site::{RATE, Run, ZONES, parameters, setup},
    sounds::{noise, voice},
};

/// How old it is what the other side tells, seconds.
const LATE_S: f64 = 0.4;

/// An engine that has some of the zones of the row.
struct Side {
    zones: std::ops::Range<usize>,
    engine: Engine,
    parameters: Parameters,
    reports: Vec<Report>,
    frame: usize,
}

/// The zones of the row in the order of a side: its own first.
fn order(zones: &std::ops::Range<usize>) -> Vec<usize> {
    let others = (0..ZONES).filter(|zone| !zones.contains(zone));
    zones.clone().chain(others).collect()
}

fn part_of_row(zones: &std::ops::Range<usize>) -> EngineSetup {
    let row = setup();
    let order = order(zones);
    let index = |zone: usize| order.iter().position(|other| *other == zone).unwrap();
    let own = |zone: usize| zones.contains(&zone);
    let hearing = |zone: usize| {
        let mut paths = row.zones[zone].hearing.clone();
        paths.iter_mut().for_each(|path| path.from_zone = index(path.from_zone));
        paths
    };
    EngineSetup {
        microphones: zones
            .clone()
            .map(|zone| {
                let mut microphone = row.microphones[zone].clone();
                microphone.zone = index(zone);
                microphone.loudspeakers.retain(|coupling| own(coupling.loudspeaker));
                let loudspeakers = &mut microphone.loudspeakers;
                loudspeakers
                    .iter_mut()
                    .for_each(|coupling| coupling.loudspeaker = index(coupling.loudspeaker));
                microphone
            })
            .collect(),
        loudspeakers: zones
            .clone()
            .map(|zone| {
                let mut loudspeaker = row.loudspeakers[zone];
                loudspeaker.zone = index(zone);
                loudspeaker
            })
            .collect(),
        zones: zones
            .clone()
            .map(|zone| {
                let mut part = row.zones[zone].clone();
                part.masking.retain(|source| own(source.zone));
                part.masking.iter_mut().for_each(|source| source.zone = index(source.zone));
                part.hearing = hearing(zone);
                let (beside, beyond): (Vec<usize>, Vec<usize>) = part.neighbours.into_iter().partition(|zone| own(*zone));
                part.neighbours = beside.into_iter().map(index).collect();
                part.remote_neighbours = beyond.into_iter().map(|zone| index(zone) - zones.len()).collect();
                part
            })
            .collect(),
        remote_zones: order[zones.len()..]
            .iter()
            .map(|zone| RemoteZoneSetup {
                level_fixed_db: row.zones[*zone].level_fixed_db,
                normal_voice_db: row.zones[*zone].normal_voice_db,
                hearing: hearing(*zone),
            })
            .collect(),
        ..row
    }
}

impl Side {
    fn new(zones: std::ops::Range<usize>, change: impl Fn(usize, &mut ZoneParameters)) -> Self {
        let mut parameters = parameters();
        parameters.zones.truncate(zones.len());
        for (zone, parameters) in zones.clone().zip(&mut parameters.zones) {
            change(zone, parameters);
        }
        parameters.remote_zones = vec![RemoteZone::default(); ZONES - zones.len()];
        Side {
            engine: Engine::new(&part_of_row(&zones), &parameters).unwrap(),
            zones,
            parameters,
            reports: Vec::new(),
            frame: 0,
        }
    }

    /// Hears a second of the row.
    fn second(&mut self, signal: &dyn Fn(usize, usize) -> f32) {
        const BLOCK: usize = 960;
        let channels = self.zones.len();
        for _ in 0..RATE as usize / BLOCK {
            let at = |n: usize| signal(self.frame + n / channels, self.zones.start + n % channels);
            let input: Vec<f32> = (0..BLOCK * channels).map(at).collect();
            let mut output = vec![0.0; BLOCK * channels];
            self.engine.process(BLOCK, Some(&input), Some(&mut output), &mut self.reports);
            self.frame += BLOCK;
        }
    }

    /// The last report of each of its zones.
    fn latest(&self) -> Vec<Option<ZoneReport>> {
        let of = |index: usize| {
            self.reports.iter().rev().find_map(|report| match report {
                Report::Zone(zone) if zone.zone as usize == index => Some(*zone),
                _ => None,
            })
        };
        (0..self.zones.len()).map(of).collect()
    }

    /// Is told what the other side measured last.
    fn hear_of(&mut self, other: &Side) {
        for (slot, report) in self.parameters.remote_zones.iter_mut().zip(other.latest()) {
            let Some(report) = report else { continue };
            // The last period of both ended some time ago, and what is told comes later still.
            let age_s = (other.frame as u64 - report.end_frame) as f64 / f64::from(RATE) + LATE_S;
            *slot = RemoteZone {
                heard: slot.heard + 1,
                age_s,
                masking_db: (report.masking_db > 39.0).then_some(f64::from(report.masking_db)),
                speech_db: report.speech_laeq_db.map(f64::from),
            };
        }
        self.engine.set_parameters(&self.parameters);
    }

    fn reports_of(&self, zone: usize) -> Vec<ZoneReport> {
        let index = zone - self.zones.start;
        let of = |report: &Report| match report {
            Report::Zone(report) if report.zone as usize == index => Some(*report),
            _ => None,
        };
        self.reports.iter().filter_map(of).collect()
    }
}

/// The row in the hands of two engines: zones 0 and 1, and zone 2.
struct Office {
    west: Side,
    east: Side,
}

impl Office {
    fn new(change: impl Fn(usize, &mut ZoneParameters)) -> Self {
        Office {
            west: Side::new(0..2, &change),
            east: Side::new(2..3, &change),
        }
    }

    fn go(&mut self, seconds: usize, together: bool, signal: impl Fn(usize, usize) -> f32) {
        for _ in 0..seconds {
            self.west.second(&signal);
            self.east.second(&signal);
            if together {
                self.west.hear_of(&self.east);
                self.east.hear_of(&self.west);
            }
        }
    }

    fn reports_of(&self, zone: usize) -> Vec<ZoneReport> {
        let side = if self.west.zones.contains(&zone) {
            &self.west
        } else {
            &self.east
        };
        side.reports_of(zone)
    }

    fn masking_db(&self) -> [f32; ZONES] {
        core::array::from_fn(|zone| self.reports_of(zone).last().unwrap().masking_db)
    }

    /// Largest difference across the border once the ramps are open.
    fn farthest_apart_db(&self) -> f32 {
        let pairs = self.reports_of(1).into_iter().zip(self.reports_of(2)).skip(12);
        pairs
            .map(|(one, other)| (one.masking_db - other.masking_db).abs())
            .fold(0.0, f32::max)
    }
}

fn background(frame: usize, channel: usize) -> f32 {
    0.0001 * noise(frame, channel)
}

/// Somebody in the last zone, whom the others hear 8 dB softer as the setup says.
fn talker_in_the_east(frame: usize, channel: usize) -> f32 {
    let softer = if channel == 2 { 1.0 } else { 10f32.powf(-8.0 / 20.0) };
    background(frame, channel) + softer * voice(frame, 0.005)
}

#[test]
fn a_talker_across_the_border_is_masked_as_if_the_office_were_one() {
    let mut office = Office::new(|_, _| {});
    office.go(15, true, background);
    office.go(60, true, talker_in_the_east);
    let mut whole = Run::new(&setup());
    whole.go(15.0, 960, background);
    whole.go(60.0, 960, talker_in_the_east);
    let whole_db = whole.zones().iter().rfind(|report| report.zone == 0).unwrap().masking_db;
    let [far_db, beside_db, talker_db] = office.masking_db();
    // It waits for some seconds, which at 3 dB/min are a few tenths.
    assert!((far_db - whole_db).abs() < 0.4, "{far_db} dB, in one hand {whole_db} dB");
    // The zone beside the talker's goes as far as that one, which is not raised, lets it.
    assert!((talker_db..talker_db + 2.0).contains(&beside_db) && beside_db > talker_db + 1.8);
    assert!(talker_db < 43.02, "the talker's own zone is not raised: {talker_db}");
    for (zone, talks) in [(0, false), (1, false), (2, true)] {
        let reports = office.reports_of(zone);
        let said_so = reports[20..].iter().filter(|report| report.talker == talks).count();
        assert!(
            said_so * 20 >= reports[20..].len() * 19,
            "zone {zone}: {said_so} of {}",
            reports.len() - 20
        );
    }
    let speech = office.west.reports.iter().filter_map(|report| match report {
        Report::Adaptation(change) if change.cause == Cause::Speech => change.evidence,
        _ => None,
    });
    // The zones of the west are 0 and 1, so the first remote one is 2.
    assert!(speech.clone().count() > 0 && speech.clone().all(|(_, from)| from == 2));
}

#[test]
fn across_the_border_levels_stay_within_the_neighbour_limit_and_follow_each_other() {
    // The west is to be loud, the east asks for nothing.
    let mut office = Office::new(|zone, parameters| {
        if zone < 2 {
            parameters.level_min_db = 45.5;
        }
    });
    office.go(240, true, background);
    let [_, west_db, east_db] = office.masking_db();
    assert!(office.farthest_apart_db() <= 2.0, "{}", office.farthest_apart_db());
    assert!((west_db - 45.5).abs() < 0.1, "the west gets what it asks for: {west_db}");
    assert!((43.9..44.2).contains(&east_db), "the east follows: {east_db}");
}

#[test]
fn without_a_word_from_the_other_both_stay_near_their_fixed_levels() {
    let mut office = Office::new(|zone, parameters| {
        if zone < 2 {
            parameters.level_min_db = 45.5;
        }
    });
    office.go(180, true, background);
    let before = office.masking_db();
    assert!(before[1] > 45.0 && before[2] > 43.5, "{before:?}");
    // Levels hold until they are old, and come down no faster than they may.
    office.go(8, false, background);
    assert!((office.masking_db()[1] - before[1]).abs() < 0.05);
    office.go(120, false, background);
    let [_, west_db, east_db] = office.masking_db();
    assert!((west_db - 44.0).abs() < 0.05, "half the limit above 43 dB: {west_db}");
    assert!((east_db - 42.0).abs() < 0.05, "half the limit below 43 dB: {east_db}");
    assert!(office.farthest_apart_db() <= 2.0, "{}", office.farthest_apart_db());
    let fastest = office
        .reports_of(1)
        .windows(2)
        .skip(12)
        .map(|pair| pair[0].masking_db - pair[1].masking_db)
        .fold(0.0, f32::max);
    assert!(fastest <= 1.5 / 60.0 + 1e-3, "{fastest} dB in a second");
    // Together again.
    office.go(120, true, background);
    assert!((office.masking_db()[1] - 45.5).abs() < 0.1, "{:?}", office.masking_db());
}

#[test]
fn what_is_no_number_or_of_another_time_counts_as_nothing_heard() {
    let mut office = Office::new(|_, _| {});
    office.go(30, true, background);
    let parameters = |side: &Side, state: RemoteZone| Parameters {
        remote_zones: vec![state],
        ..side.parameters.clone()
    };
    let told = [(f64::NAN, 0.0), (f64::INFINITY, 0.0), (46.0, 1e9), (46.0, f64::NAN)];
    for (heard, (masking_db, age_s)) in (1000..).zip(told) {
        let state = RemoteZone {
            heard,
            age_s,
            masking_db: Some(masking_db),
            speech_db: Some(f64::NAN),
        };
        office.west.engine.set_parameters(&parameters(&office.west, state));
        office.go(60, false, background);
        let [.., west_db, _] = office.masking_db();
        assert!((west_db - 42.0).abs() < 0.1, "{masking_db} dB, {age_s} s: {west_db}");
    }
}
