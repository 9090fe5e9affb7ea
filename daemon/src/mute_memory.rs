//! Mutes on their way to the disk: in the order in which they happened, and behind the sound, which waits for no disk.

use std::time::Duration;

use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use crate::{
    health::{Health, Part},
    store::Store,
};

/// Whoever asked for a mute is answered after this time even if the disk hangs.
const PATIENCE: Duration = Duration::from_secs(1);

/// The way to the disk.
pub(crate) struct MuteMemory {
    entries: mpsc::UnboundedSender<Entry>,
    health: Health,
}

enum Entry {
    /// A zone or, with `None`, the site, and whether it is muted now.
    Mute(Option<String>, bool),
    /// Somebody wants to know when all before is there.
    Tell(oneshot::Sender<()>),
}

impl MuteMemory {
    /// Remembers nothing without a store. Must be called within a Tokio runtime.
    pub fn new(store: Option<Store>, health: Health) -> Self {
        let (entries, waiting) = mpsc::unbounded_channel();
        if let Some(store) = store {
            tokio::spawn(write(store, health.clone(), waiting));
        }
        MuteMemory { entries, health }
    }

    /// Remembers a mute or a release; does not wait.
    pub fn remember(&self, zone: Option<String>, muted: bool) {
        // Without a store nobody receives it, and when the runtime has ended nothing is stored any more.
        let _ = self.entries.send(Entry::Mute(zone, muted));
    }

    /// Waits until all mutes so far are on the disk, or the disk has refused them, or for as long as anyone may wait for that.
    /// What went wrong is on the health board.
    pub async fn settled(&self) {
        let (tell, told) = oneshot::channel();
        if self.entries.send(Entry::Tell(tell)).is_ok() && timeout(PATIENCE, told).await.is_err() {
            self.health.degraded(
                Part::Store,
                "the disk does not answer; a mute or a release would not survive a restart now",
            );
        }
    }
}

async fn write(store: Store, health: Health, mut entries: mpsc::UnboundedReceiver<Entry>) {
    while let Some(entry) = entries.recv().await {
        match entry {
            Entry::Mute(zone, muted) => {
                if let Err(error) = store.save_mute(zone.as_deref(), muted).await {
                    health.degraded(
                        Part::Store,
                        format!("a mute could not be stored and would not survive a restart: {error}"),
                    );
                }
            }
            Entry::Tell(told) => {
                // Who asked may have given up waiting.
                let _ = told.send(());
            }
        }
    }
}
