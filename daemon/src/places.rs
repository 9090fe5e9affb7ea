//! What each zone knows of its place: taken from the engine, kept over restarts, shown, and forgotten when somebody asks.

use std::sync::{Mutex, MutexGuard, PoisonError};

use habitat_config::site::{Backend, Site};
use habitat_dsp::{
    ZoneParameters,
    adaptation::{PLACE_LEVELS, PlaceMemory},
};
use jiff::Timestamp;

use crate::store::{PlaceRecord, Saved, Store, StoreError, WhenFull};

/// What is known of one place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct KnownPlace {
    /// The shares of listeners, and the time from which they come.
    pub memory: PlaceMemory,
    /// When it was like this; `None`: nothing has been reported since it began anew.
    pub updated: Option<Timestamp>,
}

/// The places of all zones.
pub(crate) struct Places {
    /// Whether places are remembered at all.
    remembered: bool,
    zones: Mutex<Vec<Zone>>,
    store: Option<Store>,
    when_full: WhenFull,
}

struct Zone {
    id: String,
    known: KnownPlace,
    forgotten: u32,
}

/// What the engine begins with, zone by zone: `None` where nothing is to be learnt. Zones are found again by their ids, whatever
/// else has changed in the layout.
pub fn restored(site: &Site, saved: &Saved) -> Vec<Option<PlaceMemory>> {
    let memory = |zone| site.adaptation.place_memory.then(|| known_of(zone, saved).memory);
    site.plan.zones.iter().map(|zone| memory(zone.id.as_str())).collect()
}

/// Leaves out what cannot be what a place has taught, and says so. Where places are not to be remembered all of it goes anyway.
pub fn drop_unreadable(site: &Site, saved: &mut Saved) {
    if site.adaptation.place_memory {
        drop_unreadable_places(saved);
    }
}

fn drop_unreadable_places(saved: &mut Saved) {
    saved.places.retain(|record| {
        let readable = memory_of(record).is_some();
        if !readable {
            tracing::warn!(
                zone = record.zone,
                "what was stored of this zone's place is no list of shares of listeners; the zone learns anew"
            );
        }
        readable
    });
}

fn known_of(zone: &str, saved: &Saved) -> KnownPlace {
    let record = saved.places.iter().find(|record| record.zone == zone);
    let known = record.and_then(|record| Some((memory_of(record)?, record.updated)));
    known.map_or_else(KnownPlace::default, |(memory, updated)| KnownPlace {
        memory,
        updated: Some(updated),
    })
}

fn memory_of(record: &PlaceRecord) -> Option<PlaceMemory> {
    let shares: [f32; PLACE_LEVELS] = serde_json::from_str(&record.shares_json).ok()?;
    let known_s = record.known_s as f32;
    let right = known_s.is_finite() && known_s >= 0.0 && shares.iter().all(|share| (0.0..=1.0).contains(share));
    right.then_some(PlaceMemory { known_s, shares })
}

impl Places {
    /// Begins with what was stored. Where places are not to be remembered, what was stored of them is erased.
    pub fn new(site: &Site, saved: &Saved, store: Option<Store>) -> Self {
        let remembered = site.adaptation.place_memory;
        if let Some(store) = store.as_ref().filter(|_| !remembered && !saved.places.is_empty()) {
            store.erase_places(saved.places.iter().map(|record| record.zone.clone()).collect());
        }
        let zone = |id: &str| Zone {
            id: id.to_owned(),
            known: if remembered {
                known_of(id, saved)
            } else {
                KnownPlace::default()
            },
            forgotten: 0,
        };
        Places {
            remembered,
            zones: Mutex::new(site.plan.zones.iter().map(|z| zone(&z.id)).collect()),
            store,
            when_full: match site.audio.backend {
                Backend::Pipe { .. } => WhenFull::Wait,
                Backend::Virtual { .. } | Backend::Cpal => WhenFull::Drop,
            },
        }
    }

    /// Whether places are remembered at all.
    pub fn remembered(&self) -> bool {
        self.remembered
    }

    /// What is known of a zone's place.
    pub fn known(&self, zone: usize) -> Option<KnownPlace> {
        self.lock().get(zone).map(|zone| zone.known)
    }

    /// Takes over and stores what a zone has learnt, unless it is of a time before it was asked to forget.
    pub fn learnt(&self, zone: usize, memory: PlaceMemory, places_forgotten: u32, now: Timestamp) {
        let mut zones = self.lock();
        let Some(zone) = zones.get_mut(zone).filter(|zone| zone.forgotten == places_forgotten) else {
            return;
        };
        zone.known = KnownPlace {
            memory,
            updated: Some(now),
        };
        let Ok(shares_json) = serde_json::to_string(&memory.shares) else {
            return;
        };
        let record = PlaceRecord {
            zone: zone.id.clone(),
            known_s: f64::from(memory.known_s),
            shares_json,
            updated: now,
        };
        // Under the lock, so that an erasure comes to the store after what it erases.
        if let Some(store) = &self.store {
            store.save_place(record, self.when_full);
        }
    }

    /// Begins a zone's place anew. The engine still has to be told.
    pub fn forget(&self, zone: usize) {
        if let Some(zone) = self.lock().get_mut(zone) {
            zone.known = KnownPlace::default();
            zone.forgotten = zone.forgotten.wrapping_add(1);
        }
    }

    /// Erases what is stored of a zone's place.
    ///
    /// # Errors
    /// When it is still on the disk. The store goes on trying.
    pub async fn erase(&self, zone: usize) -> Result<(), StoreError> {
        let id = self.lock().get(zone).map(|zone| zone.id.clone());
        match (&self.store, id) {
            (Some(store), Some(id)) => store.delete_place(id).await,
            _ => Ok(()),
        }
    }

    /// Writes into the engine's parameters how often each zone was asked to forget.
    pub fn tell(&self, parameters: &mut [ZoneParameters]) {
        for (zone, parameters) in self.lock().iter().zip(parameters) {
            parameters.places_forgotten = zone.forgotten;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Zone>> {
        self.zones.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(zone: &str, known_s: f64, shares_json: String) -> PlaceRecord {
        PlaceRecord {
            zone: zone.into(),
            known_s,
            shares_json,
            updated: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn what_is_no_list_of_shares_is_dropped_and_the_rest_stays_as_it_was() {
        let shares: [f32; PLACE_LEVELS] = core::array::from_fn(|index| 1.0 / (index as f32 + 1.0));
        let right = serde_json::to_string(&shares).unwrap();
        let mut saved = Saved {
            places: vec![
                record("right", 7200.0, right.clone()),
                record("negative-time", -1.0, right.clone()),
                record("endless", f64::INFINITY, right.clone()),
                record("above-one", 60.0, right.replace("0.5", "1.5")),
                record("null", 60.0, right.replace("0.5", "null")),
                record("too-few", 60.0, "[0.5,0.5]".into()),
                record("cut-off", 60.0, "[0.5,".into()),
            ],
            ..Saved::default()
        };
        drop_unreadable_places(&mut saved);
        let zones: Vec<_> = saved.places.iter().map(|record| record.zone.as_str()).collect();
        assert_eq!(zones, ["right"]);
        let known = known_of("right", &saved);
        assert_eq!(
            (known.memory.known_s, known.memory.shares),
            (7200.0, shares),
            "to the last bit"
        );
        assert_eq!(known_of("elsewhere", &saved), KnownPlace::default());
    }
}
