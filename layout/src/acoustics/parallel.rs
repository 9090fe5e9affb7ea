//! Independent items on all processors; the result does not depend on how many there are.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::thread;

/// `work` of 0, 1, … `count` - 1, in this order.
pub(crate) fn map<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(count).max(1);
    if threads == 1 {
        return (0..count).map(work).collect();
    }
    let share = count.div_ceil(threads);
    let work = &work;
    let part = |part: usize| -> Vec<T> { (part * share..count.min((part + 1) * share)).map(work).collect() };
    thread::scope(|scope| {
        let parts: Vec<_> = (0..threads).map(|index| scope.spawn(move || part(index))).collect();
        let done = parts
            .into_iter()
            .map(|part| part.join().unwrap_or_else(|panic| resume_unwind(panic)));
        done.flatten().collect()
    })
}

#[cfg(test)]
mod tests {
    use super::map;

    #[test]
    fn the_order_is_kept_and_nothing_is_lost_for_any_count() {
        for count in 0..70 {
            assert_eq!(
                map(count, |index| index * index),
                (0..count).map(|index| index * index).collect::<Vec<_>>()
            );
        }
    }
}
