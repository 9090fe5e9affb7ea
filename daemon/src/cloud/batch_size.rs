//! How many events go into a request: halved when the tenant refuses a request as a whole, slowly up again otherwise.
//!
//! Halving finds the one event that a tenant cannot take in eight steps, and the largest batch that fits; growing by a
//! fixed step rather than by doubling keeps a tenant with a low limit from refusing every second request.

use super::batch;

/// Events by which the size grows after a batch that was taken: from one event to a full batch in twenty requests.
const STEP_UP: usize = 25;

/// The present size.
#[derive(Clone, Copy, Debug)]
pub(super) struct BatchSize {
    events: usize,
}

impl BatchSize {
    /// A full batch.
    pub fn full() -> Self {
        BatchSize {
            events: batch::MAX_EVENTS,
        }
    }

    /// Most events of the next request.
    pub fn events(self) -> usize {
        self.events
    }

    /// A request with so many events was taken.
    pub fn taken(&mut self) {
        self.events = (self.events + STEP_UP).min(batch::MAX_EVENTS);
    }

    /// A request with so many events was refused as a whole.
    pub fn refused(&mut self, events: usize) {
        self.events = (events / 2).max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_batch_comes_down_to_a_single_event_in_eight_refusals_and_stays_there() {
        let mut size = BatchSize::full();
        let mut refusals = 0;
        while size.events() > 1 {
            size.refused(size.events());
            refusals += 1;
        }
        assert_eq!(refusals, 500f64.log2().floor() as usize);
        size.refused(1);
        assert_eq!(size.events(), 1);
    }

    #[test]
    fn it_grows_back_to_a_full_batch_and_not_beyond() {
        let mut size = BatchSize::full();
        size.refused(3);
        for _ in 0..20 {
            size.taken();
        }
        assert_eq!(size.events(), 500);
    }
}
