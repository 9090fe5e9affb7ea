//! The layout as it was last told, and the last minute of each zone.

use std::collections::BTreeMap;

use habitat_events::{Layout, Measurement};

use super::{Place, refresh::measurement};
use crate::store::{Question, Store, StoreError, Value};

/// The newest measurement of a zone.
#[derive(Clone, Debug)]
pub(crate) struct Minute {
    /// When it ended.
    pub time_us: i64,
    /// What it says; `None` when it is older than what was asked for.
    pub measurement: Option<Measurement>,
}

/// Floors in the order of their ids.
pub(crate) async fn floors(store: &Store, place: &Place) -> Result<Vec<Layout>, StoreError> {
    let sql = "SELECT document FROM dashboard_floor WHERE tenant_id = $1 AND site_id = $2 ORDER BY floor".to_owned();
    let mut rows = store.ask(Question { sql, values: key(place) }).await?;
    let mut floors = Vec::new();
    while let Some(mut row) = rows.next().await? {
        let floor = serde_json::from_str(&row.text()?).map_err(|error| StoreError::Failed {
            operation: "read the layout",
            reason: error.to_string(),
        })?;
        floors.push(floor);
    }
    Ok(floors)
}

/// The newest measurement, up to a time, of each zone of the layout that has any; whole where it is not older than another time.
pub(crate) async fn latest(
    store: &Store,
    place: &Place,
    fresh_us: i64,
    now_us: i64,
) -> Result<BTreeMap<String, Minute>, StoreError> {
    let mut latest = BTreeMap::new();
    let sql = "SELECT zone, (SELECT last_us FROM dashboard_quarter AS quarter
                   WHERE quarter.tenant_id = $1 AND quarter.site_id = $2 AND quarter.zone = told.zone AND quarter.quarter_us <= $3
                   ORDER BY quarter_us DESC LIMIT 1)
               FROM dashboard_zone AS told WHERE tenant_id = $1 AND site_id = $2"
        .to_owned();
    let values = with(place, &[now_us]);
    let mut rows = store.ask(Question { sql, values }).await?;
    while let Some(mut row) = rows.next().await? {
        let (zone, time_us) = (row.text()?, row.number_or_null()?);
        let minute = time_us.map(|time_us| Minute {
            time_us,
            measurement: None,
        });
        latest.extend(minute.map(|minute| (zone, minute)));
    }
    let sql = "SELECT zone, time_us, document FROM event WHERE tenant_id = $1 AND site_id = $2
               AND time_us >= $3 AND time_us <= $4 AND type = 'habitat.zone.measurement.v1' ORDER BY time_us"
        .to_owned();
    let values = with(place, &[fresh_us, now_us]);
    let mut rows = store.ask(Question { sql, values }).await?;
    while let Some(mut row) = rows.next().await? {
        let (zone, time_us, document) = (row.text()?, row.number()?, row.text()?);
        let measurement = measurement(&document);
        latest.insert(zone, Minute { time_us, measurement });
    }
    Ok(latest)
}

fn key(place: &Place) -> Vec<Value> {
    vec![place.tenant.as_str().into(), place.site.as_str().into()]
}

fn with(place: &Place, times_us: &[i64]) -> Vec<Value> {
    let times = times_us.iter().map(|time_us| Value::from(*time_us));
    key(place).into_iter().chain(times).collect()
}
