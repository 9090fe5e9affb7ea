//! Event identifiers: UUIDv7, either from the clock and randomness or, for repeatable runs, from stream time and a seed.

use jiff::Timestamp;
use uuid::Uuid;

/// Makes identifiers that are unique per source.
#[derive(Clone, Debug)]
pub enum IdSource {
    /// From the event's time and randomness.
    Random,
    /// From the event's time and a counter, the same in every run with the same seed.
    Seeded {
        /// What tells this source from others.
        seed: u64,
        /// Events so far.
        count: u64,
    },
}

impl IdSource {
    /// Identifiers that are the same in every run with the same seed and times.
    pub fn seeded(seed: u64) -> Self {
        IdSource::Seeded { seed, count: 0 }
    }

    /// The next identifier, for an event of this time.
    pub fn next(&mut self, time: Timestamp) -> Uuid {
        let millis = time.as_millisecond().max(0).unsigned_abs();
        let random = match self {
            IdSource::Random => *Uuid::new_v4().as_bytes(),
            IdSource::Seeded { seed, count } => {
                *count += 1;
                let high = splitmix64(seed.wrapping_add(*count));
                let low = splitmix64(high ^ *count);
                (u128::from(high) << 64 | u128::from(low)).to_be_bytes()
            }
        };
        let mut tail = [0; 10];
        tail.copy_from_slice(&random[..10]);
        uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): a bijection of 64 bits whose outputs look random.
fn splitmix64(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
