//! Ids of sites and tenants as they stand in paths, token files, tables and event sources.

use std::fmt;

/// Longest site, tenant or controller id.
const ID_MAX_CHARS: usize = 64;

/// Whether a text is 1 to 64 of `a-z`, `0-9`, `-`.
fn well_formed(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=ID_MAX_CHARS).contains(&text.len()) && text.bytes().all(allowed)
}

/// A tenant's id: 1 to 64 of `a-z`, `0-9`, `-`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TenantId(String);

impl TenantId {
    /// Checks the text; `None` when it is not a tenant's id.
    pub fn parse(text: &str) -> Option<Self> {
        well_formed(text).then(|| TenantId(text.to_owned()))
    }

    /// The one whom a token file speaks for.
    pub fn of_the_token_file() -> Self {
        TenantId("default".to_owned())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A site id: 1 to 64 of `a-z`, `0-9`, `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SiteId(String);

impl SiteId {
    /// Checks the text; `None` when it is not a site id.
    pub fn parse(text: &str) -> Option<Self> {
        well_formed(text).then(|| SiteId(text.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a CloudEvents source is a controller of this site: `/sites/<site>/controllers/<controller>`.
    pub fn owns_source(&self, source: &str) -> bool {
        let controller = source
            .strip_prefix("/sites/")
            .and_then(|rest| rest.strip_prefix(self.as_str()))
            .and_then(|rest| rest.strip_prefix("/controllers/"));
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        controller.is_some_and(|id| (1..=ID_MAX_CHARS).contains(&id.len()) && id.bytes().all(allowed))
    }
}

impl fmt::Display for SiteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_id_is_lower_case_letters_digits_and_hyphens() {
        assert!(SiteId::parse("hq-3").is_some());
        assert!(SiteId::parse(&"a".repeat(64)).is_some());
        for wrong in ["", "HQ", "hq 3", "hq/3", "hq'--", "hq\r\n", "büro", &"a".repeat(65)] {
            assert!(SiteId::parse(wrong).is_none(), "{wrong:?}");
        }
    }

    #[test]
    fn a_source_belongs_to_a_site_only_when_the_whole_id_matches() {
        let site = SiteId::parse("hq-3").expect("well-formed");
        assert!(site.owns_source("/sites/hq-3/controllers/main"));
        assert!(site.owns_source("/sites/hq-3/controllers/srv_1.example.org"));
        for foreign in [
            "/sites/hq-33/controllers/main",
            "/sites/hq/controllers/main",
            "/sites/hq-3/controllers/",
            "/sites/hq-3/controllers/a/b",
            "/sites/hq-3/controllers/a\r\nb",
            "sites/hq-3/controllers/main",
            " /sites/hq-3/controllers/main",
        ] {
            assert!(!site.owns_source(foreign), "{foreign:?}");
        }
    }
}
