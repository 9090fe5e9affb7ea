//! The thread that owns the database: does one job after another, so that SQLite's blocking calls never stand in the way
//! of the network.

use tokio::sync::{mpsc, oneshot};

use super::file::Sqlite;

/// What the thread can be asked to do.
pub(super) enum Command {
    /// Something with the database; it answers by itself.
    Job(Box<dyn FnOnce(&mut Sqlite) + Send>),
    /// Close the database and end.
    Close(oneshot::Sender<()>),
}

/// Starts the thread. It ends by [`Command::Close`], or when nobody can send commands any more.
pub(super) fn start(database: Sqlite, commands: mpsc::Receiver<Command>) -> std::io::Result<()> {
    std::thread::Builder::new()
        .name("tenant-store".to_owned())
        .spawn(move || run(database, commands))?;
    Ok(())
}

fn run(mut database: Sqlite, mut commands: mpsc::Receiver<Command>) {
    while let Some(command) = commands.blocking_recv() {
        match command {
            Command::Job(job) => job(&mut database),
            Command::Close(closed) => {
                drop(database);
                // Whoever asked may have gone away meanwhile.
                let _ = closed.send(());
                return;
            }
        }
    }
}
