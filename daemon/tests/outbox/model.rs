//! The store against a model: whatever is done to it in whatever order, nothing is lost, nothing is there twice, and the
//! order is that of arrival.

use std::{collections::BTreeMap, fs};

use ::habitatd::store::{Backlog, Lane, Pending, Store, WhenFull, history};
use habitat_events::{CloudEvent, DroppedEvents};
use proptest::prelude::*;

use crate::events::{event, everything, number_of, open};

/// What can happen to a store.
#[derive(Clone, Debug)]
enum Action {
    /// New events, and some that were there before.
    Append { new: u64, again: Vec<prop::sample::Index> },
    /// A batch was taken by the tenant, all of it or its first part.
    Send { max_events: usize, share: f64 },
    /// A batch was refused in part.
    Refuse { max_events: usize },
    /// Something was confirmed that does not wait, or not any more.
    ConfirmNonsense(Vec<i64>),
    /// The daemon ended and started.
    Reopen,
    /// The machine stopped after a commit, without closing anything: the files as they are, taken elsewhere.
    Crash,
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        4 => (0u64..150, prop::collection::vec(any::<prop::sample::Index>(), 0..5)).prop_map(|(new, again)| Action::Append { new, again }),
        4 => (0usize..120, 0.0..=1.0).prop_map(|(max_events, share)| Action::Send { max_events, share }),
        1 => (0usize..10).prop_map(|max_events| Action::Refuse { max_events }),
        1 => prop::collection::vec(-5i64..2000, 0..5).prop_map(Action::ConfirmNonsense),
        1 => Just(Action::Reopen),
        1 => Just(Action::Crash),
    ]
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Waiting,
    Sent,
    SetAside,
}

/// The store as it should be: event numbers in the order of their arrival, which are 0, 1, 2 …
#[derive(Debug, Default)]
struct Model {
    places: Vec<Place>,
}

impl Model {
    fn waiting(&self) -> Vec<u64> {
        (0..)
            .zip(&self.places)
            .filter(|(_, place)| **place == Place::Waiting)
            .map(|(number, _)| number)
            .collect()
    }

    fn count(&self, wanted: Place) -> u64 {
        self.places.iter().filter(|place| **place == wanted).count() as u64
    }

    fn put(&mut self, numbers: &[u64], place: Place) {
        for number in numbers {
            self.places[usize::try_from(*number).unwrap()] = place;
        }
    }
}

/// The real store beside the model.
struct Subject {
    folder: tempfile::TempDir,
    store: Store,
    model: Model,
    /// Which number the store gave to which event.
    numbers: BTreeMap<i64, u64>,
}

impl Subject {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).0;
        Subject {
            folder,
            store,
            model: Model::default(),
            numbers: BTreeMap::new(),
        }
    }

    async fn act(&mut self, action: Action) {
        match action {
            Action::Append { new, again } => {
                let known = self.model.places.len();
                let mut events: Vec<CloudEvent> = (0..new).map(|number| event(known as u64 + number)).collect();
                for index in again.iter().filter(|_| known > 0) {
                    let at = index.index(events.len() + 1);
                    events.insert(at, event(index.index(known) as u64));
                }
                self.store.append(events, WhenFull::Wait);
                self.model.places.extend((0..new).map(|_| Place::Waiting));
            }
            Action::Send { max_events, share } => {
                let mut batch = self.pending(max_events).await;
                batch.truncate((batch.len() as f64 * share).round() as usize);
                self.store
                    .mark_sent(batch.iter().map(|pending| pending.seq).collect())
                    .await
                    .unwrap();
                self.model.put(&numbers_of(&batch), Place::Sent);
            }
            Action::Refuse { max_events } => {
                let batch = self.pending(max_events).await;
                let refused = batch.iter().map(|pending| (pending.seq, "unknown type".to_owned())).collect();
                self.store.set_aside(refused).await.unwrap();
                self.model.put(&numbers_of(&batch), Place::SetAside);
            }
            Action::ConfirmNonsense(seqs) => {
                // Only what waits may change its place, hence the rest of these must do nothing.
                self.pending(usize::MAX).await;
                let nonsense = |seq: &i64| {
                    let place = self
                        .numbers
                        .get(seq)
                        .map(|number| self.model.places[usize::try_from(*number).unwrap()]);
                    place != Some(Place::Waiting)
                };
                let seqs: Vec<i64> = seqs.into_iter().filter(nonsense).collect();
                self.store.mark_sent(seqs.clone()).await.unwrap();
                self.store
                    .set_aside(seqs.into_iter().map(|seq| (seq, String::new())).collect())
                    .await
                    .unwrap();
            }
            Action::Reopen => self.move_to(tempfile::tempdir().unwrap(), true).await,
            Action::Crash => self.move_to(tempfile::tempdir().unwrap(), false).await,
        }
        self.check().await;
    }

    /// Goes on with a copy of the files, taken after the store was closed or in the middle of its life.
    async fn move_to(&mut self, folder: tempfile::TempDir, close: bool) {
        self.store.flush().await;
        if close {
            self.store = open(tempfile::tempdir().unwrap().path()).0;
        }
        for name in ["habitat.db", "habitat.db-wal"] {
            if self.folder.path().join(name).exists() {
                fs::copy(self.folder.path().join(name), folder.path().join(name)).unwrap();
            }
        }
        self.store = open(folder.path()).0;
        self.folder = folder;
    }

    async fn pending(&mut self, max_events: usize) -> Vec<Pending> {
        let batch = self.store.pending(Lane::Whole, max_events).await.unwrap();
        for pending in &batch {
            let number = number_of(&pending.json);
            assert_eq!(
                *self.numbers.entry(pending.seq).or_insert(number),
                number,
                "a number was given twice"
            );
        }
        batch
    }

    async fn check(&mut self) {
        let waiting = self.model.waiting();
        assert_eq!(numbers_of(&self.pending(usize::MAX).await), waiting);
        let expected = Backlog {
            pending: waiting.len() as u64,
            sent: self.model.count(Place::Sent),
            set_aside: self.model.count(Place::SetAside),
            dropped: 0,
            given_up: DroppedEvents::default(),
        };
        assert_eq!(self.store.backlog().await.unwrap(), expected);
        assert_eq!(*self.store.pending_count().borrow(), expected.pending);
        let history = history(self.folder.path(), &everything()).unwrap();
        let history: Vec<u64> = history.iter().map(|event| number_of(&event.json)).collect();
        assert_eq!(history, (0..self.model.places.len() as u64).collect::<Vec<_>>());
    }
}

fn numbers_of(batch: &[Pending]) -> Vec<u64> {
    batch.iter().map(|pending| number_of(&pending.json)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happens_the_store_agrees_with_its_model(actions in prop::collection::vec(action(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let mut subject = Subject::new();
            for action in actions {
                subject.act(action).await;
            }
        });
    }
}
