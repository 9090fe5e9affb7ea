//! `[[schedule]]`: times of day with another base level.

use jiff::civil::{Date, Time};

use crate::{
    keys, limits,
    read::{Item, Reading, Table, choice, each, filled_list, flag, list, number, shown, text, text_or_date},
    sections::{ZoneNames, zone_names},
};

/// Every day: a schedule that is for some days says so.
const DEFAULT_DAYS: [u8; 7] = [0, 1, 2, 3, 4, 5, 6];

/// A schedule whose zones are still names.
pub(crate) struct DraftSchedule {
    /// Names of zones and where they stand.
    pub(crate) zones: ZoneNames,
    /// See [`crate::site::Schedule::days`].
    pub(crate) days: Vec<u8>,
    /// See [`crate::site::Schedule::from`].
    pub(crate) from: Time,
    /// See [`crate::site::Schedule::to`].
    pub(crate) to: Time,
    /// The level; absent: off.
    pub(crate) level_db: Reading<f64>,
    /// See [`crate::site::Schedule::holidays`].
    pub(crate) holidays: Vec<Date>,
}

/// Reads the tables.
pub(crate) fn read(root: &Table) -> Vec<DraftSchedule> {
    root.list("schedule", &keys::SCHEDULE).iter().map(read_one).collect()
}

fn read_one(table: &Table) -> DraftSchedule {
    let from = table.require("from", "\"08:00\"", time);
    let to = table.require("to", "\"18:00\"", time);
    if let (Some((from, _)), Some((to, span))) = (from.as_written(), to.as_written())
        && from == to
        && *from != Time::midnight()
    {
        table.notes().error(
            span,
            "`from` and `to` are the same time",
            "write two times; from \"00:00\" to \"00:00\" is the whole day",
        );
    }
    DraftSchedule {
        zones: table.require("zones", "[\"north-east\"]", zone_names).or(Vec::new()),
        days: table.read("days", days).or(DEFAULT_DAYS.to_vec()),
        from: from.or(Time::midnight()),
        to: to.or(Time::midnight()),
        level_db: read_level(table),
        holidays: table.read("holidays", holidays).or(Vec::new()),
    }
}

/// `level_db` or `off = true`, exactly one of them.
fn read_level(table: &Table) -> Reading<f64> {
    let level = table.read("level_db", number(&limits::LEVEL));
    let off = table.read("off", flag);
    match (table.has("level_db"), off.effective(false)) {
        (true, Some(true)) => {
            let span = off.span().unwrap_or(table.span());
            table
                .notes()
                .error(span, "`level_db` and `off = true` contradict each other", "keep one of them");
            Reading::Wrong
        }
        (false, Some(false)) if !table.notes().has_bad_syntax() => {
            let message = "[[schedule]] says neither which level nor that it is off";
            table
                .notes()
                .error(table.span(), message, "add level_db = 41.0 or off = true");
            Reading::Wrong
        }
        _ => level,
    }
}

fn days(item: &Item) -> Option<Vec<u8>> {
    const DAYS: &[(&str, u8)] = &[
        ("mon", 0),
        ("tue", 1),
        ("wed", 2),
        ("thu", 3),
        ("fri", 4),
        ("sat", 5),
        ("sun", 6),
    ];
    each(&filled_list("[\"mon\", \"tue\"]")(item)?, choice(DAYS))
}

fn holidays(item: &Item) -> Option<Vec<Date>> {
    each(&list("[\"2026-12-25\"]")(item)?, |item| {
        let written = text_or_date(item)?;
        // A time of day after the date would be dropped silently.
        match written.parse::<Date>() {
            Ok(date) if written.len() == "2026-12-25".len() => Some(date),
            _ => item.wrong(
                format!("{} is not a date", shown(&written)),
                "write year-month-day, such as \"2026-12-25\"",
            ),
        }
    })
}

fn time(item: &Item) -> Option<Time> {
    let written = text(item)?;
    match Time::strptime("%H:%M", &written) {
        Ok(time) if written.len() == "08:00".len() => Some(time),
        _ => item.wrong(
            format!("`{}` = {} is not a time of day", item.key, shown(&written)),
            "write hours and minutes as two digits each, from \"00:00\" to \"23:59\"",
        ),
    }
}
