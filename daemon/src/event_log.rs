//! The event log file: one CloudEvents document per line.
//!
//! A thread of its own writes it, so that a slow or full disk holds nothing up. A line is either in the file whole or not at
//! all: what a failed write left behind is cut off again, and so is a torn last line from a crash.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use habitat_events::Event;

use crate::{
    health::{Health, Part},
    store::WhenFull,
};

/// Lines that wait for the disk before further ones are dropped.
const QUEUE_LINES: usize = 8192;

/// A disk that refused a write is tried again after this time.
const RETRY: Duration = Duration::from_secs(1);

/// How long the disk may take for the last lines.
const CLOSE: Duration = Duration::from_secs(2);

/// The way into the log. Cheap to clone; the file is closed when the [`EventLogThread`] is joined.
#[derive(Clone)]
pub struct EventLog {
    lines: SyncSender<Option<Vec<u8>>>,
    dropped: Arc<AtomicU64>,
}

/// The writing thread.
pub struct EventLogThread {
    lines: SyncSender<Option<Vec<u8>>>,
    thread: JoinHandle<()>,
}

impl EventLog {
    /// Opens the file for appending and starts the thread.
    ///
    /// # Errors
    /// When the file cannot be opened now; later failures go to `health`.
    pub fn open(path: &Path, health: Health) -> io::Result<(EventLog, EventLogThread)> {
        let writer = Writer::open(path)?;
        let (lines, queue) = sync_channel(QUEUE_LINES);
        let dropped = Arc::new(AtomicU64::new(0));
        let log = EventLog {
            lines: lines.clone(),
            dropped: dropped.clone(),
        };
        health.ok(Part::EventLog);
        let work = move || write_lines(writer, &queue, &health, &dropped);
        let thread = std::thread::Builder::new().name("event-log".into()).spawn(work)?;
        Ok((log, EventLogThread { lines, thread }))
    }

    /// Appends an event. A live daemon drops it when the queue is full; a `pipe` run waits.
    pub fn append(&self, event: &Event, when_full: WhenFull) {
        let Ok(mut line) = serde_json::to_vec(event) else { return };
        line.push(b'\n');
        let taken = match when_full {
            WhenFull::Wait => self.lines.send(Some(line)).is_ok(),
            WhenFull::Drop => self.lines.try_send(Some(line)).is_ok(),
        };
        if !taken {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl EventLogThread {
    /// Writes what is queued and closes the file. A disk that hangs is left alone after a while.
    pub fn close(self) {
        let deadline = Instant::now() + CLOSE;
        // The end mark waits its turn behind every line.
        while self.lines.try_send(None).is_err() && Instant::now() < deadline && !self.thread.is_finished() {
            std::thread::sleep(Duration::from_millis(5));
        }
        while !self.thread.is_finished() {
            if Instant::now() > deadline {
                tracing::warn!("the event log's disk does not answer; its last lines are lost");
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        if self.thread.join().is_err() {
            tracing::error!("the event log's thread ended by a panic");
        }
    }
}

fn write_lines(mut writer: Writer, queue: &Receiver<Option<Vec<u8>>>, health: &Health, dropped: &AtomicU64) {
    let mut refused_at: Option<Instant> = None;
    while let Ok(Some(line)) = queue.recv() {
        if refused_at.is_some_and(|at| at.elapsed() < RETRY) {
            dropped.fetch_add(1, Ordering::Relaxed);
            continue;
        }
        match writer.append(&line) {
            Ok(()) => {
                let lost = dropped.swap(0, Ordering::Relaxed);
                if lost > 0 {
                    tracing::warn!(lost, path = %writer.path.display(), "event log lines were lost");
                }
                if refused_at.take().is_some() {
                    health.ok(Part::EventLog);
                }
            }
            Err(error) => {
                dropped.fetch_add(1, Ordering::Relaxed);
                refused_at = Some(Instant::now());
                let path = writer.path.display();
                health.degraded(
                    Part::EventLog,
                    format!("cannot write {path}: {error}; events are missing from the log until the disk takes them again"),
                );
            }
        }
    }
}

/// The file and how much of it is whole lines.
struct Writer {
    path: PathBuf,
    file: File,
    length: u64,
}

impl Writer {
    fn open(path: &Path) -> io::Result<Self> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        let length = whole_lines(&mut file)?;
        let is_regular = file.metadata()?.is_file();
        if is_regular {
            file.set_len(length)?;
            file.seek(SeekFrom::Start(length))?;
        }
        Ok(Writer {
            path: path.to_owned(),
            file,
            length,
        })
    }

    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        match self.file.write_all(line) {
            Ok(()) => {
                self.length += line.len() as u64;
                Ok(())
            }
            Err(error) => {
                // Cut off the part that was written; if that fails too, the next append tries again.
                let _ = self.file.set_len(self.length);
                let _ = self.file.seek(SeekFrom::Start(self.length));
                Err(error)
            }
        }
    }
}

/// Length of the file up to and including its last line feed.
fn whole_lines(file: &mut File) -> io::Result<u64> {
    let mut length = if file.metadata()?.is_file() {
        file.seek(SeekFrom::End(0))?
    } else {
        return Ok(0);
    };
    let mut block = [0u8; 4096];
    while length > 0 {
        let begin = length.saturating_sub(block.len() as u64);
        let part = &mut block[..(length - begin) as usize];
        file.seek(SeekFrom::Start(begin))?;
        file.read_exact(part)?;
        match part.iter().rposition(|byte| *byte == b'\n') {
            Some(position) => return Ok(begin + position as u64 + 1),
            None => length = begin,
        }
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use habitat_events::{Controller, ControllerState, Data, IdSource};

    fn event() -> Event {
        let time = "2026-01-05T06:00:00Z".parse().unwrap();
        Event {
            id: IdSource::seeded(1).next(time),
            source: "/sites/s/controllers/s".into(),
            subject: "s".into(),
            time,
            data: Data::Controller(Controller {
                dropped: None,
                state: ControllerState::Started,
                version: "1".into(),
            }),
        }
    }

    #[test]
    fn a_torn_last_line_is_cut_off_and_whole_lines_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        std::fs::write(&path, "{\"a\":1}\n{\"torn").unwrap();
        let (log, thread) = EventLog::open(&path, Health::default()).unwrap();
        log.append(&event(), WhenFull::Wait);
        thread.close();
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "{\"a\":1}");
        assert!(serde_json::from_str::<Event>(lines[1]).unwrap() == event() && lines.len() == 2);
    }

    #[test]
    fn a_full_disk_is_reported_and_holds_nothing_up() {
        let health = Health::default();
        let (log, thread) = EventLog::open(Path::new("/dev/full"), health.clone()).unwrap();
        (0..3 * QUEUE_LINES).for_each(|_| log.append(&event(), WhenFull::Drop));
        thread.close();
        let condition = health.snapshot().remove(&Part::EventLog).unwrap();
        assert!(format!("{condition:?}").contains("No space left"), "{condition:?}");
    }
}
