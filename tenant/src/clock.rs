//! What time it is, and how a test moves it.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use jiff::{SignedDuration, Timestamp};

/// The system's clock, or one that stands still until it is moved. Clones show the same time.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// The time of this machine.
    #[must_use]
    pub fn system() -> Self {
        Clock(None)
    }

    /// Stands at a time.
    #[must_use]
    pub fn standing_at(time: Timestamp) -> Self {
        Clock(Some(Arc::new(AtomicI64::new(time.as_microsecond()))))
    }

    /// Moves a standing clock; the system's goes on as it does.
    pub fn advance(&self, by: SignedDuration) {
        if let Some(time_us) = &self.0 {
            let by_us = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
            time_us.fetch_add(by_us, Ordering::SeqCst);
        }
    }

    /// Microseconds since 1970.
    pub(crate) fn now_us(&self) -> i64 {
        match &self.0 {
            Some(time_us) => time_us.load(Ordering::SeqCst),
            None => Timestamp::now().as_microsecond(),
        }
    }

    /// Now, to the microsecond.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.now_us()).unwrap_or_default()
    }
}
