//! What goes in and out of the store besides events.

use std::collections::BTreeMap;

use habitat_events::DroppedEvents;
use jiff::Timestamp;

/// The settings of one zone that somebody changed while the daemon ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsRecord {
    /// Zone id of the layout.
    pub zone: String,
    /// The settings, in the form that their owner writes and reads.
    pub settings_json: String,
    /// When they end; `None`: when somebody changes them again.
    pub expires: Option<Timestamp>,
}

/// What is known of the place of one zone.
#[derive(Clone, Debug, PartialEq)]
pub struct PlaceRecord {
    /// Zone id of the layout.
    pub zone: String,
    /// Time of office life from which it comes.
    pub known_s: f64,
    /// The shares of listeners, in the form that their owner writes and reads.
    pub shares_json: String,
    /// When this was known.
    pub updated: Timestamp,
}

/// The level that a zone needs in a quarter hour of the week.
#[derive(Clone, Debug, PartialEq)]
pub struct LearnedRecord {
    /// Zone id of the layout.
    pub zone: String,
    /// Quarter hours since Monday, 00:00.
    pub slot: usize,
    /// The week in which it was learnt.
    pub week: i64,
    /// Masking level, dB(A).
    pub level_db: f64,
}

/// What outlives a restart, as found when the store was opened.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Saved {
    /// One record per zone that has one, expired or not.
    pub settings: Vec<SettingsRecord>,
    /// What is muted: zones, and `None` for the whole site.
    pub mutes: Vec<Option<String>>,
    /// One record per zone of which something is known, in the layout or not.
    pub places: Vec<PlaceRecord>,
    /// When the site first started; `None` before that was kept.
    pub first_start: Option<Timestamp>,
    /// Digest of the layout that was last told; `None` when it has to be told.
    pub layout_told: Option<u64>,
    /// Week and level by zone and slot.
    pub(crate) learned: BTreeMap<(String, usize), (i64, f64)>,
}

impl Saved {
    /// What the weeks have taught.
    pub fn learned(&self) -> impl Iterator<Item = LearnedRecord> {
        self.learned.iter().map(|((zone, slot), (week, level_db))| LearnedRecord {
            zone: zone.clone(),
            slot: *slot,
            week: *week,
            level_db: *level_db,
        })
    }

    pub(super) fn put_learned(&mut self, record: LearnedRecord) {
        let LearnedRecord {
            zone,
            slot,
            week,
            level_db,
        } = record;
        self.learned.insert((zone, slot), (week, level_db));
    }

    pub(super) fn erase_learned(&mut self) {
        self.learned.clear();
    }

    pub(super) fn put_settings(&mut self, record: SettingsRecord) {
        self.remove_settings(&record.zone);
        self.settings.push(record);
    }

    pub(super) fn remove_settings(&mut self, zone: &str) {
        self.settings.retain(|kept| kept.zone != zone);
    }

    pub(super) fn put_mute(&mut self, zone: Option<String>, muted: bool) {
        self.mutes.retain(|kept| *kept != zone);
        if muted {
            self.mutes.push(zone);
        }
    }

    pub(super) fn put_place(&mut self, record: PlaceRecord) {
        self.remove_place(&record.zone);
        self.places.push(record);
    }

    pub(super) fn remove_place(&mut self, zone: &str) {
        self.places.retain(|kept| kept.zone != zone);
    }

    pub(super) fn place(&self, zone: &str) -> Option<&PlaceRecord> {
        self.places.iter().find(|kept| kept.zone == zone)
    }
}

/// An event that the tenant has not confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Its place in the order of arrival.
    pub seq: i64,
    /// The CloudEvents document.
    pub json: String,
}

/// A part of what waits for the tenant, by place in the order of arrival. Each part is in that order itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// All of it.
    Whole,
    /// What came up to this place, and that itself.
    UpTo(i64),
    /// What came after this place.
    After(i64),
}

impl Lane {
    /// First and last place.
    pub(super) fn bounds(self) -> (i64, i64) {
        match self {
            Lane::Whole => (0, i64::MAX),
            Lane::UpTo(last) => (0, last),
            Lane::After(place) => (place.saturating_add(1), i64::MAX),
        }
    }
}

/// How much is where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Events that wait for the tenant, those in memory included.
    pub pending: u64,
    /// Events that the tenant has and that are still kept here.
    pub sent: u64,
    /// Events that the tenant refused for good.
    pub set_aside: u64,
    /// Events lost since the start because neither disk nor memory had room.
    pub dropped: u64,
    /// Events given up over all restarts because too many waited for the tenant.
    pub given_up: DroppedEvents,
}

/// The outbox as it is on the disk.
#[derive(Clone, Debug, PartialEq)]
pub struct Outbox {
    /// What waits for the tenant, by type.
    pub waiting: Vec<Waiting>,
    /// What the tenant refused for good, in the order in which it happened.
    pub refused: Vec<RefusedEvent>,
    /// What was given up over all restarts because too much waited.
    pub given_up: DroppedEvents,
    /// Size of the database file.
    pub bytes: u64,
}

/// Events of one type that wait for the tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// CloudEvents `type`.
    pub event_type: &'static str,
    /// How many.
    pub events: u64,
    /// Time of the first.
    pub oldest: Timestamp,
    /// Time of the last.
    pub newest: Timestamp,
}

/// An event that the tenant refused for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedEvent {
    /// Its time.
    pub time: Timestamp,
    /// CloudEvents `type`.
    pub event_type: &'static str,
    /// CloudEvents `subject`.
    pub subject: String,
    /// What the tenant said.
    pub reason: String,
    /// The CloudEvents document.
    pub json: String,
}

/// Which events of the local history to read.
#[derive(Clone, Debug)]
pub struct HistoryQuery {
    /// Only events with this subject: a zone or a device.
    pub zone: Option<String>,
    /// Only events whose time is this or later.
    pub since: Option<Timestamp>,
    /// `Some`: the first events after that one, to page or to follow. `None`: the latest events.
    pub after_seq: Option<i64>,
    /// Most events to return.
    pub limit: usize,
}

/// An event of the local history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEvent {
    /// Its place in the order of arrival; the `after_seq` of the next query.
    pub seq: i64,
    /// The CloudEvents document.
    pub json: String,
}
