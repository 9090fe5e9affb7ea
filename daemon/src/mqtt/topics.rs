//! The topics of a site, and which names may stand in one.

/// Longest zone name that is answered, and longest response topic that is used; far above what anyone needs, and below what
/// makes brokers end the connection (Mosquitto allows 200 levels).
const LONGEST_NAME_BYTES: usize = 128;
const LONGEST_REPLY_TOPIC_BYTES: usize = 256;
const MOST_REPLY_TOPIC_LEVELS: usize = 64;

/// Names below `<prefix>/<site>`.
#[derive(Clone, Debug)]
pub(super) struct Topics {
    base: String,
    others: Vec<String>,
    announcements: Option<String>,
}

/// What a message asks for, by its topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target<'a> {
    /// To mute or release.
    Mute,
    /// To change the settings of a zone, which may not exist.
    Zone(&'a str),
    /// To change those of a group of zones, which may not exist.
    Group(&'a str),
    /// To change those of all zones.
    Site,
}

impl Topics {
    /// The topics of a site.
    pub fn new(prefix: &str, site: &str) -> Self {
        Topics {
            base: format!("{prefix}/{site}"),
            others: Vec::new(),
            announcements: None,
        }
    }

    /// With filters for what is listened to besides commands.
    pub fn and_listens_to(self, others: impl Iterator<Item = String>) -> Self {
        Topics {
            others: others.collect(),
            ..self
        }
    }

    /// With a filter for what was announced to Home Assistant before.
    pub fn with_announcements(self, announcements: Option<String>) -> Self {
        Topics { announcements, ..self }
    }

    /// Whether the controller is there.
    pub fn status(&self) -> String {
        format!("{}/status", self.base)
    }

    /// What a zone does.
    pub fn zone_state(&self, zone: &str) -> String {
        format!("{}/zone/{zone}/state", self.base)
    }

    /// Answers to commands for a zone.
    pub fn zone_result(&self, zone: &str) -> String {
        format!("{}/zone/{zone}/result", self.base)
    }

    /// Answers to commands for a group.
    pub fn group_result(&self, group: &str) -> String {
        format!("{}/group/{group}/result", self.base)
    }

    /// Answers to commands for all zones.
    pub fn site_result(&self) -> String {
        format!("{}/result", self.base)
    }

    /// Whether the site is muted.
    pub fn mute_state(&self) -> String {
        format!("{}/mute/state", self.base)
    }

    /// Answers to mutes.
    pub fn mute_result(&self) -> String {
        format!("{}/mute/result", self.base)
    }

    /// Events.
    pub fn event(&self) -> String {
        format!("{}/event", self.base)
    }

    /// Where to change a zone.
    pub fn zone_set(&self, zone: &str) -> String {
        format!("{}/zone/{zone}/set", self.base)
    }

    /// Where to mute.
    pub fn mute_set(&self) -> String {
        format!("{}/mute/set", self.base)
    }

    /// Where commands come in.
    fn commands(&self) -> [String; 4] {
        ["mute/set", "zone/+/set", "group/+/set", "set"].map(|filter| format!("{}/{filter}", self.base))
    }

    /// What to subscribe to for as long as the connection lasts.
    pub fn subscriptions(&self) -> impl Iterator<Item = String> {
        self.commands().into_iter().chain(self.others.iter().cloned())
    }

    /// Where there may be something that is left from before.
    pub fn leftovers(&self) -> impl Iterator<Item = String> {
        core::iter::once(self.zone_state("+")).chain(self.announcements.clone())
    }

    /// The zone whose state a topic is; it may not exist.
    pub fn zone_of_state<'a>(&self, topic: &'a str) -> Option<&'a str> {
        let zone = topic
            .strip_prefix(&self.base)?
            .strip_prefix("/zone/")?
            .strip_suffix("/state")?;
        (!zone.contains('/')).then_some(zone)
    }

    /// What a message to this topic asks for; `None`: nothing that is known.
    pub fn target<'a>(&self, topic: &'a str) -> Option<Target<'a>> {
        let rest = topic.strip_prefix(&self.base)?;
        match rest {
            "/mute/set" => return Some(Target::Mute),
            "/set" => return Some(Target::Site),
            _ => {}
        }
        let (kind, name) = rest.strip_prefix('/')?.strip_suffix("/set")?.split_once('/')?;
        match kind {
            _ if name.contains('/') => None,
            "zone" => Some(Target::Zone(name)),
            "group" => Some(Target::Group(name)),
            _ => None,
        }
    }

    /// Whether somebody may have an answer sent to this topic: it has to be one that brokers accept, and not one of our own,
    /// where it would pass for state or for a command.
    pub fn may_reply_to(&self, topic: &str) -> bool {
        let own = topic
            .strip_prefix(&self.base)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let levels = topic.split('/').count();
        !own && !topic.starts_with('$') && levels <= MOST_REPLY_TOPIC_LEVELS && is_publishable(topic, LONGEST_REPLY_TOPIC_BYTES)
    }

    /// Whether a zone name that somebody sent may stand in the topic of the answer.
    pub fn may_name(zone: &str) -> bool {
        !zone.contains('/') && is_publishable(zone, LONGEST_NAME_BYTES)
    }
}

/// MQTT 5, 1.5.4 and 4.7: no wildcards, not empty, no control characters.
fn is_publishable(name: &str, longest_bytes: usize) -> bool {
    (1..=longest_bytes).contains(&name.len()) && !name.chars().any(|c| matches!(c, '+' | '#') || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_command_topics_of_this_site_are_commands() {
        let topics = Topics::new("habitat", "hq-3");
        assert_eq!(topics.target("habitat/hq-3/mute/set"), Some(Target::Mute));
        assert_eq!(
            topics.target("habitat/hq-3/zone/north-east/set"),
            Some(Target::Zone("north-east"))
        );
        assert_eq!(topics.target("habitat/hq-3/zone//set"), Some(Target::Zone("")));
        assert_eq!(topics.target("habitat/hq-3/group/side/set"), Some(Target::Group("side")));
        assert_eq!(topics.target("habitat/hq-3/set"), Some(Target::Site));
        for other in [
            "habitat/hq-3/zone/a/b/set",
            "habitat/hq-3/floor/a/set",
            "habitat/hq-3/zone/set",
            "habitat/hq-3//set",
            "habitat/hq-33/mute/set",
            "habitat/hq-3/zone/a/state",
            "mute/set",
            "",
        ] {
            assert_eq!(topics.target(other), None, "{other}");
        }
    }

    #[test]
    fn answers_go_where_brokers_take_them_and_never_to_our_own_topics() {
        let topics = Topics::new("habitat", "hq-3");
        for good in ["reply/17", "habitat/hq-31/x", "a", "/", "grün/antwort"] {
            assert!(topics.may_reply_to(good), "{good}");
        }
        let (long, deep) = ("a".repeat(300), "a/".repeat(100));
        for bad in [
            "",
            "a/+",
            "#",
            "a\0b",
            "$SYS/x",
            "habitat/hq-3",
            "habitat/hq-3/mute/set",
            "habitat/hq-3/status",
            &long,
            &deep,
        ] {
            assert!(!topics.may_reply_to(bad), "{bad}");
        }
    }
}
