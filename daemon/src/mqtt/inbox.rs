//! Sorts what comes in: mutes into one queue, commands into another with a line for each topic. Never waits; what finds no room is refused.

use std::sync::Arc;

use habitat_config::settings::LARGEST_REQUEST_BYTES;
use tokio::sync::mpsc;

use super::{
    answer::{Answers, Asker},
    fair_queue::FairQueue,
    leftovers::Leftovers,
    message::Received,
    remote_zones::RemoteZones,
    topics::{Target, Topics},
};

/// A mute is done in microseconds; the queue is for a burst of one per zone of a large site.
const MOST_MUTES: usize = 1024;

/// A message that asks for a change of settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Command {
    /// Of which zones.
    pub to: Addressee,
    /// The rest.
    pub message: Received,
}

/// Whose settings are to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Addressee {
    /// A zone by its name, which may not exist.
    Zone(String),
    /// A group by its name, which may not exist.
    Group(String),
    /// All zones.
    Site,
}

/// The link's end of the queues.
#[derive(Clone, Debug)]
pub(super) struct Inbox {
    topics: Arc<Topics>,
    answers: Answers,
    leftovers: Leftovers,
    remote_zones: Option<RemoteZones>,
    mutes: mpsc::Sender<Received>,
    commands: Arc<FairQueue<Command>>,
}

/// The inbox, and the queues of mutes and of commands that it fills.
pub(super) fn inbox(
    topics: Arc<Topics>,
    answers: Answers,
    leftovers: Leftovers,
    remote_zones: Option<RemoteZones>,
) -> (Inbox, mpsc::Receiver<Received>, Arc<FairQueue<Command>>) {
    let (mutes, to_mute) = mpsc::channel(MOST_MUTES);
    let commands = Arc::new(FairQueue::new());
    let inbox = Inbox {
        topics,
        answers,
        leftovers,
        remote_zones,
        mutes,
        commands: commands.clone(),
    };
    (inbox, to_mute, commands)
}

impl Inbox {
    /// Puts a message where it belongs.
    pub fn deliver(&self, message: Received) {
        let bytes = message.payload.len();
        let asker = Asker::unread(&message);
        match self.topics.target(&message.topic) {
            // This is how a retained message is removed; it asks for nothing.
            _ if message.retained && bytes == 0 => {}
            None if self.remote_zones.as_ref().is_some_and(|zones| zones.take(&message)) => {}
            None => self.leftovers.take(&message),
            Some(Target::Mute) => {
                let put = readable(&message).and_then(|()| self.mutes.try_send(message).map_err(|_| too_many()));
                if let Err(problem) = put {
                    self.answers.mute_refused(asker, &[problem]);
                }
            }
            Some(Target::Zone(zone)) => self.command(Addressee::Zone(zone.to_owned()), asker, message),
            Some(Target::Group(group)) => self.command(Addressee::Group(group.to_owned()), asker, message),
            Some(Target::Site) => self.command(Addressee::Site, asker, message),
        }
    }

    fn command(&self, to: Addressee, asker: Asker, message: Received) {
        let topic = message.topic.clone();
        let put = readable(&message).and_then(|()| {
            let command = Command { to: to.clone(), message };
            self.commands.push(&topic, command).map_err(|_| too_many())
        });
        if let Err(problem) = put {
            self.answers.command_refused(&to, asker, &[problem]);
        }
    }
}

/// Large messages are refused before they are queued, so that a queue of them does not fill the memory.
fn readable(message: &Received) -> Result<(), String> {
    let bytes = message.payload.len();
    if bytes > LARGEST_REQUEST_BYTES {
        return Err(format!(
            "the request has {bytes} bytes; at most {LARGEST_REQUEST_BYTES} are read"
        ));
    }
    Ok(())
}

fn too_many() -> String {
    "too many messages are waiting; send it again in a second".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mqtt::{Counters, outbox::Outbox};

    #[test]
    fn a_mute_does_not_wait_behind_commands_that_nobody_works_off() {
        let (topics, counters) = (Arc::new(Topics::new("habitat", "hq")), Counters::default());
        let outbox = Arc::new(Outbox::new(counters.clone()));
        let answers = Answers::new(topics.clone(), outbox.clone(), counters.clone());
        let leftovers = Leftovers::new(std::iter::empty(), topics.clone(), None, outbox);
        let (inbox, mut mutes, _commands) = inbox(topics, answers, leftovers, None);
        let message = |topic: &str| Received {
            topic: topic.into(),
            payload: b"ON".to_vec(),
            retained: false,
            reply: None,
        };
        (0..1000).for_each(|_| inbox.deliver(message("habitat/hq/zone/a/set")));
        inbox.deliver(message("habitat/hq/mute/set"));
        assert_eq!(mutes.try_recv().unwrap(), message("habitat/hq/mute/set"));
        let refused = counters.counts().refused_commands;
        assert!((900..1000).contains(&refused), "{refused} refused");
        inbox.deliver(message("habitat/hq/zone/b/set"));
        assert_eq!(counters.counts().refused_commands, refused, "another zone has room");
    }
}
