//! What streams of one sound server have to know of each other.
//!
//! The library of JACK crashes when a client is made while one of a dead server is still there, or while another is made or closed. So
//! streams are opened and closed one at a time, and after one has failed all others of its server are closed before any is opened.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use habitat_events::FaultReason;

/// The streams of one server; or a stream that needs nobody's consent.
#[derive(Clone, Debug, Default)]
pub struct Server(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// Held by whoever opens or closes a stream.
    busy: Mutex<()>,
    lives: Mutex<Lives>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Lives {
    /// How often the server has been begun anew.
    life: u64,
    /// Streams of this life, and those of earlier ones that are still open.
    open: usize,
    left_over: usize,
    /// Why the last life ended.
    failed: Option<FaultReason>,
}

impl Server {
    /// Why a life has ended; `None` while it goes on.
    pub fn failure(&self, life: u64) -> Option<FaultReason> {
        let lives = self.lives();
        lives.failed.filter(|_| lives.life != life)
    }

    /// A stream of a life has failed: all others of it have to be closed.
    pub fn fail(&self, life: u64, reason: FaultReason) {
        let mut lives = self.lives();
        if lives.life == life {
            lives.life += 1;
            lives.failed = Some(reason);
            lives.left_over += std::mem::take(&mut lives.open);
        }
    }

    /// Opens a stream, and gives it with the life that it belongs to; `None` while streams of an earlier life are open.
    pub fn open<T, E>(&self, open: impl FnOnce() -> Result<T, E>) -> Option<Result<(T, u64), E>> {
        let _busy = self.busy();
        if self.lives().left_over > 0 {
            return None;
        }
        let opened = open().map(|stream| {
            let mut lives = self.lives();
            lives.open += 1;
            (stream, lives.life)
        });
        Some(opened)
    }

    /// Closes a stream of a life.
    pub fn close<T>(&self, stream: T, life: u64) {
        let _busy = self.busy();
        drop(stream);
        let mut lives = self.lives();
        if lives.life == life {
            lives.open = lives.open.saturating_sub(1);
        } else {
            lives.left_over = lives.left_over.saturating_sub(1);
        }
    }

    fn busy(&self) -> MutexGuard<'_, ()> {
        self.0.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lives(&self) -> MutexGuard<'_, Lives> {
        self.0.lives.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_opened_before_all_of_an_earlier_life_are_closed() {
        let server = Server::default();
        let open = || server.open(|| Ok::<_, ()>("stream"));
        let (one, other) = (open().unwrap().unwrap(), open().unwrap().unwrap());
        assert_eq!((one.1, other.1), (0, 0));
        assert_eq!(server.failure(0), None);
        server.fail(0, FaultReason::Stalled);
        server.fail(0, FaultReason::Lost);
        assert_eq!(
            server.failure(0),
            Some(FaultReason::Stalled),
            "both have failed of the first's cause"
        );
        server.close(one.0, one.1);
        assert!(open().is_none());
        server.close(other.0, other.1);
        assert_eq!(open().unwrap().unwrap().1, 1);
        assert_eq!(server.open(|| Err::<(), _>("refused")), Some(Err("refused")));
    }
}
