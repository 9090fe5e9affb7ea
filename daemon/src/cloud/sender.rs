//! The state machine that empties the outbox.
//!
//! ```text
//! Idle ──interval over, or a full batch waits──► Shipping ──nothing waits──► Idle
//!                                                   │ │ └──refused as a whole──► Shipping, half of it
//!                        no answer, or not now ◄────┘ │
//!                 Waiting ──time over──► Shipping     └──answered──► Settling ──committed──► Shipping or Idle
//! ```
//! Shutdown ends every wait. From Idle, and from a wait that the tenant has not asked for, one last attempt follows.

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{
    batch,
    batch_size::BatchSize,
    client::Tenant,
    handshake::{Handshake, Verdict},
    lanes::Lanes,
    outcome::{self, Hindrance, Outcome},
    site::Site,
    token::Token,
};
use crate::{
    backoff::Backoff,
    health::{Health, Part},
    store::{Lane, Pending, Store, StoreError},
};

/// How long nothing is sent after the tenant did not let us in, or while a file that is needed cannot be read: somebody
/// has to do something, and this is how long they wait to see that it helped.
const PAUSE: Duration = Duration::from_secs(60);

/// Where the sender is.
#[derive(Debug)]
enum State {
    /// Nothing is due.
    Idle,
    /// The oldest events of a lane go out.
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

/// Somebody has to do something first.
const PAUSED: State = State::Waiting {
    time: PAUSE,
    strict: true,
};

/// What the tenant's answer means for the outbox.
#[derive(Debug)]
struct Settlement {
    lane: Lane,
    sent: Vec<i64>,
    refused: Vec<(i64, String)>,
    /// Whether more events waited in the lane than were sent.
    more: bool,
}

/// Events on their way.
#[derive(Debug)]
struct Batch {
    lane: Lane,
    events: Vec<Pending>,
    /// Whether more wait in the lane.
    more: bool,
}

impl Batch {
    /// What has become of none of them yet.
    fn settlement(&self) -> Settlement {
        Settlement {
            lane: self.lane,
            sent: Vec::new(),
            refused: Vec::new(),
            more: self.more,
        }
    }
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
    handshake: Handshake,
    lanes: Lanes,
    size: BatchSize,
    /// The attempt that is on its way, or was last, began after shutdown.
    last_attempt: bool,
}

impl<T: Tenant> Sender<T> {
    pub fn new(site: Site, tenant: T, store: Store, health: Health, shutdown: CancellationToken, backoff: Backoff) -> Self {
        let waiting_events = store.pending_count();
        let handshake = Handshake::new(site.demands.clone());
        let lanes = Lanes::new(site.interval);
        Sender {
            site,
            tenant,
            store,
            waiting_events,
            health,
            shutdown,
            backoff,
            handshake,
            lanes,
            size: BatchSize::full(),
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
        let batch = match self.next_batch().await {
            Ok(batch) if batch.events.is_empty() => return self.nothing_left(batch.lane),
            Ok(batch) => batch,
            // The store has told the health board.
            Err(_) => return self.wait_for_backoff(),
        };
        // A few bytes from a local disk; not worth another thread.
        let token = match self.site.token_file.as_deref().map(Token::read).transpose() {
            Ok(token) => token,
            Err(error) => {
                self.health.degraded(Part::Cloud, error.to_string());
                return PAUSED;
            }
        };
        if self.handshake.is_due()
            && let Some(hindered) = self.greet(token.as_ref()).await
        {
            return hindered;
        }
        let outcome = self.post(&batch.events, token.as_ref()).await;
        self.after(outcome, &batch)
    }

    /// Asks the tenant what it is; `None` when something may be sent to it.
    async fn greet(&mut self, token: Option<&Token>) -> Option<State> {
        let verdict = match self.tenant.greet(token).await {
            Ok(answer) => self.handshake.judge(&answer, Timestamp::now()),
            Err(problem) => Verdict::Unanswered(Hindrance::Retry(problem)),
        };
        match verdict {
            Verdict::Agreed => None,
            Verdict::Unanswered(hindrance) => Some(self.hindered(hindrance)),
            Verdict::Forbidden(objection) => {
                self.report(&objection);
                Some(PAUSED)
            }
        }
    }

    async fn next_batch(&mut self) -> Result<Batch, StoreError> {
        let waiting = *self.waiting_events.borrow();
        if self.lanes.needs_cut(waiting)
            && let Some(newest) = self.store.newest_pending().await?
        {
            self.lanes.cut(newest, waiting);
        }
        if self.last_attempt {
            self.lanes.hurry();
        }
        let lane = self.lanes.next();
        let most = self.size.events();
        // One more than goes out, to know whether more wait.
        let mut events = self.store.pending(lane, most + 1).await?;
        let waiting = events.len();
        events.truncate(most);
        batch::cut_to_size(&mut events);
        let more = events.len() < waiting;
        Ok(Batch { lane, events, more })
    }

    fn nothing_left(&mut self, lane: Lane) -> State {
        self.lanes.settled(lane, 0, false);
        match lane {
            Lane::Whole => State::Idle,
            _ => State::Shipping,
        }
    }

    async fn post(&mut self, events: &[Pending], token: Option<&Token>) -> Outcome {
        let answer = match batch::encode(events) {
            Ok(body) => self.tenant.post(body, token).await,
            Err(error) => Err(format!("the batch cannot be compressed: {error}")),
        };
        match answer {
            Ok(answer) => outcome::of(&answer, events.len(), Timestamp::now()),
            Err(problem) => Outcome::Hindered(Hindrance::Retry(problem)),
        }
    }

    /// What follows from an answer to these events. Does nothing that takes time.
    fn after(&mut self, outcome: Outcome, batch: &Batch) -> State {
        let seqs = batch.events.iter().map(|event| event.seq);
        match outcome {
            Outcome::Delivered => State::Settling(Settlement {
                sent: seqs.collect(),
                ..batch.settlement()
            }),
            Outcome::RefusedEvents {
                mut refused,
                others_stored,
            } => {
                let mut settlement = batch.settlement();
                settlement.more |= !others_stored;
                for (index, seq) in seqs.enumerate() {
                    match refused.remove(&index) {
                        Some(reason) => settlement.refused.push((seq, reason)),
                        None if others_stored => settlement.sent.push(seq),
                        None => {}
                    }
                }
                State::Settling(settlement)
            }
            Outcome::RefusedBatch(reason) => self.after_refusal(reason, batch),
            Outcome::TooLarge => self.after_refusal("too large for the tenant".to_owned(), batch),
            Outcome::Hindered(hindrance) => self.hindered(hindrance),
        }
    }

    /// A request came to nothing; the next one may be answered by somebody else.
    fn hindered(&mut self, hindrance: Hindrance) -> State {
        self.handshake.forget();
        match hindrance {
            Hindrance::Unauthorised => {
                self.report_unauthorised();
                PAUSED
            }
            Hindrance::WaitFor(time) => {
                self.report("it asks to wait");
                State::Waiting { time, strict: true }
            }
            Hindrance::Retry(problem) => {
                self.report(&problem);
                self.wait_for_backoff()
            }
        }
    }

    /// A batch is halved until the event that is the reason stands alone.
    fn after_refusal(&mut self, reason: String, batch: &Batch) -> State {
        match batch.events.as_slice() {
            [event] => State::Settling(Settlement {
                refused: vec![(event.seq, reason)],
                ..batch.settlement()
            }),
            events => {
                // The lane does not change before something of it is settled, so this goes on until the event is found.
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
        let settled = settlement.sent.len() + settlement.refused.len();
        self.lanes.settled(settlement.lane, settled, settlement.more);
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
        // After the end of a backlog there is what came since.
        let goes_on = settlement.more || settlement.lane != Lane::Whole;
        Some(if goes_on { State::Shipping } else { State::Idle })
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
        let shown = [("token", &self.site.token_file), ("certificate", &self.site.certificate_file)];
        let shown = shown.into_iter().find_map(|(what, file)| Some((what, file.as_ref()?)));
        self.report(&match shown {
            Some((what, path)) => format!(
                "it does not accept the {what} in {}; check that the file holds the {what} of this site and that it has not been revoked",
                path.display()
            ),
            None => "it asks for a token or certificate, and neither `cloud.token_file` nor `cloud.certificate_file` is set".to_owned(),
        });
    }
}
