//! The thread against a model in memory, through disks that are full, ends without warning, damaged files, clocks that are set back and
//! forth, and bounds: what waits, went, was given up or was lost is always known to the last event, and whatever is counted is counted
//! right. `tests/outbox/model.rs` does the same from outside, where the disk always has room.

use std::{collections::VecDeque, fs, sync::Arc};

use habitat_events::{
    Adaptation, Cause, CloudEvent, Controller, ControllerState, Data, Device, DeviceKind, DeviceState, Direction, DroppedEvents,
    Event, Evidence, FaultReason, Layout, Measurement, MinuteAggregator, Mute, OwnSoundRemoval, Preferences, Settings, Today,
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{
    Backlog, Lane, OutboxBounds, Pending, StoreError,
    bounds::Bounds,
    database,
    request::{Reply, Request},
    writer::{Shared, Writer},
};
use crate::health::{Condition, Health, Part};

/// Events that may be in memory here.
const UNSAVED: usize = 250;
/// What happens to minutes that are years old while the clock is not believed: nothing.
const AGE: SignedDuration = SignedDuration::from_hours(1);

#[derive(Clone, Debug)]
enum Action {
    /// New events of these kinds, a minute apart.
    Append(Vec<usize>),
    /// The tenant took this share of what waits.
    Send(f64),
    /// The tenant refused so many.
    Refuse(usize),
    /// The disk has no more room, or again.
    Disk { full: bool },
    /// Somebody set the clock by so many minutes.
    SetClock(i64),
    /// From now on no more than so much may wait.
    Bound { kibibytes: i64 },
    /// The machine stopped.
    Crash,
    /// It stopped, and the file is no database any more.
    Damage,
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        6 => prop::collection::vec(prop_oneof![3 => Just(0usize), 2 => 1usize..7], 0..120).prop_map(Action::Append),
        3 => (0.0..=1.0).prop_map(Action::Send),
        1 => (0usize..10).prop_map(Action::Refuse),
        3 => any::<bool>().prop_map(|full| Action::Disk { full }),
        2 => (-1_000_000i64..1_000_000).prop_map(Action::SetClock),
        2 => (80i64..1000).prop_map(|kibibytes| Action::Bound { kibibytes }),
        2 => Just(Action::Crash),
        1 => Just(Action::Damage),
    ]
}

/// An event as the model knows it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Known {
    number: u128,
    kind: usize,
    minute: i64,
}

impl Known {
    /// How early it gives way.
    fn class(&self) -> u8 {
        match self.kind {
            0 if self.minute % 10 != 0 => 0,
            0 if self.minute % 60 != 0 => 1,
            0 => 2,
            2 | 5 | 6 => 3,
            _ => 4,
        }
    }
}

/// What should be where.
#[derive(Debug, Default)]
struct Model {
    next: u128,
    minute: i64,
    memory: VecDeque<Known>,
    waiting: Vec<Known>,
    sent: u64,
    set_aside: u64,
    /// Since the database began.
    given_up: [u64; 7],
    /// Since the process began.
    dropped: u64,
}

/// The real thread beside it.
struct Subject {
    folder: tempfile::TempDir,
    health: Health,
    writer: Writer,
    model: Model,
    is_full: bool,
    outbox: OutboxBounds,
}

impl Subject {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (health, writer) = open(&folder);
        Subject {
            folder,
            health,
            writer,
            model: Model::default(),
            is_full: false,
            outbox: OutboxBounds::default(),
        }
    }

    fn ask<T>(&mut self, request: impl FnOnce(Reply<T>) -> Request) -> Result<T, StoreError> {
        let (reply, mut answer) = oneshot::channel();
        self.writer.handle(request(reply));
        answer.try_recv().unwrap()
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Append(kinds) => self.append(&kinds),
            Action::Send(share) => {
                let count = (self.model.waiting.len() as f64 * share).round() as usize;
                let seqs = self.pending().iter().take(count).map(|pending| pending.seq).collect();
                if self.ask(|reply| Request::MarkSent { seqs, reply }).is_ok() {
                    self.model.sent += self.model.waiting.drain(..count).len() as u64;
                }
            }
            Action::Refuse(count) => {
                let refused: Vec<_> = self
                    .pending()
                    .iter()
                    .take(count)
                    .map(|pending| (pending.seq, "no".into()))
                    .collect();
                let count = refused.len();
                if self.ask(|reply| Request::SetAside { refused, reply }).is_ok() {
                    self.model.set_aside += self.model.waiting.drain(..count).len() as u64;
                }
            }
            Action::Disk { full } => {
                self.writer.database_mut().pretend_disk_full(full);
                self.is_full = full;
            }
            Action::SetClock(minutes) => self.model.minute += minutes,
            Action::Bound { kibibytes } => {
                self.outbox = OutboxBounds {
                    bytes: kibibytes << 10,
                    age: Some(AGE),
                };
                self.writer.handle(Request::BoundOutbox(self.outbox));
            }
            Action::Crash => {
                self.restart(true);
                self.model.memory.clear();
            }
            Action::Damage => {
                self.restart(false);
                self.model = Model {
                    next: self.model.next,
                    minute: self.model.minute,
                    ..Model::default()
                };
                let told = self.health.snapshot().remove(&Part::Store);
                assert!(matches!(told, Some(Condition::Degraded(problem)) if problem.contains("damaged")));
            }
        }
        self.check();
    }

    fn append(&mut self, kinds: &[usize]) {
        let mut events = Vec::new();
        for kind in kinds {
            let known = Known {
                number: self.model.next,
                kind: *kind,
                minute: self.model.minute,
            };
            self.model.next += 1;
            self.model.minute += 1;
            events.push(event(known));
            if self.model.memory.len() == UNSAVED {
                self.model.memory.pop_front();
                self.model.dropped += 1;
            }
            self.model.memory.push_back(known);
        }
        self.writer.handle(Request::Append(events));
    }

    /// Goes on with a copy of the files as they are now, or with something else in their place.
    fn restart(&mut self, sound: bool) {
        let folder = tempfile::tempdir().unwrap();
        for name in ["habitat.db", "habitat.db-wal"] {
            let from = database::path_in(self.folder.path()).with_file_name(name);
            if sound && from.exists() {
                fs::copy(from, folder.path().join(name)).unwrap();
            }
        }
        if !sound {
            fs::write(database::path_in(folder.path()), "no database".repeat(1000)).unwrap();
        }
        (self.health, self.writer) = open(&folder);
        self.writer.handle(Request::BoundOutbox(self.outbox));
        self.folder = folder;
        self.is_full = false;
        self.model.dropped = 0;
    }

    fn pending(&mut self) -> Vec<Pending> {
        let pending = self.ask(|reply| Request::Pending {
            lane: Lane::Whole,
            max_events: usize::MAX,
            reply,
        });
        pending.unwrap()
    }

    /// What the disk has, against what it should have.
    fn check(&mut self) {
        let _ = self.ask(|reply| Request::Flush { reply });
        let there: Vec<u128> = self.pending().iter().map(|pending| number_of(&pending.json)).collect();
        let backlog: Backlog = self.ask(|reply| Request::Backlog { reply }).unwrap();
        let in_memory = usize::try_from(backlog.pending).unwrap() - there.len();
        assert!(
            self.is_full || in_memory == 0,
            "the disk has room, and {in_memory} are in memory"
        );
        // What is saved is saved in order, so what is left in memory is the newest.
        let saved = self.model.memory.len() - in_memory;
        let candidates: Vec<Known> = self.model.waiting.drain(..).chain(self.model.memory.drain(..saved)).collect();
        let (waiting, gone): (Vec<Known>, Vec<Known>) = candidates.iter().partition(|known| there.contains(&known.number));
        let numbers: Vec<u128> = waiting.iter().map(|known| known.number).collect();
        assert_eq!(
            there, numbers,
            "all that wait, and nothing else, in the order in which they came"
        );
        assert_policy(&gone, &waiting);
        gone.iter().for_each(|known| self.model.given_up[known.kind] += 1);
        self.model.waiting = waiting;
        let [measurement, adaptation, preferences, device, mute, controller, layout] = self.model.given_up;
        let expected = Backlog {
            pending: (self.model.waiting.len() + in_memory) as u64,
            sent: self.model.sent,
            set_aside: self.model.set_aside,
            dropped: self.model.dropped,
            given_up: DroppedEvents {
                measurement,
                adaptation,
                preferences,
                device,
                mute,
                controller,
                layout,
            },
        };
        assert_eq!(backlog, expected);
    }
}

/// What counts most stays longest, and of what counts the same the newest.
fn assert_policy(gone: &[Known], waiting: &[Known]) {
    let Some(last) = gone.iter().map(Known::class).max() else {
        return;
    };
    for known in waiting {
        assert!(known.class() >= last, "{known:?} stayed, and what counts more went");
        let older = gone.iter().all(|gone| gone.class() < last || gone.number < known.number);
        assert!(known.class() > last || older, "{known:?} stayed, and newer ones went");
    }
}

fn open(folder: &tempfile::TempDir) -> (Health, Writer) {
    let health = Health::default();
    let bounds = Bounds {
        unsaved_events: UNSAVED,
        ..Bounds::default()
    };
    let (writer, _) = Writer::open(folder.path(), health.clone(), Arc::new(Shared::default()), bounds).unwrap();
    (health, writer)
}

fn number_of(json: &str) -> u128 {
    let event: Event = serde_json::from_str(json).unwrap();
    event.id.as_u128()
}

/// An event of each kind, in the order of [`Data::TYPES`].
fn event(known: Known) -> CloudEvent {
    let (id, source) = (Uuid::from_u128(known.number), "/s");
    let time = Timestamp::UNIX_EPOCH + SignedDuration::from_mins(known.minute);
    let zone = || "zone".to_owned();
    let data = match known.kind {
        0 => {
            let mut aggregator = MinuteAggregator::default();
            let minute = (0..60).find_map(|_| aggregator.push(second())).unwrap();
            return CloudEvent::measurement(id, source, time, minute);
        }
        1 => Data::Adaptation(Adaptation {
            zone: zone(),
            direction: Direction::Increase,
            from_db: 43.0,
            to_db: 43.1,
            duration_s: 60.0,
            cause: Cause::Speech,
            evidence: Evidence::default(),
        }),
        2 => Data::Preferences(Preferences {
            zone: zone(),
            channel: "http".into(),
            from: settings(),
            to: settings(),
            for_minutes: None,
            by: None,
        }),
        3 => Data::Device(Device {
            device: "m1".into(),
            kind: DeviceKind::Microphone,
            state: DeviceState::Fault,
            reason: FaultReason::Dead,
        }),
        4 => Data::Mute(Mute {
            zone: None,
            muted: true,
            channel: "mqtt".into(),
            by: None,
        }),
        5 => Data::Controller(Controller {
            state: ControllerState::Started,
            version: "1".into(),
            dropped: None,
        }),
        _ => Data::Layout(Layout {
            floor: "1".into(),
            floors: vec!["1".into()],
            outline_m: vec![[0.0, 0.0], [6.0, 0.0], [6.0, 6.0]],
            height_m: 2.8,
            zones: Vec::new(),
            screens: Vec::new(),
        }),
    };
    let event = Event {
        id,
        source: source.into(),
        subject: "s".into(),
        time,
        data,
    };
    CloudEvent::other(&event).unwrap()
}

fn settings() -> Settings {
    Settings {
        enabled: true,
        offset_db: 0.0,
        level_min_db: 40.0,
        level_max_db: 46.0,
        soundscape: "noise".into(),
        today: Today::Schedule,
    }
}

fn second() -> Measurement {
    Measurement {
        zone: "zone".into(),
        period_s: 1.0,
        laeq_db: Some(47.1),
        lafmax_db: Some(48.2),
        ambient_laeq_db: None,
        ambient_resolved: false,
        ambient_uncertainty_db: None,
        own_sound_removal: OwnSoundRemoval::Power,
        speech_laeq_db: None,
        speech_ratio: 0.0,
        talker: false,
        la10_db: None,
        la50_db: None,
        la90_db: None,
        sti: None,
        masking_db: 43.0,
        distraction_db_min: 0.0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn through_faults_crashes_and_bounds_the_thread_agrees_with_its_model(actions in prop::collection::vec(action(), 1..40)) {
        let mut subject = Subject::new();
        actions.into_iter().for_each(|action| subject.act(action));
    }
}
