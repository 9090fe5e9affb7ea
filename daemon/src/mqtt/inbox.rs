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
        if message.retained && message.payload.is_empty() {
            // This is how a retained message is removed; it asks for nothing.
            return;
        }
        let asker = || Asker::new(None, message.reply.clone());
        match self.topics.target(&message.topic) {
            None => tracing::debug!(topic = message.topic, "a message that nobody asked for"),
            Some(Target::Mute) => {
                let refused = too_large(&message).or_else(|| {
                    let sent = self.mutes.try_send(message.clone());
                    sent.err().map(|_| "too many mutes are waiting; send it again".to_owned())
                });
                if let Some(problem) = refused {
                    self.answers.mute_refused(asker(), &[problem]);
                }
            }
            Some(Target::Zone(zone)) => {
                let refused = too_large(&message).or_else(|| {
                    let sent = self.commands.try_send(Command {
                        zone: zone.to_owned(),
                        message: message.clone(),
                    });
                    sent.err()
                        .map(|_| "too many commands are waiting; send it again in a second".to_owned())
                });
                if let Some(problem) = refused {
                    self.answers.command_refused(zone, asker(), &[problem]);
                }
            }
        }
    }
}

/// Large messages are refused before they are queued, so that a queue of them does not fill the memory.
fn too_large(message: &Received) -> Option<String> {
    let bytes = message.payload.len();
    (bytes > LARGEST_REQUEST_BYTES).then(|| format!("the request has {bytes} bytes; at most {LARGEST_REQUEST_BYTES} are read"))
}
