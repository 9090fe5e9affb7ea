//! Which zones are distracted most.

use habitat_events::round_to;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Levels, Place, Tally, tally::SUMS};
use crate::store::{Question, Store, StoreError, Value};

/// A zone in the ranking.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Ranked {
    /// Its place: 1 is distracted most.
    pub rank: usize,
    /// Its id.
    pub zone: String,
    /// Its name; null where no layout was told that has it.
    pub name: Option<String>,
    /// Its floor.
    pub floor: Option<String>,
    /// What people do there.
    pub kind: Option<String>,
    /// Distraction per hour that was measured, dB·min/h.
    pub distraction_db_min_per_h: f64,
    #[serde(flatten)]
    pub levels: RankedLevels,
}

/// What was measured in the period, but for the medians.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RankedLevels {
    /// Minutes that were counted.
    pub minutes: i64,
    /// Share of the period that they cover.
    pub coverage: f64,
    /// Distraction: the sum, dB·min.
    pub distraction_db_min: f64,
    /// All sound: energy mean, dB(A).
    pub laeq_db: Option<f64>,
    /// Sound without our own masking: energy mean over the minutes in which it was resolved, dB(A).
    pub ambient_laeq_db: Option<f64>,
    /// Speech: energy mean, weighted with how much of each minute it filled, dB(A).
    pub speech_laeq_db: Option<f64>,
    /// Share of the measured time with speech.
    pub speech_ratio: Option<f64>,
    /// Masking at the listeners: energy mean, dB(A).
    pub masking_db: Option<f64>,
    /// Highest speech transmission index of speech from another zone.
    pub sti_max: Option<f64>,
}

/// All zones that were measured from a time to another, which are full quarters of an hour; the most distracted first.
pub(crate) async fn rank(store: &Store, place: &Place, since_us: i64, until_us: i64) -> Result<Vec<Ranked>, StoreError> {
    let mut values: Vec<Value> = vec![
        place.tenant.as_str().into(),
        place.site.as_str().into(),
        since_us.into(),
        until_us.into(),
    ];
    let (condition, value) = place.condition(values.len());
    values.extend(value);
    let sql = format!(
        "SELECT sums.*, told.name, told.floor, told.kind
         FROM (SELECT zone AS of_zone, {SUMS} FROM dashboard_quarter
               WHERE tenant_id = $1 AND site_id = $2 AND quarter_us >= $3 AND quarter_us < $4{condition} GROUP BY zone) AS sums
         LEFT JOIN dashboard_zone AS told ON told.tenant_id = $1 AND told.site_id = $2 AND told.zone = sums.of_zone"
    );
    let mut rows = store.ask(Question { sql, values }).await?;
    let mut ranking = Vec::new();
    while let Some(mut row) = rows.next().await? {
        let (zone, tally) = (row.text()?, Tally::read_sums(&mut row)?);
        let hours = tally.measured_s / 3600.0;
        let per_h = if hours > 0.0 { tally.distraction_db_min / hours } else { 0.0 };
        ranking.push(Ranked {
            rank: 0,
            zone,
            name: row.text_or_null()?,
            floor: row.text_or_null()?,
            kind: row.text_or_null()?,
            distraction_db_min_per_h: round_to(per_h, 3),
            levels: tally.levels((until_us - since_us) as f64 / 1e6).into(),
        });
    }
    let louder = |one: &Ranked, other: &Ranked| {
        let by_distraction = other.distraction_db_min_per_h.total_cmp(&one.distraction_db_min_per_h);
        by_distraction.then_with(|| one.zone.cmp(&other.zone))
    };
    ranking.sort_by(louder);
    ranking.iter_mut().zip(1..).for_each(|(zone, rank)| zone.rank = rank);
    Ok(ranking)
}

impl From<Levels> for RankedLevels {
    fn from(levels: Levels) -> Self {
        RankedLevels {
            minutes: levels.minutes,
            coverage: levels.coverage,
            distraction_db_min: levels.distraction_db_min,
            laeq_db: levels.laeq_db,
            ambient_laeq_db: levels.ambient_laeq_db,
            speech_laeq_db: levels.speech_laeq_db,
            speech_ratio: levels.speech_ratio,
            masking_db: levels.masking_db,
            sti_max: levels.sti_max,
        }
    }
}
