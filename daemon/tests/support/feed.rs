//! The same sound again and again, as fast as a daemon takes it.

use std::{
    io::Write,
    process::ChildStdin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::JoinHandle,
};

use crate::habitatd::Daemon;

/// Frames of a block.
pub const BLOCK_FRAMES: usize = 800;

/// Gives until the daemon dies or the thread is told to stop.
pub struct Feed {
    fed: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<ChildStdin>,
}

impl Feed {
    /// With samples for so many microphones, as bytes.
    pub fn start(daemon: &mut Daemon, sound: Arc<Vec<u8>>, microphones: usize) -> Self {
        let (mut stdin, mut stdout) = daemon.streams();
        let (fed, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (count, stopped) = (fed.clone(), stop.clone());
        std::thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
        let thread = std::thread::spawn(move || {
            for piece in sound.chunks(BLOCK_FRAMES * microphones * 4).cycle() {
                if stopped.load(Ordering::Relaxed) || stdin.write_all(piece).is_err() {
                    break;
                }
                count.fetch_add(BLOCK_FRAMES as u64, Ordering::Relaxed);
            }
            stdin
        });
        Feed { fed, stop, thread }
    }

    /// Stops, and says how many frames the daemon was given.
    pub fn stop(self) -> (u64, ChildStdin) {
        self.stop.store(true, Ordering::Relaxed);
        let stdin = self.thread.join().unwrap();
        (self.fed.load(Ordering::Relaxed), stdin)
    }
}
