//! Increases and decreases of the masking: each of them, and what they add up to.

use std::collections::BTreeMap;

use habitat_events::{Adaptation, Cause, Direction, round_to};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Place, refresh::Document, written};
use crate::store::{Question, Rows, Store, StoreError, Value};

/// Which changes are asked for; `None` asks for all.
#[derive(Clone, Debug)]
pub(crate) struct Changes {
    /// Which zones.
    pub place: Place,
    /// Which way.
    pub direction: Option<Direction>,
    /// Why.
    pub cause: Option<Cause>,
    /// Earliest time, included.
    pub since_us: i64,
    /// Latest time, excluded.
    pub until_us: i64,
}

/// One increase or decrease.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Change {
    /// When it ended.
    #[schema(format = "date-time")]
    pub time: String,
    /// Where.
    pub zone: String,
    /// `increase` or `decrease`.
    pub direction: String,
    /// Why, as in the event.
    pub cause: String,
    /// Masking before, dB(A).
    pub from_db: f64,
    /// Masking after, dB(A).
    pub to_db: f64,
    /// How long it took, seconds.
    pub duration_s: f64,
    /// STI of the speech that caused it.
    pub sti: Option<f64>,
    /// Zone of the talker.
    pub from_zone: Option<String>,
}

/// What the changes of a zone with the same cause and direction add up to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ChangeSum {
    /// Where.
    pub zone: String,
    /// Why.
    pub cause: String,
    /// `increase` or `decrease`.
    pub direction: String,
    /// How many.
    pub count: u64,
    /// By how much in all, dB; never negative.
    pub change_db: f64,
    /// How long they took in all, seconds.
    pub duration_s: f64,
}

/// Changes in order of time, at most so many of those after a place, and the place of the last when there are more.
pub(crate) async fn list(
    store: &Store,
    changes: &Changes,
    after: Option<(i64, i64)>,
    limit: usize,
) -> Result<(Vec<Change>, Option<(i64, i64)>), StoreError> {
    let mut found = Found::ask(store, changes, after).await?;
    let (mut list, mut last) = (Vec::new(), None);
    while let Some((at, change)) = found.next().await? {
        if list.len() == limit {
            return Ok((list, last));
        }
        last = Some(at);
        list.push(Change {
            time: written(at.0),
            zone: change.zone,
            direction: word(change.direction),
            cause: word(change.cause),
            from_db: change.from_db,
            to_db: change.to_db,
            duration_s: change.duration_s,
            sti: change.evidence.sti,
            from_zone: change.evidence.from_zone,
        });
    }
    Ok((list, None))
}

/// Sums per zone, cause and direction.
pub(crate) async fn sums(store: &Store, changes: &Changes) -> Result<Vec<ChangeSum>, StoreError> {
    let mut found = Found::ask(store, changes, None).await?;
    let mut sums: BTreeMap<(String, String, String), (u64, f64, f64)> = BTreeMap::new();
    while let Some((_, change)) = found.next().await? {
        let key = (change.zone, word(change.cause), word(change.direction));
        let (count, change_db, duration_s) = sums.entry(key).or_default();
        *count += 1;
        *change_db += (change.to_db - change.from_db).abs();
        *duration_s += change.duration_s;
    }
    let sum = |((zone, cause, direction), (count, change_db, duration_s))| ChangeSum {
        zone,
        cause,
        direction,
        count,
        change_db: round_to(change_db, 3),
        duration_s: round_to(duration_s, 1),
    };
    Ok(sums.into_iter().map(sum).collect())
}

/// Changes as they come out of the store.
struct Found<'a> {
    rows: Rows,
    changes: &'a Changes,
}

impl<'a> Found<'a> {
    async fn ask(store: &Store, changes: &'a Changes, after: Option<(i64, i64)>) -> Result<Self, StoreError> {
        let place = &changes.place;
        let (after_us, after_seq) = after.unwrap_or((changes.since_us, -1));
        let mut values: Vec<Value> = vec![
            place.tenant.as_str().into(),
            place.site.as_str().into(),
            after_us.into(),
            changes.until_us.into(),
            after_seq.into(),
        ];
        let (condition, value) = place.condition(values.len());
        values.extend(value);
        // The last condition says what the index is for.
        let sql = format!(
            "SELECT time_us, seq, document FROM event
             WHERE tenant_id = $1 AND site_id = $2 AND time_us >= $3 AND time_us < $4 AND (time_us > $3 OR seq > $5){condition}
             AND type = 'habitat.zone.adaptation.v1' AND type <> 'habitat.zone.measurement.v1' ORDER BY time_us, seq"
        );
        let rows = store.ask(Question { sql, values }).await?;
        Ok(Found { rows, changes })
    }

    async fn next(&mut self) -> Result<Option<((i64, i64), Adaptation)>, StoreError> {
        while let Some(mut row) = self.rows.next().await? {
            let (at, document) = ((row.number()?, row.number()?), row.text()?);
            let read: Result<Document<Adaptation>, _> = serde_json::from_str(&document);
            let change = read.map_err(|error| StoreError::Failed {
                operation: "read a change of the masking",
                reason: error.to_string(),
            })?;
            let change = change.data;
            let as_asked = self.changes.direction.is_none_or(|direction| direction == change.direction)
                && self.changes.cause.is_none_or(|cause| cause == change.cause);
            if as_asked {
                return Ok(Some((at, change)));
            }
        }
        Ok(None)
    }
}

/// As it stands in events.
fn word(value: impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}
