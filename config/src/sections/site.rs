//! `[site]`: what the site is called and which clock it lives by.

use jiff::tz::{self, TimeZone};

use crate::{
    keys,
    read::{Item, Table, each, filled_list, identifier, nearest, shown, text},
};

/// Without a zone, times are those of the events themselves: UTC. No guess from the machine, which is often set
/// differently from the office that it serves.
const DEFAULT_TIME_ZONE: TimeZone = TimeZone::UTC;

/// What the id of a site is made of.
pub(crate) const SITE_ID_CHARACTERS: &str = "a-z, 0-9 and -";

/// `[site]`
pub(crate) struct Names {
    /// See [`crate::site::Site::id`].
    pub(crate) id: String,
    /// See [`crate::site::Site::name`]; the id when there is none.
    pub(crate) name: String,
    /// See [`crate::site::Site::time_zone`].
    pub(crate) time_zone: TimeZone,
    /// See [`crate::site::Site::operators`].
    pub(crate) operators: Vec<String>,
}

/// Reads the table.
pub(crate) fn read(root: &Table) -> Names {
    let Some(table) = root.require_section("site", &keys::SITE) else {
        return Names {
            id: String::new(),
            name: String::new(),
            time_zone: DEFAULT_TIME_ZONE,
            operators: Vec::new(),
        };
    };
    let id = table
        .require("id", "\"hq-3\"", identifier(is_site_id, SITE_ID_CHARACTERS))
        .or(String::new());
    Names {
        name: table.read("name", text).or(id.clone()),
        time_zone: table.read("time_zone", time_zone).or(DEFAULT_TIME_ZONE),
        operators: table.read("operators", operators).or(Vec::new()),
        id,
    }
}

/// Whether a character may stand in the id of a site.
pub(crate) fn is_site_id(character: char) -> bool {
    matches!(character, 'a'..='z' | '0'..='9' | '-')
}

fn operators(item: &Item) -> Option<Vec<String>> {
    let operators = each(
        &filled_list("[\"front-desk\", \"bms\"]")(item)?,
        identifier(is_site_id, SITE_ID_CHARACTERS),
    )?;
    let twice = (1..operators.len()).find(|index| operators[..*index].contains(&operators[*index]));
    match twice {
        Some(index) => item.wrong(
            format!("`operators` has {} twice", shown(&operators[index])),
            "name each operator once",
        ),
        None => Some(operators),
    }
}

fn time_zone(item: &Item) -> Option<TimeZone> {
    let name = text(item)?;
    if let Ok(zone) = TimeZone::get(&name) {
        return Some(zone);
    }
    let known: Vec<String> = tz::db().available().map(|name| name.to_string()).collect();
    let help = match nearest(&name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => "write a name of the IANA time zone database, such as \"Europe/Helsinki\"".to_owned(),
    };
    item.wrong(format!("{} is not a known time zone", shown(&name)), help)
}
