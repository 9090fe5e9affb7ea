//! What is said in all zones, remote ones included, in one and the same second.
//!
//! Who talks is found by comparing levels of one moment. What another engine says of its zones comes a second or so late, so a site
//! with remote zones looks at what was said some seconds ago, in all of its zones. Other sites look at the last second.

use crate::{parameters::RemoteZone, speech::TalkerLevel, units::db_to_power, zone::ZoneSpeech};

/// How long a site with remote zones waits to hear of a second, seconds: its end is told by then, also of a site that publishes once a
/// second and a moment late.
const WAIT_S: usize = 2;

/// What is nearest to a second, and no farther from it than this, stands for it: periods of two engines do not begin together, and
/// one of them may be missing.
const NEAREST_S: f64 = 1.6;

/// Things heard of a remote zone that are remembered.
const REMEMBERED: usize = 4;

/// Speech in one zone and one second, dB(A); `None` without speech.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Said {
    /// In this second.
    pub(super) now_db: Option<f64>,
    /// Averaged over some seconds.
    pub(super) averaged_db: Option<f64>,
}

/// Something that was heard of a remote zone.
#[derive(Clone, Copy, Debug)]
struct Heard {
    end_s: f64,
    speech_db: Option<f64>,
}

#[derive(Clone, Debug)]
struct RemoteVoice {
    /// The newest first.
    heard: [Option<Heard>; REMEMBERED],
    level: TalkerLevel,
}

/// The memory of what was said.
pub(super) struct Voices {
    wait_s: usize,
    /// Per zone: the last second first.
    own: Vec<[Said; WAIT_S + 1]>,
    remote: Vec<RemoteVoice>,
    /// Per zone and remote zone: in the second that is looked at.
    now_db: Vec<Option<f64>>,
    averaged_db: Vec<Option<f64>>,
}

impl Voices {
    /// Nothing said so far.
    pub(super) fn new(zones: usize, remote_zones: usize) -> Self {
        let silent = RemoteVoice {
            heard: [None; REMEMBERED],
            level: TalkerLevel::default(),
        };
        Voices {
            wait_s: if remote_zones > 0 { WAIT_S } else { 0 },
            own: vec![[Said::default(); WAIT_S + 1]; zones],
            remote: vec![silent; remote_zones],
            now_db: vec![None; zones + remote_zones],
            averaged_db: vec![None; zones + remote_zones],
        }
    }

    /// Takes the last second of a zone.
    pub(super) fn take(&mut self, zone: usize, speech: &ZoneSpeech) {
        let seconds = &mut self.own[zone];
        seconds.rotate_right(1);
        seconds[0] = Said {
            now_db: speech.now_db,
            averaged_db: speech.averaged_db,
        };
    }

    /// Takes something that was heard of a remote zone, at this time of the engine.
    pub(super) fn take_remote(&mut self, zone: usize, state: &RemoteZone, now_s: f64) {
        let heard = &mut self.remote[zone].heard;
        heard.rotate_right(1);
        heard[0] = Some(Heard {
            end_s: now_s - state.age_s,
            speech_db: state.speech_db.filter(|level_db| level_db.is_finite()),
        });
    }

    /// Once a second, after all zones: goes on to the next second. The last one ended at `end_s`.
    pub(super) fn go_on(&mut self, end_s: f64) {
        for (zone, seconds) in self.own.iter().enumerate() {
            let said = seconds[self.wait_s];
            (self.now_db[zone], self.averaged_db[zone]) = (said.now_db, said.averaged_db);
        }
        let second_s = end_s - self.wait_s as f64;
        for (index, voice) in self.remote.iter_mut().enumerate() {
            let zone = self.own.len() + index;
            self.now_db[zone] = voice.nearest(second_s);
            voice.level.follow(self.now_db[zone].map(db_to_power));
            self.averaged_db[zone] = voice.level.averaged_db();
        }
    }

    /// Level of the speech in every zone and remote zone in the second that is looked at.
    pub(super) fn now_db(&self) -> &[Option<f64>] {
        &self.now_db
    }

    /// The same averaged over some seconds.
    pub(super) fn averaged_db(&self, zone: usize) -> Option<f64> {
        self.averaged_db[zone]
    }
}

impl RemoteVoice {
    fn nearest(&self, second_s: f64) -> Option<f64> {
        let apart_s = |heard: &Heard| (heard.end_s - second_s).abs();
        let nearest = self
            .heard
            .iter()
            .flatten()
            .min_by(|one, other| apart_s(one).total_cmp(&apart_s(other)))?;
        nearest.speech_db.filter(|_| apart_s(nearest) <= NEAREST_S)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(db: f64) -> ZoneSpeech {
        ZoneSpeech {
            now_db: Some(db),
            averaged_db: Some(db - 1.0),
            background_power: 0.0,
        }
    }

    fn heard(speech_db: Option<f64>, age_s: f64) -> RemoteZone {
        RemoteZone {
            heard: 1,
            age_s,
            masking_db: None,
            speech_db,
        }
    }

    #[test]
    fn a_site_without_remote_zones_looks_at_the_last_second() {
        let mut voices = Voices::new(1, 0);
        voices.take(0, &said(50.0));
        voices.go_on(1.0);
        assert_eq!((voices.now_db(), voices.averaged_db(0)), (&[Some(50.0)][..], Some(49.0)));
    }

    #[test]
    fn beside_a_remote_zone_all_levels_are_of_one_second() {
        let mut voices = Voices::new(1, 1);
        // Both talk louder by a decibel in every second; the other engine tells it 1.3 s late.
        for second in 1..=6u32 {
            let end_s = f64::from(second);
            if second > 1 {
                let db = 60.0 + f64::from(second - 1);
                voices.take_remote(0, &heard(Some(db), 1.3), end_s + 0.1);
            }
            voices.take(0, &said(50.0 + end_s));
            voices.go_on(end_s);
        }
        assert_eq!(voices.now_db(), [Some(54.0), Some(64.0)]);
    }

    #[test]
    fn a_second_that_is_missing_is_bridged_and_a_voice_that_is_not_heard_any_more_ends() {
        let mut voices = Voices::new(1, 1);
        voices.take_remote(0, &heard(Some(60.0), 0.0), 1.0);
        let at = |voices: &mut Voices, end_s: f64| {
            voices.go_on(end_s);
            voices.now_db()[1]
        };
        assert_eq!(at(&mut voices, 3.0), Some(60.0));
        assert_eq!(at(&mut voices, 4.0), Some(60.0));
        assert_eq!(at(&mut voices, 5.0), None);
        voices.take_remote(0, &heard(Some(f64::NAN), 0.0), 5.0);
        assert_eq!(at(&mut voices, 7.0), None);
    }
}
