//! Sorts what comes in: mutes into one queue, commands into another. Never waits; what finds its queue full is refused.

use std::sync::Arc;

use habitat_config::settings::LARGEST_REQUEST_BYTES;
use tokio::sync::mpsc;

use super::{
    answer::{Answers, Asker},
    message::Received,
    topics::{Target, Topics},
};

/// Commands that wait while one is stored: at a hundred commits a second, some seconds' worth.
const MOST_COMMANDS: usize = 256;
/// A mute is done in microseconds; the queue is for a burst of one per zone of a large site.
const MOST_MUTES: usize = 1024;

/// A message to `zone/<zone>/set`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Command {
    /// The zone by its name, which may not exist.
    pub zone: String,
    /// The rest.
    pub message: Received,
}

/// The link's end of the queues.
#[derive(Clone, Debug)]
pub(super) struct Inbox {
    topics: Arc<Topics>,
    answers: Answers,
    mutes: mpsc::Sender<Received>,
    commands: mpsc::Sender<Command>,
}

/// The inbox, and the queues of mutes and of commands that it fills.
pub(super) fn inbox(topics: Arc<Topics>, answers: Answers) -> (Inbox, mpsc::Receiver<Received>, mpsc::Receiver<Command>) {
    let (mutes, to_mute) = mpsc::channel(MOST_MUTES);
    let (commands, to_change) = mpsc::channel(MOST_COMMANDS);
    (
        Inbox {
            topics,
            answers,
            mutes,
            commands,
        },
        to_mute,
        to_change,
    )
}

impl Inbox {
    /// Puts a message where it belongs.
    pub fn deliver(&self, message: Received) {
        let bytes = message.payload.len();
        let asker = Asker::new(None, message.reply.clone());
        match self.topics.target(&message.topic) {
            // This is how a retained message is removed; it asks for nothing.
            _ if message.retained && bytes == 0 => {}
            None => tracing::debug!(topic = message.topic, "a message that nobody asked for"),
            Some(Target::Mute) => {
                if let Err(problem) = put(&self.mutes, bytes, message) {
                    self.answers.mute_refused(asker, &[problem]);
                }
            }
            Some(Target::Zone(zone)) => {
                let zone = zone.to_owned();
                let command = Command {
                    zone: zone.clone(),
                    message,
                };
                if let Err(problem) = put(&self.commands, bytes, command) {
                    self.answers.command_refused(&zone, asker, &[problem]);
                }
            }
        }
    }
}

/// Large messages are refused before they are queued, so that a queue of them does not fill the memory.
fn put<T>(queue: &mpsc::Sender<T>, bytes: usize, item: T) -> Result<(), String> {
    if bytes > LARGEST_REQUEST_BYTES {
        return Err(format!(
            "the request has {bytes} bytes; at most {LARGEST_REQUEST_BYTES} are read"
        ));
    }
    let sent = queue.try_send(item);
    sent.map_err(|_| "too many messages are waiting; send it again in a second".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mqtt::{Counters, outbox::Outbox};

    #[test]
    fn a_mute_does_not_wait_behind_commands_that_nobody_works_off() {
        let (topics, counters) = (Arc::new(Topics::new("habitat", "hq")), Counters::default());
        let answers = Answers::new(topics.clone(), Arc::new(Outbox::new(counters.clone())), counters.clone());
        let (inbox, mut mutes, _commands) = inbox(topics, answers);
        let message = |topic: &str| Received {
            topic: topic.into(),
            payload: b"ON".to_vec(),
            retained: false,
            reply: None,
        };
        (0..1000).for_each(|_| inbox.deliver(message("habitat/hq/zone/a/set")));
        inbox.deliver(message("habitat/hq/mute/set"));
        assert_eq!(mutes.try_recv().unwrap(), message("habitat/hq/mute/set"));
        assert_eq!(counters.counts().refused_commands, 1000 - MOST_COMMANDS as u64);
    }
}
