//! Series: what was measured in each minute, hour or day.

use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Interval, Levels, MINUTE_US, Part, Place, QUARTER_US, Tally,
    buckets::{Bucket, buckets, floor_to},
    refresh::measurement,
    tally::COLUMNS,
};
use crate::store::{Question, Rows, Store, StoreError, Value};

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) struct SeriesQuery {
    /// Which zones together.
    pub place: Place,
    /// How long the steps are.
    pub interval: Interval,
    /// Whose clock says when hours and days begin.
    pub time_zone: TimeZone,
    /// Earliest time, in the first step.
    pub since_us: i64,
    /// Before it begins the last step.
    pub until_us: i64,
    /// Steps that began before were given already.
    pub after_us: Option<i64>,
    /// Most steps to give.
    pub limit: usize,
}

/// A step of a series.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SeriesBucket {
    /// When it begins, by the clock of the time zone.
    #[schema(format = "date-time", example = "2026-01-05T08:00:00+02:00")]
    pub start: String,
    /// When it ends, and the next begins.
    #[schema(format = "date-time")]
    pub end: String,
    #[serde(flatten)]
    pub levels: Levels,
}

/// Some steps, in their order.
#[derive(Debug)]
pub(crate) struct SeriesPage {
    /// The steps; those without a measurement, too.
    pub buckets: Vec<SeriesBucket>,
    /// What to give as `after` for the rest.
    pub next: Option<i64>,
}

/// Answers.
pub(crate) async fn series(store: &Store, query: &SeriesQuery) -> Result<SeriesPage, StoreError> {
    let from_us = query.after_us.unwrap_or(query.since_us).max(query.since_us);
    let mut steps = buckets(query.interval, &query.time_zone, from_us, query.until_us);
    let page: Vec<Bucket> = steps.by_ref().take(query.limit).collect();
    let next = steps.next().map(|step| step.start_us);
    let (Some(first), Some(last)) = (page.first(), page.last()) else {
        return Ok(SeriesPage {
            buckets: Vec::new(),
            next: None,
        });
    };
    let (from_us, to_us) = (first.start_us, last.end_us);
    let zones = zones(store, &query.place, from_us, to_us).await?;
    let mut tallies = Tallies::ask(store, query, from_us, to_us).await?;
    let mut buckets = Vec::with_capacity(page.len());
    for step in page {
        let tally = tallies.before(step.end_us).await?;
        let seconds = (step.end_us - step.start_us) as f64 / 1e6;
        buckets.push(SeriesBucket {
            start: local(step.start_us, &query.time_zone),
            end: local(step.end_us, &query.time_zone),
            levels: tally.levels(seconds * zones as f64),
        });
    }
    Ok(SeriesPage { buckets, next })
}

/// How many zones there should be measurements of: those of the layout, or, where none was told, those that were measured.
async fn zones(store: &Store, place: &Place, from_us: i64, to_us: i64) -> Result<i64, StoreError> {
    let values = |more: &[Value]| [&[place.tenant.as_str().into(), place.site.as_str().into()], more].concat();
    let (of_layout, more) = match &place.part {
        Part::Zone(_) => return Ok(1),
        Part::Floor(floor) => (" AND floor = $3", vec![floor.as_str().into()]),
        Part::Site => ("", Vec::new()),
    };
    let told = Question {
        sql: format!("SELECT count(*) FROM dashboard_zone WHERE tenant_id = $1 AND site_id = $2{of_layout}"),
        values: values(&more),
    };
    let measured = Question {
        sql: "SELECT count(DISTINCT zone) FROM dashboard_quarter
              WHERE tenant_id = $1 AND site_id = $2 AND quarter_us >= $3 AND quarter_us < $4"
            .to_owned(),
        values: values(&[floor_to(from_us, QUARTER_US).into(), to_us.into()]),
    };
    match number(store, told).await? {
        0 => number(store, measured).await,
        zones => Ok(zones),
    }
}

async fn number(store: &Store, question: Question) -> Result<i64, StoreError> {
    let row = store.ask(question).await?.next().await?;
    row.map_or(Ok(0), |mut row| row.number())
}

/// What was measured, in order of time: quarters of an hour, or single minutes.
struct Tallies {
    rows: Rows,
    of_minutes: bool,
    /// The next one, and when it began; it may belong to a later step.
    waiting: Option<(i64, Tally)>,
}

impl Tallies {
    async fn ask(store: &Store, query: &SeriesQuery, from_us: i64, to_us: i64) -> Result<Self, StoreError> {
        let of_minutes = query.interval == Interval::Minute;
        // A minute belongs to where it began; its event has the time at which it ended.
        let shift_us = if of_minutes { MINUTE_US } else { 0 };
        let mut values: Vec<Value> = vec![
            query.place.tenant.as_str().into(),
            query.place.site.as_str().into(),
            (from_us + shift_us).into(),
            (to_us + shift_us).into(),
        ];
        let (condition, value) = query.place.condition(values.len());
        values.extend(value);
        let sql = if of_minutes {
            format!(
                "SELECT time_us, document FROM event WHERE tenant_id = $1 AND site_id = $2 AND time_us >= $3 AND time_us < $4
                 AND type = 'habitat.zone.measurement.v1'{condition} ORDER BY time_us"
            )
        } else {
            format!(
                "SELECT quarter_us, {COLUMNS} FROM dashboard_quarter
                 WHERE tenant_id = $1 AND site_id = $2 AND quarter_us >= $3 AND quarter_us < $4{condition} ORDER BY quarter_us"
            )
        };
        let rows = store.ask(Question { sql, values }).await?;
        Ok(Tallies {
            rows,
            of_minutes,
            waiting: None,
        })
    }

    /// All that began before a time.
    async fn before(&mut self, end_us: i64) -> Result<Tally, StoreError> {
        let mut sum = Tally::default();
        loop {
            if self.waiting.is_none() {
                self.waiting = self.next().await?;
            }
            match self.waiting.take_if(|(start_us, _)| *start_us < end_us) {
                Some((_, tally)) => sum.merge(&tally),
                None => return Ok(sum),
            }
        }
    }

    async fn next(&mut self) -> Result<Option<(i64, Tally)>, StoreError> {
        let Some(mut row) = self.rows.next().await? else {
            return Ok(None);
        };
        let time_us = row.number()?;
        if !self.of_minutes {
            return Ok(Some((time_us, Tally::read(&mut row)?)));
        }
        let mut tally = Tally::default();
        if let Some(measurement) = measurement(&row.text()?) {
            tally.add(&measurement, time_us);
        }
        Ok(Some((floor_to(time_us - MINUTE_US, MINUTE_US), tally)))
    }
}

/// RFC 3339 with the offset of the place.
fn local(time_us: i64, zone: &TimeZone) -> String {
    let time = Timestamp::from_microsecond(time_us).unwrap_or_default();
    time.display_with_offset(zone.to_offset(time)).to_string()
}
