//! The names under which Home Assistant knows a site. They are made of ids alone, so they stay when people rename things.
//!
//! An id has no underscore, which therefore parts them: no two sites, zones or entities share a name.

/// Names of one site below one discovery prefix.
#[derive(Clone, Debug)]
pub(in crate::mqtt) struct Names {
    prefix: String,
    device: String,
}

impl Names {
    /// The names of the site with this id.
    pub fn new(prefix: &str, site: &str) -> Self {
        Names {
            prefix: prefix.to_owned(),
            device: format!("habitat_{site}"),
        }
    }

    /// The one device of the site.
    pub fn device(&self) -> &str {
        &self.device
    }

    /// Topic of the document with what belongs to the site as a whole.
    pub fn site_document(&self) -> String {
        self.document("site")
    }

    /// Topic of the document of a zone.
    pub fn zone_document(&self, zone: &str) -> String {
        self.document(&format!("zone_{zone}"))
    }

    /// Filter for all documents of this site.
    pub fn documents(&self) -> String {
        self.document("+")
    }

    /// Whether this is a topic that [`Names::documents`] matches.
    pub fn is_document(&self, topic: &str) -> bool {
        let (before, after) = (format!("{}/device/{}/", self.prefix, self.device), "/config");
        let object = topic.strip_prefix(&before).and_then(|rest| rest.strip_suffix(after));
        object.is_some_and(|object| !object.contains('/'))
    }

    /// What an entity is known by for ever; without a zone one of the whole site.
    pub fn unique_id(&self, zone: Option<&str>, what: &str) -> String {
        match zone {
            Some(zone) => format!("{}_{zone}_{what}", self.device),
            None => format!("{}_{what}", self.device),
        }
    }

    /// The entity id to begin with: lower case letters, digits and underscores.
    pub fn entity_id(platform: &str, unique_id: &str) -> String {
        format!("{platform}.{}", unique_id.replace('-', "_"))
    }

    fn document(&self, object: &str) -> String {
        format!("{}/device/{}/{object}/config", self.prefix, self.device)
    }
}
