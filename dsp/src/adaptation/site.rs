//! The law of all zones together: who talks, what each zone would have, and what its neighbours allow.

use super::{
    border::Fitting,
    fluctuation::FluctuationSignature,
    grid::LevelSum,
    law::{Goal, HeardSpeech, Law, Situation},
    neighbours::limit_steps_between_neighbours,
    reach::Reach,
};
use crate::{
    Cause, STI_CURVE_POINTS,
    setup::{EngineSetup, HearingSetup},
};

/// A talker pauses for breath: so many seconds pass before the zone counts as one without a talker of its own.
const TALKER_PAUSE_S: u32 = 5;

/// A goal counts as reached when the level is this close, dB.
pub const REACHED_DB: f64 = 0.01;

/// What was heard in a zone in the last second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ZoneHeard {
    /// Its microphones work.
    pub hears: bool,
    /// Level of the speech at its microphones, dB(A), our own sound and the background removed; `None` without speech.
    pub speech_db: Option<f64>,
    /// A talker is here.
    pub talker: bool,
    /// LA10 − LA90 over the last minute, dB, where it is known.
    pub fluctuation_db: Option<f64>,
    /// Steady ambient power where it is known, else 0.
    pub background_power: f64,
    /// Masking at the listeners now, dB(A).
    pub masking_db: f64,
}

/// What a zone may do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ZoneBounds {
    /// It adapts; else it is to stay at a level for a reason.
    pub adapts: Result<(), Goal>,
    /// Level while there is nothing to mask; the lowest level where it is lower than that.
    pub base_db: f64,
    /// Lowest level.
    pub level_min_db: f64,
    /// Highest level.
    pub level_max_db: f64,
    /// Added to the level that speech or quiet asks for.
    pub offset_db: f64,
    /// Levels that fit what borders on it beyond the site.
    pub fitting: Fitting,
}

/// How the talkers of another zone are heard.
struct Path {
    from_zone: usize,
    to_listeners_db: f64,
    sti_curve: [f32; STI_CURVE_POINTS],
    reach: Reach,
}

/// The law of a site.
pub struct SiteLaw {
    laws: Vec<Law>,
    has_workplaces: Vec<bool>,
    sum: LevelSum,
    /// Per zone: whose talkers are heard here.
    hearing: Vec<Vec<Path>>,
    /// Per zone and remote zone: a normal voice at its microphones.
    normal_voice_db: Vec<f64>,
    /// What the masking alone fluctuates.
    signature: FluctuationSignature,
    /// Per zone: seconds since somebody talked there.
    silent_s: Vec<u32>,
    neighbours: Vec<Vec<usize>>,
    neighbour_max_db: f64,
    goals: Vec<Goal>,
    goals_db: Vec<f64>,
    highest_db: Vec<f64>,
}

impl SiteLaw {
    /// Nothing heard yet. The signature is that of the masking that is played.
    pub fn new(setup: &EngineSetup, neighbour_max_db: f64, signature: FluctuationSignature) -> Self {
        let count = setup.zones.len();
        let path = |path: &HearingSetup, sti_target| Path {
            from_zone: path.from_zone,
            to_listeners_db: path.to_listeners_db,
            sti_curve: path.sti_curve,
            reach: Reach::new(path, sti_target),
        };
        let nowhere = Goal {
            level_db: 0.0,
            cause: Cause::Startup,
            evidence: None,
        };
        SiteLaw {
            laws: setup
                .zones
                .iter()
                .map(|zone| Law::new(setup.price_per_db, setup.slew_up_db_per_min, zone.place))
                .collect(),
            has_workplaces: setup.zones.iter().map(|zone| zone.has_workplaces).collect(),
            hearing: setup
                .zones
                .iter()
                .map(|zone| zone.hearing.iter().map(|heard| path(heard, zone.sti_target)).collect())
                .collect(),
            sum: LevelSum::tabulated(),
            normal_voice_db: setup
                .zones
                .iter()
                .map(|zone| zone.normal_voice_db)
                .chain(setup.remote_zones.iter().map(|zone| zone.normal_voice_db))
                .collect(),
            signature,
            silent_s: vec![TALKER_PAUSE_S; count],
            neighbours: setup.zones.iter().map(|zone| zone.neighbours.clone()).collect(),
            neighbour_max_db,
            goals: vec![nowhere; count],
            goals_db: vec![0.0; count],
            highest_db: vec![0.0; count],
        }
    }

    /// The law of a zone.
    pub fn zone(&self, zone: usize) -> &Law {
        &self.laws[zone]
    }

    /// Forgets what is known of a place.
    pub fn forget_place(&mut self, zone: usize) {
        self.laws[zone].forget_place();
    }

    /// Takes one second of all zones, remote ones last: the goals of the site's own, limits between neighbours kept.
    ///
    /// Where limits conflict the minimum of a zone gives way to its maximum, and to the maximum of its neighbours through the
    /// neighbour limit. The cause of a goal names the limit that turned it.
    pub fn decide(&mut self, heard: &[ZoneHeard], bounds: &[ZoneBounds]) -> &[Goal] {
        let office_talks = heard.iter().any(|zone| zone.talker);
        for index in 0..self.laws.len() {
            let (here, bounds) = (&heard[index], &bounds[index]);
            self.silent_s[index] = if here.talker {
                0
            } else {
                self.silent_s[index].saturating_add(1)
            };
            let own_talker = self.silent_s[index] < TALKER_PAUSE_S;
            let situation = Situation {
                masking_db: here.masking_db,
                ambient_power: here.background_power,
                has_workplaces: self.has_workplaces[index],
                own_talker,
                office_talks,
                base_db: bounds.base_db.max(bounds.level_min_db).min(bounds.level_max_db),
                level_max_db: bounds.level_max_db,
                offset_db: bounds.offset_db,
            };
            let mut goal = self.ask(index, &situation, heard);
            if let Err(instead) = bounds.adapts {
                goal = instead;
            }
            let lowest_db = bounds.level_min_db.min(bounds.level_max_db);
            let within_db = goal.level_db.min(bounds.level_max_db).max(lowest_db);
            if is_turned(goal.level_db, within_db, here.masking_db) {
                goal.cause = Cause::Limit;
            }
            goal.level_db = within_db;
            let highest_db = if bounds.adapts.is_ok() {
                situation.highest_for_others_db()
            } else {
                here.masking_db
            };
            self.highest_db[index] = highest_db.min(bounds.fitting.most_db);
            self.goals_db[index] = fitted_db(goal.level_db, highest_db, bounds);
            self.goals[index] = goal;
        }
        limit_steps_between_neighbours(&mut self.goals_db, &self.highest_db, &self.neighbours, self.neighbour_max_db);
        for ((goal, limited_db), here) in self.goals.iter_mut().zip(&self.goals_db).zip(heard) {
            if is_turned(goal.level_db, *limited_db, here.masking_db) {
                goal.cause = Cause::Neighbour;
            }
            goal.level_db = *limited_db;
        }
        &self.goals
    }

    fn ask(&mut self, index: usize, situation: &Situation, heard: &[ZoneHeard]) -> Goal {
        let talkers = self.hearing[index]
            .iter()
            .filter(|path| heard[path.from_zone].talker)
            .filter(|path| self.signature.allows_speech(heard[path.from_zone].fluctuation_db))
            .filter_map(|path| {
                Some(HeardSpeech {
                    from_zone: path.from_zone,
                    level_db: heard[path.from_zone].speech_db?,
                    normal_voice_db: self.normal_voice_db[path.from_zone],
                    reach: &path.reach,
                    to_listeners_db: path.to_listeners_db,
                    sti_curve: &path.sti_curve,
                })
            });
        self.laws[index].decide(&self.sum, situation, talkers)
    }
}

/// What a goal becomes beside remote zones; a zone that may not rise for others' sake is not lifted.
fn fitted_db(goal_db: f64, highest_db: f64, bounds: &ZoneBounds) -> f64 {
    let Fitting {
        follow_to_db,
        least_db,
        most_db,
    } = bounds.fitting;
    let lifted_db = goal_db.max(follow_to_db.min(highest_db));
    lifted_db.max(least_db.min(bounds.level_max_db)).min(most_db)
}

/// Whether a limit turned the way that a level goes: then the limit is the cause.
fn is_turned(asked_db: f64, allowed_db: f64, now_db: f64) -> bool {
    (asked_db - allowed_db).abs() > REACHED_DB && (asked_db - now_db) * (allowed_db - now_db) <= 0.0
}
