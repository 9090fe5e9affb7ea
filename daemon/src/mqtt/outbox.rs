//! What is to be published: of each retained topic the newest value, and of passing messages the newest few.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use super::{counters::Counters, message::Message};

/// Events and results that wait while the broker is away or slow: one at once from each zone of a large site. Further ones push out the
/// oldest.
const MOST_WAITING: usize = 512;

/// Retained topics that wait to be removed; further ones are found again at the next connect.
const MOST_REMOVALS: usize = 4096;

/// Filled by anyone, without waiting; emptied by the link.
#[derive(Debug)]
pub(super) struct Outbox {
    waiting: Mutex<Waiting>,
    more: Notify,
    counters: Counters,
}

#[derive(Debug, Default)]
struct Waiting {
    states: BTreeMap<String, State>,
    /// Topics whose newest value was not taken yet, each once, in the order of their first change.
    changed: VecDeque<String>,
    /// Retained topics that are to be removed, when nothing else changes.
    removals: BTreeSet<String>,
    messages: VecDeque<Message>,
    /// Whose turn it is, so that neither kind can hold the other up.
    message_is_next: bool,
}

#[derive(Debug)]
struct State {
    payload: Vec<u8>,
    is_waiting: bool,
}

impl Outbox {
    /// Nothing to publish.
    pub fn new(counters: Counters) -> Self {
        Outbox {
            waiting: Mutex::default(),
            more: Notify::new(),
            counters,
        }
    }

    /// The value of a retained topic. It is published if it differs from the one before.
    pub fn set_state(&self, topic: String, payload: Vec<u8>) {
        let mut waiting = self.lock();
        let Waiting { states, changed, .. } = &mut *waiting;
        match states.get_mut(&topic) {
            Some(state) if state.payload == payload => return,
            Some(state) => {
                state.payload = payload;
                if !core::mem::replace(&mut state.is_waiting, true) {
                    changed.push_back(topic);
                }
            }
            None => {
                states.insert(
                    topic.clone(),
                    State {
                        payload,
                        is_waiting: true,
                    },
                );
                changed.push_back(topic);
            }
        }
        drop(waiting);
        self.more.notify_one();
    }

    /// A retained topic that nobody sets any more: it is removed from the broker. It takes no room from messages.
    pub fn remove(&self, topic: String) {
        let mut waiting = self.lock();
        if waiting.removals.len() < MOST_REMOVALS {
            waiting.removals.insert(topic);
        }
        drop(waiting);
        self.more.notify_one();
    }

    /// A message that is published once.
    pub fn push(&self, message: Message) {
        let mut waiting = self.lock();
        if waiting.messages.len() >= MOST_WAITING {
            waiting.messages.pop_front();
            self.counters.message_lost();
        }
        waiting.messages.push_back(message);
        drop(waiting);
        self.more.notify_one();
    }

    /// After a connect: every retained topic is published again, `last` after all others.
    pub fn refresh(&self, last: &str) {
        let mut waiting = self.lock();
        let Waiting { states, changed, .. } = &mut *waiting;
        states.values_mut().for_each(|state| state.is_waiting = true);
        changed.clear();
        changed.extend(states.keys().filter(|topic| *topic != last).cloned());
        changed.extend(states.contains_key(last).then(|| last.to_owned()));
        drop(waiting);
        self.more.notify_one();
    }

    /// Waits for the next to publish. One caller at a time.
    pub async fn next(&self) -> Message {
        loop {
            if let Some(message) = self.lock().take() {
                return message;
            }
            self.more.notified().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn take(&mut self) -> Option<Message> {
        self.message_is_next = !self.message_is_next;
        if self.message_is_next {
            self.messages.pop_front().or_else(|| self.take_state())
        } else {
            self.take_state().or_else(|| self.messages.pop_front())
        }
    }

    fn take_state(&mut self) -> Option<Message> {
        let Some(topic) = self.changed.pop_front() else {
            return self.removals.pop_first().map(Message::removal);
        };
        let state = self.states.get_mut(&topic)?;
        state.is_waiting = false;
        Some(Message {
            topic,
            payload: state.payload.clone(),
            retain: true,
            correlation: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbox() -> Outbox {
        Outbox::new(Counters::default())
    }

    fn event(n: usize) -> Message {
        Message {
            topic: "event".into(),
            payload: n.to_string().into_bytes(),
            retain: false,
            correlation: None,
        }
    }

    fn drain(outbox: &Outbox) -> Vec<(String, String)> {
        let messages = std::iter::from_fn(|| outbox.lock().take());
        messages
            .map(|message| (message.topic, String::from_utf8(message.payload).unwrap()))
            .collect()
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected
            .iter()
            .map(|(topic, payload)| ((*topic).into(), (*payload).into()))
            .collect()
    }

    #[test]
    fn of_a_state_only_the_newest_value_is_published_and_only_when_it_changed() {
        let outbox = outbox();
        for value in ["1", "2", "3"] {
            outbox.set_state("a".into(), value.into());
        }
        outbox.set_state("b".into(), "1".into());
        assert_eq!(drain(&outbox), pairs(&[("a", "3"), ("b", "1")]));
        outbox.set_state("a".into(), "3".into());
        assert_eq!(drain(&outbox), []);
    }

    #[test]
    fn after_a_connect_every_state_comes_once_and_the_given_one_last() {
        let outbox = outbox();
        for topic in ["status", "a", "z"] {
            outbox.set_state(topic.into(), "x".into());
        }
        drain(&outbox);
        outbox.set_state("z".into(), "y".into());
        outbox.refresh("status");
        assert_eq!(drain(&outbox), pairs(&[("a", "x"), ("z", "y"), ("status", "x")]));
        assert_eq!(drain(&outbox), []);
    }

    #[test]
    fn of_messages_the_newest_wait_and_the_lost_are_counted() {
        let outbox = outbox();
        (0..MOST_WAITING + 3).for_each(|n| outbox.push(event(n)));
        let left = drain(&outbox);
        assert_eq!(left.len(), MOST_WAITING);
        assert_eq!(left[0].1, "3");
        assert_eq!(outbox.counters.counts().lost_messages, 3);
    }

    #[test]
    fn however_much_is_removed_no_message_is_lost_and_every_topic_is_removed_once() {
        let outbox = outbox();
        outbox.push(event(7));
        outbox.set_state("a".into(), "1".into());
        for n in 0..2 * MOST_REMOVALS {
            outbox.remove(format!("gone {}", n % MOST_REMOVALS));
        }
        let published = drain(&outbox);
        assert_eq!(
            published.iter().filter(|(_, payload)| payload.is_empty()).count(),
            MOST_REMOVALS
        );
        assert!(
            published[..3].contains(&("event".into(), "7".into())),
            "{:?}",
            &published[..3]
        );
        assert_eq!(outbox.counters.counts().lost_messages, 0);
        (0..2 * MOST_REMOVALS).for_each(|n| outbox.remove(format!("{n}")));
        assert_eq!(drain(&outbox).len(), MOST_REMOVALS);
    }

    #[test]
    fn neither_states_nor_messages_hold_the_other_up() {
        let outbox = outbox();
        (0..10).for_each(|n| outbox.push(event(n)));
        (0..10).for_each(|n| outbox.set_state(format!("state {n}"), vec![b'0']));
        let first_four = &drain(&outbox)[..4];
        assert_eq!(first_four.iter().filter(|(topic, _)| topic == "event").count(), 2);
    }

    #[tokio::test]
    async fn whoever_waits_is_woken() {
        let outbox = std::sync::Arc::new(outbox());
        let waiting = tokio::spawn({
            let outbox = outbox.clone();
            async move { outbox.next().await }
        });
        tokio::task::yield_now().await;
        outbox.push(event(7));
        assert_eq!(waiting.await.unwrap(), event(7));
    }
}
