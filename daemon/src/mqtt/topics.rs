//! The topics of a site, and which names may stand in one.

/// Longest zone name that is answered, and longest response topic that is used; far above what anyone needs, and below what
/// makes brokers end the connection (Mosquitto allows 200 levels).
const LONGEST_NAME_BYTES: usize = 128;
pub(super) const LONGEST_REPLY_TOPIC_BYTES: usize = 256;
pub(super) const MOST_REPLY_TOPIC_LEVELS: usize = 64;

/// Makes the list of topics from one table: what each is called, and its levels.
macro_rules! topics {
    ($($(#[$what:meta])* $name:ident $levels:literal,)*) => {
        /// Every topic below `<prefix>/<site>`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Topic {
            $($(#[$what])* $name,)*
        }

        impl Topic {
            /// All of them.
            #[cfg(test)]
            pub const ALL: &[Topic] = &[$(Topic::$name),*];

            /// The levels below the site, with the name of a zone or group in braces.
            pub const fn levels(self) -> &'static str {
                match self {
                    $(Topic::$name => $levels,)*
                }
            }
        }
    };
}

topics! {
    /// Whether the controller is there.
    Status "status",
    /// What a zone does.
    ZoneState "zone/{zone}/state",
    /// Where to change a zone.
    ZoneSet "zone/{zone}/set",
    /// Answers to that.
    ZoneResult "zone/{zone}/result",
    /// Where to change a group of zones.
    GroupSet "group/{group}/set",
    /// Answers to that.
    GroupResult "group/{group}/result",
    /// Where to change all zones.
    SiteSet "set",
    /// Answers to that.
    SiteResult "result",
    /// Where to mute and release.
    MuteSet "mute/set",
    /// Answers to that.
    MuteResult "mute/result",
    /// Whether the site is muted.
    MuteState "mute/state",
    /// Events.
    Event "event",
}

impl Topic {
    /// Where commands come in.
    pub const COMMANDS: [Topic; 4] = [Topic::MuteSet, Topic::ZoneSet, Topic::GroupSet, Topic::SiteSet];

    /// The braces, where it has some.
    fn parameter(self) -> Option<&'static str> {
        let levels = self.levels();
        Some(&levels[levels.find('{')?..=levels.find('}')?])
    }

    /// The name that stands in these levels, if they are those of this topic; empty where it has none.
    fn name_in(self, levels: &str) -> Option<&str> {
        let Some(parameter) = self.parameter() else {
            return (levels == self.levels()).then_some("");
        };
        let (before, after) = self.levels().split_once(parameter)?;
        let name = levels.strip_prefix(before)?.strip_suffix(after)?;
        (!name.contains('/')).then_some(name)
    }
}

/// The topics of one site.
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

    /// One without a name in it.
    pub fn at(&self, topic: Topic) -> String {
        format!("{}/{}", self.base, topic.levels())
    }

    /// One with the name of a zone or group in it.
    pub fn of(&self, topic: Topic, name: &str) -> String {
        let levels = topic.levels().replace(topic.parameter().unwrap_or("{}"), name);
        format!("{}/{levels}", self.base)
    }

    /// What to subscribe to for as long as the connection lasts.
    pub fn subscriptions(&self) -> impl Iterator<Item = String> {
        let commands = Topic::COMMANDS.map(|topic| self.of(topic, "+"));
        commands.into_iter().chain(self.others.iter().cloned())
    }

    /// Where there may be something that is left from before.
    pub fn leftovers(&self) -> impl Iterator<Item = String> {
        core::iter::once(self.of(Topic::ZoneState, "+")).chain(self.announcements.clone())
    }

    /// The zone whose state a topic is; it may not exist.
    pub fn zone_of_state<'a>(&self, topic: &'a str) -> Option<&'a str> {
        let levels = topic.strip_prefix(&self.base)?.strip_prefix('/')?;
        Topic::ZoneState.name_in(levels)
    }

    /// What a message to this topic asks for; `None`: nothing that is known.
    pub fn target<'a>(&self, topic: &'a str) -> Option<Target<'a>> {
        let levels = topic.strip_prefix(&self.base)?.strip_prefix('/')?;
        let named = |topic: Topic| topic.name_in(levels).map(|name| (topic, name));
        Some(match Topic::COMMANDS.into_iter().find_map(named)? {
            (Topic::ZoneSet, zone) => Target::Zone(zone),
            (Topic::GroupSet, group) => Target::Group(group),
            (Topic::SiteSet, _) => Target::Site,
            (Topic::MuteSet, _) => Target::Mute,
            _ => return None,
        })
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
