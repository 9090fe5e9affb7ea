//! Figures for dashboards: series, rankings, changes of the masking and the layout with its levels.
//!
//! Minutes are read from the events. What spans longer is made of quarters of an hour ([`refresh`]), which are counted from the events
//! whenever some have come or gone, so that late, repeated and deleted events are right without anybody telling. Everything is
//! asked beside the store's own work and comes row by row, so that neither ingest nor memory depends on what somebody asks.

mod adaptations;
mod buckets;
mod current;
mod ranking;
mod refresh;
mod series;
mod tally;

use jiff::Timestamp;

use crate::ids::{SiteId, TenantId};
pub(crate) use adaptations::{Change, ChangeSum, Changes, list, sums};
pub(crate) use buckets::{Interval, QUARTER_US, floor_to};
pub(crate) use current::{Minute, floors, latest};
pub(crate) use ranking::{Ranked, rank};
pub(crate) use refresh::{Refresher, refresh};
pub(crate) use series::{SeriesBucket, SeriesQuery, series};
pub(crate) use tally::{Levels, Tally};

/// A minute in microseconds.
pub(crate) const MINUTE_US: i64 = 60_000_000;
/// A day in microseconds.
pub(crate) const DAY_US: i64 = 86_400_000_000;

/// Which zones are asked about.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The tenant that the site belongs to.
    pub tenant: TenantId,
    /// The site.
    pub site: SiteId,
    /// What of it.
    pub part: Part,
}

/// A part of a site.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    /// All of it.
    Site,
    /// The zones of a floor, by the layout that was last told.
    Floor(String),
    /// One zone.
    Zone(String),
}

impl Place {
    /// The condition that a row is of these zones, for a question whose `$1` and `$2` are tenant and site and that has `given`
    /// parameters before; and its parameter.
    fn condition(&self, given: usize) -> (String, Option<crate::store::Value>) {
        let next = given + 1;
        match &self.part {
            Part::Site => (String::new(), None),
            Part::Zone(zone) => (format!(" AND zone = ${next}"), Some(zone.as_str().into())),
            Part::Floor(floor) => (
                format!(
                    " AND zone IN (SELECT zone FROM dashboard_zone WHERE tenant_id = $1 AND site_id = $2 AND floor = ${next})"
                ),
                Some(floor.as_str().into()),
            ),
        }
    }
}

/// A time as it stands in answers.
fn written(time_us: i64) -> String {
    Timestamp::from_microsecond(time_us).unwrap_or_default().to_string()
}
