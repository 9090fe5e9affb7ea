//! Commands that wait, a line for each topic: they are taken from one line after the other, so that a flood on one topic holds no other up.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

/// So many commands a second are carried out for one topic for long, and so many at once: each is a commit on the disk and an event.
const LASTING_PER_S: f64 = 20.0;
const AT_ONCE: f64 = 64.0;

/// Topics with a line; those of zones that do not exist are soon forgotten.
const MOST_LINES: usize = 4096;

/// Why something does not go in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooMany;

/// The lines. Filled without waiting; one task empties them.
#[derive(Debug)]
pub(super) struct FairQueue<T> {
    lines: Mutex<Lines<T>>,
    more: Notify,
}

#[derive(Debug)]
struct Lines<T> {
    by_topic: HashMap<String, Line<T>>,
    /// Topics with something in their lines, the next first.
    turns: VecDeque<String>,
}

#[derive(Debug)]
struct Line<T> {
    waiting: VecDeque<T>,
    /// How many more may come now; it grows with time.
    allowed: f64,
    at: Instant,
}

impl<T> FairQueue<T> {
    /// Nothing waits.
    pub fn new() -> Self {
        FairQueue {
            lines: Mutex::new(Lines {
                by_topic: HashMap::new(),
                turns: VecDeque::new(),
            }),
            more: Notify::new(),
        }
    }

    /// Puts something at the end of its line.
    ///
    /// # Errors
    /// When more has come on that topic than is carried out, or on more topics than any site has.
    pub fn push(&self, topic: &str, item: T) -> Result<(), TooMany> {
        let now = Instant::now();
        let mut lines = self.lock();
        if !lines.by_topic.contains_key(topic) && lines.by_topic.len() >= MOST_LINES {
            lines.by_topic.retain(|_, line| !line.is_idle(now));
            if lines.by_topic.len() >= MOST_LINES {
                return Err(TooMany);
            }
        }
        let line = lines.by_topic.entry(topic.to_owned()).or_insert_with(|| Line::new(now));
        if !line.admits(now) {
            return Err(TooMany);
        }
        line.waiting.push_back(item);
        if line.waiting.len() == 1 {
            lines.turns.push_back(topic.to_owned());
        }
        drop(lines);
        self.more.notify_one();
        Ok(())
    }

    /// Waits for the next. One caller at a time.
    pub async fn next(&self) -> T {
        loop {
            if let Some(item) = self.lock().take() {
                return item;
            }
            self.more.notified().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Lines<T>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Lines<T> {
    fn take(&mut self) -> Option<T> {
        let topic = self.turns.pop_front()?;
        let line = self.by_topic.get_mut(&topic)?;
        let item = line.waiting.pop_front();
        if !line.waiting.is_empty() {
            self.turns.push_back(topic);
        }
        item
    }
}

impl<T> Line<T> {
    fn new(now: Instant) -> Self {
        Line {
            waiting: VecDeque::new(),
            allowed: AT_ONCE,
            at: now,
        }
    }

    fn admits(&mut self, now: Instant) -> bool {
        let since = now.duration_since(self.at);
        self.at = now;
        self.allowed = (self.allowed + since.as_secs_f64() * LASTING_PER_S).min(AT_ONCE);
        let admits = self.allowed >= 1.0;
        if admits {
            self.allowed -= 1.0;
        }
        admits
    }

    fn is_idle(&self, now: Instant) -> bool {
        self.waiting.is_empty() && now.duration_since(self.at) >= Duration::from_secs_f64(AT_ONCE / LASTING_PER_S)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_topic_has_its_turn_whatever_waits_on_others() {
        let queue = FairQueue::new();
        (0..50).for_each(|n| queue.push("flood", n).unwrap());
        queue.push("quiet", 100).unwrap();
        queue.push("other", 200).unwrap();
        let mut order = Vec::new();
        for _ in 0..5 {
            order.push(queue.next().await);
        }
        assert_eq!(order, [0, 100, 200, 1, 2]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_let_in_at_the_lasting_rate_and_no_other_topic_notices() {
        let queue = FairQueue::new();
        let let_in = |times: usize| (0..times).filter(|n| queue.push("flood", *n).is_ok()).count();
        assert_eq!(let_in(1000), AT_ONCE as usize);
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(let_in(1000), 2 * LASTING_PER_S as usize);
        assert_eq!(queue.push("quiet", 0), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn names_that_nobody_has_do_not_fill_the_memory() {
        let queue = FairQueue::new();
        let fill = || (0..2 * MOST_LINES).filter(|n| queue.push(&n.to_string(), *n).is_ok()).count();
        assert_eq!(fill(), MOST_LINES);
        for _ in 0..MOST_LINES {
            queue.next().await;
        }
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!(queue.push("north-east", 0), Ok(()));
        assert_eq!(queue.lock().by_topic.len(), 1);
    }
}
