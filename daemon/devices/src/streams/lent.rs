//! Something that is lent to a callback and comes back when the callback is dropped.

use std::sync::mpsc::SyncSender;

/// A ring's end in a callback.
pub struct Lent<T> {
    thing: Option<T>,
    owner: SyncSender<T>,
}

impl<T> Lent<T> {
    /// Lends a thing; `owner` has to have room for one.
    pub fn new(thing: T, owner: SyncSender<T>) -> Self {
        Lent {
            thing: Some(thing),
            owner,
        }
    }

    /// The thing, while it is lent.
    pub fn get(&mut self) -> Option<&mut T> {
        self.thing.as_mut()
    }
}

impl<T> Drop for Lent<T> {
    fn drop(&mut self) {
        if let Some(thing) = self.thing.take() {
            // An owner that is gone needs it no more.
            let _ = self.owner.try_send(thing);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_lent_comes_back_with_the_end_of_the_callback() {
        let (owner, back) = std::sync::mpsc::sync_channel(1);
        let mut lent = Lent::new(5, owner);
        let callback = move || lent.get().map(|number| *number += 1);
        assert!(back.try_recv().is_err());
        let mut callback = callback;
        callback();
        drop(callback);
        assert_eq!(back.try_recv(), Ok(6));
    }
}
