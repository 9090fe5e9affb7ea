//! Events are erased in small portions, so that those who store meanwhile need not wait.

use crate::ids::{SiteId, TenantId};

/// The type that has days of its own.
pub(super) const MEASUREMENT: &str = "habitat.zone.measurement.v1";

/// Which events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Every one.
    All,
    /// Measurements of zones.
    Measurements,
    /// All but those.
    Others,
}

impl Kind {
    /// As the statements know it.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::All => "all",
            Kind::Measurements => "measurements",
            Kind::Others => "others",
        }
    }
}

/// A portion of a site's events, in the order of their times.
#[derive(Clone, Debug)]
pub(crate) struct Portion {
    /// The tenant that the site belongs to.
    pub tenant: TenantId,
    /// The site.
    pub site: SiteId,
    /// Which of them are erased.
    pub kind: Kind,
    /// Only those whose time is before this.
    pub before_us: i64,
    /// Only those after this time and number.
    pub after: (i64, i64),
    /// How many to look at.
    pub limit: usize,
}

/// What became of a portion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Erased {
    /// How many events are gone.
    pub events: usize,
    /// Where the next portion begins; `None` when there is none.
    pub next: Option<(i64, i64)>,
}

/// The sites of a tenant that have events, found by leaping from one to the next.
pub(super) const SITES: &str = "WITH RECURSIVE leap (site_id) AS (
         SELECT min(site_id) FROM event WHERE tenant_id = $1
         UNION ALL
         SELECT (SELECT min(site_id) FROM event WHERE tenant_id = $1 AND site_id > leap.site_id)
         FROM leap WHERE leap.site_id IS NOT NULL)
     SELECT site_id FROM leap WHERE site_id IS NOT NULL";
