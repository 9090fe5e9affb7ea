//! Numbers for people.

use habitat_layout::figures::{Figures, Quality};

/// A level, dB.
pub(super) fn db(value: f64) -> String {
    if value.is_finite() {
        format!("{value:.1}")
    } else {
        "–".into()
    }
}

/// A distance, metres; `otherwise` when there is none.
pub(super) fn metres(value: Option<f64>, otherwise: &str) -> String {
    value.map_or_else(|| otherwise.to_owned(), |value| format!("{value:.1}"))
}

/// A share in percent.
pub(super) fn percent(share: f64) -> String {
    match share * 100.0 {
        percent if percent > 0.0 && percent < 1.0 => format!("{percent:.1} %"),
        percent => format!("{percent:.0} %"),
    }
}

/// How many others hear, as a number that people say.
pub(super) fn workplaces(count: f64) -> String {
    match count {
        count if count < 10.0 => format!("{count:.1}"),
        count => format!("{count:.0}"),
    }
}

/// Quality of the distraction distance.
pub(super) fn distraction(figures: &Figures) -> Quality {
    figures.rd_m.map_or(Quality::Poor, Quality::of_rd)
}
