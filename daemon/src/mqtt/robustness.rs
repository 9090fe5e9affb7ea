//! A hundred thousand payloads through the queues and the commands of a real site: none changes what it must not, and none stays in memory.

#[path = "../../tests/mqtt/mutations.rs"]
mod mutations;
#[path = "../../tests/mqtt/site.rs"]
#[allow(dead_code, reason = "other tests do more with it")]
mod site;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use fastrand::Rng;
use habitat_config::settings::ZoneSettings;
use serde_json::Value;
use tokio::task::JoinSet;

use self::{
    mutations::Known,
    site::{Site, ZONES, plain},
};
use super::{
    answer::Answers, commands, counters::Counters, inbox, inbox::Inbox, leftovers::Leftovers, message::Received, mutes,
    outbox::Outbox, topics::Topics,
};
use crate::control::MuteState;

const PAYLOADS: usize = 100_000;
/// After these the memory has its size.
const WARM_UP: usize = 20_000;
/// What may be left over at the end: pages that the allocator keeps.
const GROWTH_KIB: u64 = 4096;

const TOPICS: [&str; 5] = [
    "zone/north-east/set",
    "zone/south-west/set",
    "group/west/set",
    "set",
    "mute/set",
];
/// Each topic has its turn 20 times a second, which is what one may have for long.
const PACE: Duration = Duration::from_millis(10);

/// What can be changed.
#[derive(Clone, Debug, PartialEq)]
struct State {
    settings: Vec<ZoneSettings>,
    mutes: MuteState,
}

struct Rig {
    site: Site,
    inbox: Inbox,
    outbox: Arc<Outbox>,
    _tasks: JoinSet<()>,
}

impl Rig {
    fn new() -> Self {
        // Nobody listens on that port.
        let site = Site::with(plain(1));
        let counters = Counters::default();
        let outbox = Arc::new(Outbox::new(counters.clone()));
        let topics = Arc::new(Topics::new("habitat", "hq"));
        let answers = Answers::new(topics.clone(), outbox.clone(), counters);
        let leftovers = Leftovers::new(ZONES.map(str::to_owned).into_iter(), topics.clone(), None, outbox.clone());
        let (inbox, to_mute, to_command) = inbox(topics, answers.clone(), leftovers, None);
        let mut tasks = JoinSet::new();
        tasks.spawn(mutes::serve(to_mute, site.control.clone(), answers.clone()));
        tasks.spawn(commands::serve(to_command, site.control.clone(), answers));
        Rig {
            site,
            inbox,
            outbox,
            _tasks: tasks,
        }
    }

    fn state(&self) -> State {
        State {
            settings: (0..ZONES.len()).map(|zone| self.site.settings(zone)).collect(),
            mutes: self.site.control.mutes().borrow().clone(),
        }
    }

    /// Each message has one answer.
    async fn ask(&self, name: &str, payload: Vec<u8>) -> Value {
        self.inbox.deliver(Received {
            topic: format!("habitat/hq/{name}"),
            payload,
            retained: false,
            reply: None,
        });
        let answer = self.outbox.next().await;
        assert_eq!(
            answer.topic,
            format!("habitat/hq/{}", name.replace("/set", "/result").replace("set", "result"))
        );
        serde_json::from_slice(&answer.payload).unwrap()
    }
}

/// What the answers say of each zone.
fn answers(name: &str, answer: &Value) -> BTreeMap<String, Value> {
    match (name.split('/').nth(1), answer.get("zones")) {
        (_, Some(zones)) => serde_json::from_value(zones.clone()).unwrap(),
        (Some(zone), None) => BTreeMap::from([(zone.to_owned(), answer.clone())]),
        (None, None) => BTreeMap::new(),
    }
}

/// Settings as somebody reads them, who may lose the last bit of a number.
fn as_read(settings: &ZoneSettings) -> Value {
    serde_json::from_str(&serde_json::to_string(settings).unwrap()).unwrap()
}

/// What holds is what an answer said, and nothing else has changed.
fn check(name: &str, answer: &Value, before: &State, after: &State) {
    if answer["ok"] == false && answer.get("zones").is_none() {
        return assert_eq!(before, after, "{answer}");
    }
    if name == "mute/set" {
        let mut expected = before.mutes.clone();
        let zone = answer["zone"]
            .as_str()
            .map(|id| ZONES.iter().position(|zone| *zone == id).unwrap());
        *zone.map_or(&mut expected.site, |zone| &mut expected.zones[zone]) = answer["muted"].as_bool().unwrap();
        assert_eq!((&after.settings, &after.mutes), (&before.settings, &expected), "{answer}");
        return;
    }
    let answers = answers(name, answer);
    for (index, zone) in ZONES.iter().enumerate() {
        let now = &after.settings[index];
        match answers.get(*zone).filter(|answer| answer["ok"] == true) {
            Some(answer) => assert_eq!(as_read(now), answer["effective"], "{zone}: {answer}"),
            None => assert_eq!(now, &before.settings[index], "{zone}: {answer}"),
        }
        let levels = [now.level_min_db, now.level_max_db];
        assert!(
            levels.is_sorted() && levels.iter().all(|level_db| (40.0..=46.0).contains(level_db)),
            "{now:?}"
        );
        assert!((-6.0..=6.0).contains(&now.offset_db), "{now:?}");
        let today_db = serde_json::to_value(now.today).unwrap().as_f64();
        assert!(
            today_db.is_none_or(|level_db| (levels[0]..=levels[1]).contains(&level_db)),
            "{now:?}"
        );
    }
    assert_eq!(after.mutes, before.mutes);
}

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_hundred_thousand_payloads_change_only_what_they_may_and_leave_nothing_in_memory() {
    let rig = Rig::new();
    let mut random = Rng::with_seed(1);
    let mut warm_kib = 0;
    let mut accepted = [0; 3];
    for number in 0..PAYLOADS {
        tokio::time::advance(PACE).await;
        let name = TOPICS[number % TOPICS.len()];
        let (known, payload) = match name {
            "mute/set" => mutations::mute(&mut random),
            _ => mutations::command(&mut random),
        };
        let before = rig.state();
        let answer = rig.ask(name, payload.clone()).await;
        let ok = answer["ok"].as_bool().unwrap();
        let shown = || {
            format!(
                "payload {number} to {name}: {}: {answer}",
                String::from_utf8_lossy(&payload[..payload.len().min(300)])
            )
        };
        assert!(
            known == Known::Nothing || ok == (known == Known::Right),
            "{known:?}, {}",
            shown()
        );
        assert!(ok || answer.to_string().len() < 5000, "{}", shown());
        check(name, &answer, &before, &rig.state());
        accepted[known as usize] += usize::from(ok);
        if number == WARM_UP {
            warm_kib = resident_kib();
        }
    }
    let end_kib = resident_kib();
    println!(
        "{PAYLOADS} payloads; carried out: {} right ones, {} of which nothing was known; {warm_kib} KiB resident after {WARM_UP}, \
         {end_kib} KiB at the end",
        accepted[0], accepted[2]
    );
    assert!(accepted[0] > PAYLOADS / 20 && accepted[2] > PAYLOADS / 100, "{accepted:?}");
    assert!(end_kib < warm_kib + GROWTH_KIB, "{warm_kib} KiB, then {end_kib} KiB");
}
