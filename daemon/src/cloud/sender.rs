//! The state machine that empties the outbox.
//!
//! ```text
//! Idle ──interval over, or a full batch waits──► Shipping ──nothing waits──► Idle
//!                                                   │ │ └──refused as a whole──► Shipping, half of it
//!                        no answer, or not now ◄────┘ │
//!                 Waiting ──time over──► Shipping     └──answered──► Settling ──committed──► Shipping or Idle
//! ```
//! Shutdown ends every wait. From Idle, and from a wait that the tenant has not asked for, one last attempt follows.

use std::{path::PathBuf, time::Duration};

use habitat_config::site::Cloud;
use jiff::Timestamp;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{
    batch,
    batch_size::BatchSize,
    client::Tenant,
    outcome::{self, Outcome},
    token::{Token, TokenError},
};
use crate::{
    backoff::Backoff,
    health::{Health, Part},
    store::{Pending, Store, StoreError},
};

/// How long nothing is sent after the tenant did not let us in, or while a file that is needed cannot be read: somebody
/// has to do something, and this is how long they wait to see that it helped.
pub(super) const PAUSE: Duration = Duration::from_secs(60);

/// What the sender needs to know of the configuration.
#[derive(Clone, Debug)]
pub(super) struct Site {
    url: String,
    token_file: Option<PathBuf>,
    interval: Duration,
}

impl Site {
    pub fn new(cloud: &Cloud) -> Self {
        Site {
            url: cloud.url.clone(),
            token_file: cloud.token_file.clone(),
            // A checked configuration has no other values.
            interval: Duration::try_from_secs_f64(cloud.interval_s).unwrap_or(PAUSE),
        }
    }
}

/// Where the sender is.
#[derive(Debug)]
enum State {
    /// Nothing is due.
    Idle,
    /// The oldest events go out.
    Shipping,
    /// The tenant has answered; the outbox has to know before anything else goes out.
    Settling(Settlement),
    /// Nothing goes out for this long.
    Waiting {
        time: Duration,
        /// Whether an attempt before that would be against the tenant's will, or in vain.
        strict: bool,
    },
}

/// What the tenant's answer means for the outbox.
#[derive(Debug, Default)]
struct Settlement {
    sent: Vec<i64>,
    refused: Vec<(i64, String)>,
    /// Whether more events waited than were sent.
    more: bool,
}

/// Owns the way to the tenant.
#[derive(Debug)]
pub(super) struct Sender<T> {
    site: Site,
    tenant: T,
    store: Store,
    waiting_events: watch::Receiver<u64>,
    health: Health,
    shutdown: CancellationToken,
    backoff: Backoff,
    size: BatchSize,
    /// The attempt that is on its way, or was last, began after shutdown.
    last_attempt: bool,
}

impl<T: Tenant> Sender<T> {
    pub fn new(site: Site, tenant: T, store: Store, health: Health, shutdown: CancellationToken, backoff: Backoff) -> Self {
        let waiting_events = store.pending_count();
        let size = BatchSize::full();
        Sender {
            site,
            tenant,
            store,
            waiting_events,
            health,
            shutdown,
            backoff,
            size,
            last_attempt: false,
        }
    }

    /// Ships until shutdown. Begins with what the last run left behind.
    pub async fn run(mut self) {
        let mut state = Some(State::Shipping);
        while let Some(current) = state {
            state = match current {
                State::Shipping => Some(self.ship().await),
                State::Settling(settlement) => self.settle(settlement).await,
                State::Idle | State::Waiting { .. } if self.last_attempt => None,
                State::Idle => self.idle().await,
                State::Waiting { time, strict } => self.wait(time, strict).await,
            };
        }
    }

    async fn idle(&mut self) -> Option<State> {
        let full_batch = self.waiting_events.wait_for(|events| *events >= batch::MAX_EVENTS as u64);
        tokio::select! {
            () = self.shutdown.cancelled() => {}
            () = tokio::time::sleep(self.site.interval) => {}
            _ = full_batch => {}
        }
        Some(State::Shipping)
    }

    async fn wait(&mut self, time: Duration, strict: bool) -> Option<State> {
        tokio::select! {
            () = self.shutdown.cancelled() => (!strict).then_some(State::Shipping),
            () = tokio::time::sleep(time) => Some(State::Shipping),
        }
    }

    async fn ship(&mut self) -> State {
        self.last_attempt = self.shutdown.is_cancelled();
        // One more than goes out, to know whether more wait.
        let mut events = match self.store.pending(self.size.events() + 1).await {
            Ok(events) if events.is_empty() => return State::Idle,
            Ok(events) => events,
            // The store has told the health board.
            Err(_) => return self.wait_for_backoff(),
        };
        let waiting = events.len();
        events.truncate(self.size.events());
        batch::cut_to_size(&mut events);
        let more = events.len() < waiting;
        match self.post(&events).await {
            Ok(outcome) => self.after(outcome, &events, more),
            Err(error) => {
                self.health.degraded(Part::Cloud, error.to_string());
                State::Waiting {
                    time: PAUSE,
                    strict: true,
                }
            }
        }
    }

    async fn post(&self, events: &[Pending]) -> Result<Outcome, TokenError> {
        // A few bytes from a local disk; not worth another thread.
        let token = self.site.token_file.as_deref().map(Token::read).transpose()?;
        let answer = match batch::encode(events) {
            Ok(body) => self.tenant.post(body, token.as_ref()).await,
            Err(error) => Err(format!("the batch cannot be compressed: {error}")),
        };
        Ok(match answer {
            Ok(answer) => outcome::of(&answer, events.len(), Timestamp::now()),
            Err(problem) => Outcome::Retry(problem),
        })
    }

    /// What follows from an answer to these events. Does nothing that takes time.
    fn after(&mut self, outcome: Outcome, events: &[Pending], more: bool) -> State {
        let seqs = events.iter().map(|event| event.seq);
        match outcome {
            Outcome::Delivered => State::Settling(Settlement {
                sent: seqs.collect(),
                more,
                ..Settlement::default()
            }),
            Outcome::RefusedEvents {
                mut refused,
                others_stored,
            } => {
                let mut settlement = Settlement {
                    more: more || !others_stored,
                    ..Settlement::default()
                };
                for (index, seq) in seqs.enumerate() {
                    match refused.remove(&index) {
                        Some(reason) => settlement.refused.push((seq, reason)),
                        None if others_stored => settlement.sent.push(seq),
                        None => {}
                    }
                }
                State::Settling(settlement)
            }
            Outcome::RefusedBatch(reason) => self.after_refusal(reason, events, more),
            Outcome::TooLarge => self.after_refusal("too large for the tenant".to_owned(), events, more),
            Outcome::Unauthorised => {
                self.report_unauthorised();
                State::Waiting {
                    time: PAUSE,
                    strict: true,
                }
            }
            Outcome::WaitFor(time) => {
                self.report("it asks to wait");
                State::Waiting { time, strict: true }
            }
            Outcome::Retry(problem) => {
                self.report(&problem);
                self.wait_for_backoff()
            }
        }
    }

    /// A batch is halved until the event that is the reason stands alone.
    fn after_refusal(&mut self, reason: String, events: &[Pending], more: bool) -> State {
        match events {
            [event] => State::Settling(Settlement {
                refused: vec![(event.seq, reason)],
                more,
                ..Settlement::default()
            }),
            _ => {
                self.size.refused(events.len());
                State::Shipping
            }
        }
    }

    async fn settle(&mut self, settlement: Settlement) -> Option<State> {
        while self.commit(&settlement).await.is_err() {
            // The store has told the health board. If this ends here, the events are sent again after the next start,
            // and the tenant knows them.
            let time = self.backoff.next();
            tokio::select! {
                () = self.shutdown.cancelled() => return None,
                () = tokio::time::sleep(time) => {}
            }
        }
        if let Some((_, reason)) = settlement.refused.first() {
            tracing::warn!(
                events = settlement.refused.len(),
                reason,
                "the tenant refused events, they are set aside"
            );
            self.health.degraded(
                Part::Cloud,
                format!(
                    "the tenant at {} refuses events, which are set aside: {reason}",
                    self.site.url
                ),
            );
        }
        if settlement.sent.is_empty() {
            // A tenant that takes nothing at all is not asked at full speed.
            return Some(self.wait_for_backoff());
        }
        self.health.ok(Part::Cloud);
        self.backoff.reset();
        self.size.taken();
        Some(if settlement.more { State::Shipping } else { State::Idle })
    }

    async fn commit(&self, settlement: &Settlement) -> Result<(), StoreError> {
        if !settlement.refused.is_empty() {
            self.store.set_aside(settlement.refused.clone()).await?;
        }
        if !settlement.sent.is_empty() {
            self.store.mark_sent(settlement.sent.clone()).await?;
        }
        Ok(())
    }

    fn wait_for_backoff(&mut self) -> State {
        State::Waiting {
            time: self.backoff.next(),
            strict: false,
        }
    }

    fn report(&self, problem: &str) {
        let text = format!(
            "no events go to the tenant at {}: {problem}; they are kept and sent later",
            self.site.url
        );
        self.health.degraded(Part::Cloud, text);
    }

    fn report_unauthorised(&self) {
        self.report(&match &self.site.token_file {
            Some(path) => format!(
                "it does not accept the token in {}; check that the file holds the token of this site and that it has not been revoked",
                path.display()
            ),
            None => "it asks for a token and `cloud.token_file` is not set".to_owned(),
        });
    }
}
