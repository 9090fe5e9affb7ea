//! A sender, its outbox, and a tenant made of a closure.

use std::{collections::VecDeque, ops::Range, sync::Mutex, time::Duration};

use habitat_events::{CloudEvent, Data, Event, Mute};
use jiff::Timestamp;
use tokio::{sync::mpsc, task::JoinHandle, time::Instant};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    backoff::Backoff,
    cloud::{FIRST_WAIT, LONGEST_WAIT, client::Tenant, outcome::Answer, sender::Sender, site::Site, token::Token},
    health::{Condition, Health, Part},
    store::{Store, WhenFull},
};

pub type Reply = Result<Answer, String>;
type Behaviour = Box<dyn FnMut(&[u64]) -> Reply + Send>;

/// A request as the tenant saw it.
#[derive(Debug)]
pub struct Post {
    pub at: Instant,
    pub numbers: Vec<u64>,
    pub token: Option<String>,
}

/// What a sender finds.
pub struct Given {
    /// Numbers of the events in its outbox.
    pub waiting: Range<u64>,
    /// How often it has a batch to send.
    pub interval_s: f64,
    /// How long the tenant takes for each.
    pub takes: Duration,
    /// The token, when there is one.
    pub token: Option<&'static str>,
    /// The region that the tenant has to state.
    pub region: Option<&'static str>,
    /// What the tenant says of itself, one answer after another.
    pub greetings: Vec<Reply>,
}

impl Given {
    /// Events that wait, and nothing that matters besides.
    pub fn waiting(waiting: Range<u64>) -> Self {
        Given {
            waiting,
            interval_s: 3600.0,
            takes: Duration::ZERO,
            token: None,
            region: None,
            greetings: Vec::new(),
        }
    }
}

struct FakeTenant {
    takes: Duration,
    greetings: VecDeque<Reply>,
    behaviour: Mutex<Behaviour>,
    posts: mpsc::UnboundedSender<Post>,
}

impl Tenant for FakeTenant {
    async fn greet(&mut self, _: Option<&Token>) -> Reply {
        self.greetings
            .pop_front()
            .unwrap_or_else(|| panic!("nothing demands a handshake"))
    }

    async fn post(&mut self, body: Vec<u8>, token: Option<&Token>) -> Reply {
        if !self.takes.is_zero() {
            tokio::time::sleep(self.takes).await;
        }
        let json = zstd::decode_all(body.as_slice()).unwrap();
        let events: Vec<serde_json::Value> = serde_json::from_slice(&json).unwrap();
        let numbers: Vec<u64> = events.iter().map(number_of).collect();
        let token = token.map(|token| token.secret().to_owned());
        let reply = (self.behaviour.lock().unwrap())(&numbers);
        self.posts
            .send(Post {
                at: Instant::now(),
                numbers,
                token,
            })
            .unwrap();
        reply
    }
}

pub struct Fixture {
    pub folder: tempfile::TempDir,
    pub store: Store,
    pub health: Health,
    pub shutdown: CancellationToken,
    pub posts: mpsc::UnboundedReceiver<Post>,
    pub task: JoinHandle<()>,
}

impl Fixture {
    /// A sender with `waiting` events in its outbox.
    pub async fn start(waiting: Range<u64>, behaviour: impl FnMut(&[u64]) -> Reply + Send + 'static) -> Self {
        Self::with(Given::waiting(waiting), behaviour).await
    }

    /// A sender that finds this, and a tenant that behaves so.
    pub async fn with(given: Given, behaviour: impl FnMut(&[u64]) -> Reply + Send + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let health = Health::default();
        let (store, _) = Store::open(folder.path(), health.clone()).unwrap();
        let token_file = given.token.map(|token| {
            let path = folder.path().join("token");
            // An empty one is not there yet.
            if !token.is_empty() {
                std::fs::write(&path, token).unwrap();
            }
            path
        });
        store.append(events(given.waiting), WhenFull::Wait);
        store.flush().await;
        let (sent, posts) = mpsc::unbounded_channel();
        let tenant = FakeTenant {
            takes: given.takes,
            greetings: given.greetings.into(),
            behaviour: Mutex::new(Box::new(behaviour)),
            posts: sent,
        };
        let cloud = habitat_config::site::Cloud {
            outbox_mib: 4096.0,
            outbox_days: 90.0,
            url: "https://tenant.example".into(),
            tenant: None,
            token_file,
            ca_file: None,
            certificate_file: None,
            key_file: None,
            proxy: None,
            interval_s: given.interval_s,
            region: given.region.map(str::to_owned),
        };
        let shutdown = CancellationToken::new();
        let sender = Sender::new(
            Site::new(&cloud),
            tenant,
            store.clone(),
            health.clone(),
            shutdown.clone(),
            Backoff::new(FIRST_WAIT, LONGEST_WAIT, 7),
        );
        let task = tokio::spawn(sender.run());
        Fixture {
            folder,
            store,
            health,
            shutdown,
            posts,
            task,
        }
    }

    pub async fn next_post(&mut self) -> Post {
        self.posts.recv().await.unwrap()
    }

    /// Requests until the outbox holds nothing that waits.
    pub async fn drain(&mut self) -> Vec<Post> {
        self.store.flush().await;
        let mut pending = self.store.pending_count();
        pending.wait_for(|events| *events == 0).await.unwrap();
        std::iter::from_fn(|| self.posts.try_recv().ok()).collect()
    }

    /// Until something is known about the cloud. Other than a sleep, this keeps paused time from moving.
    pub async fn first_report(&self) {
        while !self.health.snapshot().contains_key(&Part::Cloud) {
            tokio::task::yield_now().await;
        }
    }

    pub fn problem(&self) -> String {
        match &self.health.snapshot()[&Part::Cloud] {
            Condition::Degraded(problem) => problem.clone(),
            Condition::Ok => panic!("the cloud is said to work"),
        }
    }
}

pub fn events(numbers: Range<u64>) -> Vec<CloudEvent> {
    let event = |number: u64| {
        let data = Data::Mute(Mute {
            zone: None,
            muted: true,
            channel: "mqtt".into(),
            by: None,
        });
        let event = Event {
            id: Uuid::from_u128(number.into()),
            source: "/s".into(),
            subject: "s".into(),
            time: Timestamp::UNIX_EPOCH,
            data,
        };
        CloudEvent::other(&event).unwrap()
    };
    numbers.map(event).collect()
}

fn number_of(event: &serde_json::Value) -> u64 {
    let id: Uuid = event["id"].as_str().unwrap().parse().unwrap();
    id.as_u128().try_into().unwrap()
}

pub fn answer(status: u16, body: serde_json::Value) -> Reply {
    Ok(Answer {
        status,
        body: body.to_string().into_bytes(),
        ..Answer::default()
    })
}

pub fn all_accepted(numbers: &[u64]) -> Reply {
    answer(200, serde_json::json!({ "accepted": numbers.len(), "duplicates": 0 }))
}

/// Plays the replies one after another and accepts everything after them.
pub fn script(replies: Vec<Reply>) -> impl FnMut(&[u64]) -> Reply + Send {
    let mut replies = replies.into_iter();
    move |numbers| replies.next().unwrap_or_else(|| all_accepted(numbers))
}
