//! The thread that owns the database: takes one command after another, so that SQLite's blocking calls never stand in
//! the way of the network.

use tokio::sync::{mpsc, oneshot};

use super::{Appended, Page, Record, Selection, StoreError, sqlite::Sqlite};
use crate::site::SiteId;

type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// What the thread can be asked to do.
#[derive(Debug)]
pub(super) enum Command {
    /// Store a batch.
    Append {
        site: SiteId,
        records: Vec<Record>,
        reply: Reply<Appended>,
    },
    /// Read a page.
    Select { selection: Selection, reply: Reply<Page> },
    /// Say whether the database answers.
    Probe { reply: Reply<()> },
    /// Close the database and end.
    Close { reply: oneshot::Sender<()> },
}

/// Starts the thread. It ends by [`Command::Close`], or when nobody can send commands any more.
pub(super) fn start(database: Sqlite, commands: mpsc::Receiver<Command>) -> std::io::Result<()> {
    std::thread::Builder::new()
        .name("tenant-store".to_owned())
        .spawn(move || run(database, commands))?;
    Ok(())
}

fn run(mut database: Sqlite, mut commands: mpsc::Receiver<Command>) {
    // Whoever asked may have gone away meanwhile; the work stands all the same, so that a lost answer is no error.
    while let Some(command) = commands.blocking_recv() {
        match command {
            Command::Append { site, records, reply } => {
                let _ = reply.send(database.append(&site, &records));
            }
            Command::Select { selection, reply } => {
                let _ = reply.send(database.select(&selection));
            }
            Command::Probe { reply } => {
                let _ = reply.send(database.probe());
            }
            Command::Close { reply } => {
                drop(database);
                let _ = reply.send(());
                return;
            }
        }
    }
}
