//! Commands of a zone that have been carried out, so that one which is delivered twice is not carried out twice.
//!
//! A broker delivers "at least once": after a lost acknowledgement it sends a command again. Whoever gives a command an `id` can also send
//! it again without an answer. The memory is stored with the settings, in the same transaction.

use habitat_config::settings::SettingsRequest;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::fnv::fnv1a;

/// A command that comes again later than this is meant again: people and programs reuse their ids.
const KEPT: SignedDuration = SignedDuration::from_mins(10);

/// More commands than these within that time push out the oldest.
const MOST_KEPT: usize = 64;

/// The latest commands of one zone that had an id.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CommandMemory(Vec<Known>);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Known {
    id: String,
    /// Of what it asked for: another command with the same id is another command.
    digest: u64,
    time: Timestamp,
}

impl CommandMemory {
    /// Whether this very command was carried out a short while ago.
    pub fn knows(&self, request: &SettingsRequest, now: Timestamp) -> bool {
        let digest = digest(request);
        let same = |known: &&Known| Some(&known.id) == request.id.as_ref() && known.digest == digest;
        self.0.iter().find(same).is_some_and(|known| is_kept(known, now))
    }

    /// Remembers a command that has an id.
    pub fn remember(&mut self, request: &SettingsRequest, now: Timestamp) {
        let Some(id) = &request.id else { return };
        self.0.retain(|known| known.id != *id && is_kept(known, now));
        if self.0.len() == MOST_KEPT {
            self.0.remove(0);
        }
        self.0.push(Known {
            id: id.clone(),
            digest: digest(request),
            time: now,
        });
    }
}

/// Clocks that are set back make a command look as if it came from the future.
fn is_kept(known: &Known, now: Timestamp) -> bool {
    now.duration_since(known.time).abs() < KEPT
}

/// Of everything that it asks for.
fn digest(request: &SettingsRequest) -> u64 {
    fnv1a(format!("{request:?}").into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(json: &str) -> SettingsRequest {
        SettingsRequest::from_json(json.as_bytes()).unwrap()
    }

    #[test]
    fn the_same_command_is_known_for_ten_minutes_and_another_of_the_same_id_is_not() {
        let begun = Timestamp::UNIX_EPOCH;
        let at = |minutes: i64| begun + SignedDuration::from_mins(minutes);
        let mut memory = CommandMemory::default();
        let command = request(r#"{"offset_db":-1,"id":"a"}"#);
        assert!(!memory.knows(&command, begun));
        memory.remember(&command, begun);
        assert!(memory.knows(&command, at(9)) && !memory.knows(&command, at(10)));
        assert!(!memory.knows(&request(r#"{"offset_db":-2,"id":"a"}"#), begun));
        assert!(!memory.knows(&request(r#"{"offset_db":-1,"id":"b"}"#), begun));
        memory.remember(&request(r#"{"offset_db":-2,"id":"a"}"#), at(1));
        assert!(!memory.knows(&command, at(2)), "what came between made it another");
    }

    #[test]
    fn commands_without_an_id_are_always_new_and_the_memory_is_bounded() {
        let now = Timestamp::UNIX_EPOCH;
        let mut memory = CommandMemory::default();
        let nameless = request(r#"{"offset_db":-1}"#);
        memory.remember(&nameless, now);
        assert!(!memory.knows(&nameless, now));
        let numbered = |n: usize| request(&format!(r#"{{"offset_db":-1,"id":"{n}"}}"#));
        (0..=MOST_KEPT).for_each(|n| memory.remember(&numbered(n), now));
        assert!(!memory.knows(&numbered(0), now) && memory.knows(&numbered(1), now));
        assert_eq!(memory.0.len(), MOST_KEPT);
    }
}
