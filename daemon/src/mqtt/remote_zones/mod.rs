//! Zones of other controllers: their published states are heard here, as those of ours are there.
//!
//! Nothing else is exchanged, so nothing leaves that the contract of the zone's state does not name. A state counts by its time
//! stamp: the broker keeps the last one of a controller that is long gone. What is not heard of any more the engine forgets by itself,
//! also while this task or the broker hangs.

mod said;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep};

use self::said::Said;
use super::{
    message::Received,
    topics::{Topic, Topics},
};
use crate::{
    control::{Control, RemoteHeard},
    health::{Health, Part},
};

/// What is older is not of now, and what comes from so far in the future neither, seconds.
const OF_NOW_S: f64 = 10.0;

/// How long nothing has to be heard until somebody is told.
const MISSED: Duration = Duration::from_secs(15);

/// How often it is looked who is heard.
const LOOK: Duration = Duration::from_secs(1);

/// The remote zones of a site. Cheap to clone.
#[derive(Clone)]
pub(super) struct RemoteZones(Arc<Inner>);

struct Inner {
    control: Control,
    health: Health,
    /// Topic of the state of each zone.
    states: BTreeMap<String, usize>,
    /// Topic of the status of each site, and its zones.
    statuses: BTreeMap<String, Vec<usize>>,
    known: Mutex<Vec<Known>>,
}

/// What is known of one of them.
#[derive(Clone, Debug)]
struct Known {
    /// When something was heard of it that counts, at first when we began to listen; `None` once its controller is gone.
    heard: Option<Instant>,
    /// Why what came since does not count.
    problem: Option<String>,
}

impl core::fmt::Debug for RemoteZones {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("RemoteZones").field(&self.0.states).finish()
    }
}

impl RemoteZones {
    /// Those of the site, below the prefix that all controllers of a broker share.
    pub fn new(prefix: &str, control: Control, health: Health) -> Self {
        let zones = &control.site().plan.remote_zones;
        let of = |zone: &habitat_layout::RemoteZone| Topics::new(prefix, &zone.site);
        let states = zones.iter().enumerate();
        let states = states
            .map(|(index, zone)| (of(zone).of(Topic::ZoneState, &zone.zone), index))
            .collect();
        let mut statuses = BTreeMap::<String, Vec<usize>>::new();
        for (index, zone) in zones.iter().enumerate() {
            statuses.entry(of(zone).at(Topic::Status)).or_default().push(index);
        }
        let nothing = Known {
            heard: Some(Instant::now()),
            problem: None,
        };
        let known = Mutex::new(vec![nothing; zones.len()]);
        RemoteZones(Arc::new(Inner {
            control,
            health,
            states,
            statuses,
            known,
        }))
    }

    /// What to subscribe to.
    pub fn topics(&self) -> impl Iterator<Item = String> {
        self.0.states.keys().chain(self.0.statuses.keys()).cloned()
    }

    /// Takes a message if it is about a remote zone; tells whether it is.
    pub fn take(&self, message: &Received) -> bool {
        if let Some(zone) = self.0.states.get(&message.topic) {
            self.state(*zone, message);
        } else if let Some(zones) = self.0.statuses.get(&message.topic) {
            // The last will of a controller that is gone; whatever else it says, its states tell more.
            if message.payload == b"offline" {
                zones.iter().for_each(|zone| self.gone(*zone));
            }
        } else {
            return false;
        }
        true
    }

    fn gone(&self, zone: usize) {
        self.0.control.hear_of(zone, RemoteHeard::default());
        self.note(zone, |known| {
            known.heard = None;
            known.problem = Some("its controller is offline".to_owned());
        });
    }

    fn state(&self, zone: usize, message: &Received) {
        let said = Said::from_json(&message.payload).and_then(|said| {
            let ago = self.0.control.now().duration_since(said.time);
            of_now(ago.as_secs_f64()).map(|age_s| said.heard(age_s))
        });
        match said {
            Ok(heard) => {
                self.0.control.hear_of(zone, heard);
                self.note(zone, |known| {
                    known.heard = Some(Instant::now());
                    known.problem = None;
                });
            }
            // A state that the broker has kept is as old as it is.
            Err(_) if message.retained => {}
            Err(problem) => self.note(zone, |known| known.problem = Some(problem)),
        }
    }

    fn note(&self, zone: usize, change: impl FnOnce(&mut Known)) {
        let mut known = self.0.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get_mut(zone) {
            change(known);
        }
    }

    /// Tells for ever who is not heard.
    pub async fn watch(self) {
        if self.0.states.is_empty() {
            return;
        }
        loop {
            sleep(LOOK).await;
            match self.missed() {
                missed if missed.is_empty() => self.0.health.ok(Part::RemoteZones),
                missed => self.0.health.degraded(
                    Part::RemoteZones,
                    format!(
                        "{}; zones beside it stay near their fixed levels meanwhile",
                        missed.join("; ")
                    ),
                ),
            }
        }
    }

    fn missed(&self) -> Vec<String> {
        let known = self.0.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let zones = self.0.control.site().plan.remote_zones.iter().zip(known);
        let missed = zones.filter(|(_, known)| known.heard.is_none_or(|heard| heard.elapsed() >= MISSED));
        missed
            .map(|(zone, known)| {
                let problem = known.problem.map_or(String::new(), |problem| format!(": {problem}"));
                format!("{} is not heard{problem}", zone.id())
            })
            .collect()
    }
}

/// The age of something that was said so long ago.
fn of_now(ago_s: f64) -> Result<f64, String> {
    if ago_s.abs() <= OF_NOW_S {
        return Ok(ago_s.max(0.0));
    }
    let (by_s, which) = (ago_s.abs().round(), if ago_s > 0.0 { "behind" } else { "ahead of" });
    Err(format!(
        "its clock is {by_s} s {which} ours, or what it says is on its way for that long; let both follow one time server"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_said_just_now_counts_and_clocks_may_differ_a_little() {
        assert_eq!(of_now(0.4), Ok(0.4));
        assert_eq!(of_now(-0.4), Ok(0.0));
        assert!(of_now(11.0).unwrap_err().contains("11 s behind"));
        assert!(of_now(-3600.0).unwrap_err().contains("3600 s ahead of"));
    }
}
