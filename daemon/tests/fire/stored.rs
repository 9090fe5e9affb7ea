//! What the database has.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

use crate::{
    postgres::Postgres,
    witness::{is_measurement, kind_and_subject, run_and_second},
};

/// The daemon keeps more events than this: 256 MiB of them.
const PRUNED_ABOVE: usize = 100_000;

/// Everything, in the order of its arrival.
pub struct Stored {
    events: Vec<Value>,
    /// Of each run and zone.
    pub minutes: BTreeMap<(u64, String), Vec<Value>>,
    /// Ids of everything else, of each run, type and subject.
    pub others: BTreeMap<(u64, String, String), Vec<String>>,
}

impl Stored {
    /// Reads the tables, and not what the tenant says of them.
    pub fn read(server: &Postgres) -> Self {
        let rows = server.sql("SELECT document FROM event ORDER BY tenant_id, site_id, seq");
        let events: Vec<Value> = rows.lines().map(|row| serde_json::from_str(row).unwrap()).collect();
        let keys = server.sql("SELECT count(*) FROM event_key");
        assert_eq!(keys, events.len().to_string(), "a key for each event");
        let (mut minutes, mut others) = (BTreeMap::<_, Vec<Value>>::new(), BTreeMap::<_, Vec<String>>::new());
        for event in &events {
            let (run, _) = run_and_second(event);
            let (kind, subject) = kind_and_subject(event);
            if is_measurement(&kind) {
                minutes.entry((run, subject)).or_default().push(event.clone());
            } else {
                let id = event["id"].as_str().unwrap().to_owned();
                others.entry((run, kind, subject)).or_default().push(id);
            }
        }
        Stored { events, minutes, others }
    }

    /// How many events.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// The database has what the controller recorded: each event once, as it was, in its order, and nothing besides. A long history has
    /// lost its beginning, of which only the event log tells.
    pub fn assert_is(&self, recorded: &[Value]) {
        let ids: HashSet<&str> = self.events.iter().map(|event| event["id"].as_str().unwrap()).collect();
        println!(
            "{} events in the daemon's history, {} stored, {} of them twice",
            recorded.len(),
            self.len(),
            self.len() - ids.len()
        );
        assert_eq!(ids.len(), self.len(), "events came twice");
        let begin = self.len().saturating_sub(recorded.len());
        assert!(
            begin == 0 || recorded.len() > PRUNED_ABOVE,
            "{begin} events were never recorded"
        );
        let places: HashMap<&str, usize> = (0..).zip(recorded).map(|(place, event)| (id_of(event), place)).collect();
        assert_eq!(places.len(), recorded.len(), "events were recorded twice");
        let (mut order, mut missing) = (Vec::new(), places.clone());
        for stored in &self.events {
            // What the history has lost is old.
            let Some(place) = missing.remove(id_of(stored)) else {
                continue;
            };
            assert_eq!(*stored, recorded[place], "it is not what was recorded");
            order.push(place);
        }
        assert!(missing.is_empty(), "recorded and not stored: {missing:?}");
        assert_eq!(order.len(), recorded.len());
        assert_order(&order);
    }
}

fn id_of(event: &Value) -> &str {
    event["id"].as_str().unwrap()
}

/// Everything comes in its order, but after an outage: then what is new comes beside the backlog, and each of both in its order.
fn assert_order(order: &[usize]) {
    let (mut new, mut backlog, mut overtaken) = (None, None, 0);
    for place in order.iter().copied().map(Some) {
        if place > new {
            new = place;
        } else {
            assert!(
                place > backlog,
                "event {place:?} comes after {backlog:?} of the backlog and {new:?}"
            );
            backlog = place;
            overtaken += 1;
        }
    }
    println!("{overtaken} of them were overtaken by newer ones after an outage");
}
