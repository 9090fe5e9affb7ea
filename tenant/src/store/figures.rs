//! What is kept for dashboards, and how it changes: whole quarters of an hour are written anew, and only when nothing else was written
//! since they were read.

use std::collections::BTreeSet;

use crate::dashboard::Tally;

/// How far the events of a site have been looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// The last event in order of arrival.
    pub seq: i64,
    /// Time of the layout that holds; `None` before the first.
    pub told_us: Option<i64>,
    /// Changes with every change of the figures.
    pub version: i64,
}

/// A zone in a quarter of an hour.
#[derive(Clone, Debug)]
pub(crate) struct QuarterRow {
    /// When the quarter began.
    pub quarter_us: i64,
    /// Which zone.
    pub zone: String,
    /// What was measured.
    pub tally: Tally,
}

/// A floor as it was last told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FloorRow {
    /// Its id.
    pub floor: String,
    /// What the event says.
    pub document: String,
    /// Its zones: id, name, kind.
    pub zones: Vec<(String, String, &'static str)>,
}

/// A change of the figures of a site.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    /// The state that all this was made of.
    pub seen: Progress,
    /// The last event that is looked at now.
    pub seq: i64,
    /// Time of the layout that holds now.
    pub told_us: Option<i64>,
    /// Quarters that are written anew; a zone that is not in `rows` is not there any more.
    pub quarters: BTreeSet<i64>,
    /// The zones in these quarters.
    pub rows: Vec<QuarterRow>,
    /// Floors that were told.
    pub floors: Vec<FloorRow>,
    /// All floors that there are; `None` when none was told.
    pub floor_ids: Option<Vec<String>>,
}
