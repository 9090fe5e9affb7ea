//! The buckets of block times: each octave from a microsecond to some seconds in sixteen equal steps.
//!
//! A bucket holds the times above its predecessor's bound up to its own, bound included, which is how Prometheus counts.

/// Steps of an octave: 2 to the power of this.
const STEP_BITS: u32 = 4;

/// Steps of an octave.
pub(crate) const STEPS: usize = 1 << STEP_BITS;

/// Up to 2 to the power of this, 1.024 µs, everything is in the first bucket.
const LOWEST_OCTAVE: u32 = 10;

/// From 2 to the power of this, 4.3 s, on everything is in the last bucket: the longest block lasts 2 s.
const END_OCTAVE: u32 = 32;

/// How many there are.
pub(crate) const BUCKETS: usize = 1 + (END_OCTAVE - LOWEST_OCTAVE) as usize * STEPS + 1;

/// The bucket of a time.
pub(crate) fn index_of(time_ns: u64) -> usize {
    // Counted from zero, so that the bound itself is the last in its bucket.
    let below = time_ns.saturating_sub(1);
    if below >> LOWEST_OCTAVE == 0 {
        return 0;
    }
    let octave = below.ilog2();
    if octave >= END_OCTAVE {
        return BUCKETS - 1;
    }
    let step = (below >> (octave - STEP_BITS)) as usize % STEPS;
    1 + (octave - LOWEST_OCTAVE) as usize * STEPS + step
}

/// The longest time in a bucket; the last has none.
pub(crate) fn upper_bound_ns(index: usize) -> Option<u64> {
    let Some(above) = index.checked_sub(1) else {
        return Some(1 << LOWEST_OCTAVE);
    };
    let (octave, step) = (LOWEST_OCTAVE + (above / STEPS) as u32, above % STEPS);
    (octave < END_OCTAVE).then(|| ((STEPS + step + 1) as u64) << (octave - STEP_BITS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bound_is_the_last_time_of_its_bucket_and_a_sixteenth_at_most_above_the_first() {
        for index in 0..BUCKETS - 1 {
            let bound = upper_bound_ns(index).unwrap();
            assert_eq!((index_of(bound), index_of(bound + 1)), (index, index + 1));
            if let Some(before) = index.checked_sub(1).and_then(upper_bound_ns) {
                assert!((bound - before) * STEPS as u64 <= before, "{before} to {bound}");
            }
        }
        assert_eq!((upper_bound_ns(0), upper_bound_ns(BUCKETS - 2)), (Some(1024), Some(1 << 32)));
        assert_eq!(
            (upper_bound_ns(BUCKETS - 1), index_of(u64::MAX), index_of(0)),
            (None, BUCKETS - 1, 0)
        );
    }
}
