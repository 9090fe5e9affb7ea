//! The backend of a site, running.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{SyncSender, sync_channel},
    },
    thread::{JoinHandle, Thread},
};

use habitat_config::{Site, site::Backend};
use habitat_engine::{CaptureEnd, Counters, PlaybackEnd, ReportGauge};
use habitat_layout::acoustics::Acoustics;
use tokio::sync::oneshot;

use super::{
    cpal_host::{self, OpenDevices, Wanted},
    pipe::{self, Block, PipeEnd},
    virtual_office::{Office, Room},
};
use crate::{exit_code::Failure, health::Health};

/// A backend that moves samples.
pub enum RunningBackend {
    /// Real devices.
    Devices(OpenDevices),
    /// The built-in office.
    Office(Office),
    /// Standard input and output.
    Pipe(RunningPipe),
}

/// The thread behind standard input and output.
pub struct RunningPipe {
    thread: JoinHandle<()>,
    stop: Arc<AtomicBool>,
    engine: Option<SyncSender<Thread>>,
}

/// The ends of the rings that a backend takes.
pub struct BackendEnds {
    /// Where input goes.
    pub capture: CaptureEnd,
    /// Where output comes from.
    pub playback: PlaybackEnd,
    /// For a backend that can wait.
    pub gauge: ReportGauge,
    /// The engine's heartbeat.
    pub counters: Arc<Counters>,
    /// Told the first frame of each block by a backend that counts time in frames.
    pub before_block: Box<dyn FnMut(u64) + Send>,
}

/// Tells when a backend has ended by itself.
pub struct InputEnd(Option<oneshot::Receiver<io::Result<PipeEnd>>>);

impl InputEnd {
    /// Waits for the end of the input; for ever where there is none.
    pub async fn wait(self) -> io::Result<PipeEnd> {
        match self.0 {
            Some(receiver) => receiver
                .await
                .unwrap_or_else(|_| Err(io::Error::other("the thread of the pipe ended by a panic"))),
            None => std::future::pending().await,
        }
    }
}

impl RunningBackend {
    /// Starts the backend of a site, and says how to learn that it ended by itself, which only the pipe does.
    ///
    /// # Errors
    /// When a device is not available.
    pub fn start(site: &Site, acoustics: &Acoustics, ends: BackendEnds, health: &Health) -> Result<(Self, InputEnd), Failure> {
        let mut end = InputEnd(None);
        let backend = match &site.audio.backend {
            Backend::Cpal => {
                let wanted = Wanted {
                    sample_rate_hz: site.audio.sample_rate_hz,
                    block_frames: site.audio.block_frames,
                    microphone_channels: site.plan.microphones.iter().map(|m| m.channel).collect(),
                    loudspeaker_channels: site.plan.loudspeakers.iter().map(|l| l.channel).collect(),
                };
                let devices = cpal_host::open(&wanted, ends.capture, ends.playback, health);
                RunningBackend::Devices(devices.map_err(|error| Failure::Unavailable(error.to_string()))?)
            }
            Backend::Virtual { seed } => {
                let room = Room::new(site, acoustics, *seed).map_err(|error| Failure::Internal(error.to_string()))?;
                let office = Office::open(room, site, ends.capture, ends.playback);
                RunningBackend::Office(office.map_err(|error| Failure::unavailable("no thread for the office", error))?)
            }
            Backend::Pipe { .. } => {
                let (ended, receiver) = oneshot::channel();
                end = InputEnd(Some(receiver));
                RunningBackend::Pipe(start_pipe(site, ends, ended)?)
            }
        };
        Ok((backend, end))
    }

    /// The thread that a lock-step engine has to wake after each block.
    pub fn partner(&self) -> Option<Thread> {
        match self {
            RunningBackend::Pipe(pipe) => Some(pipe.thread.thread().clone()),
            _ => None,
        }
    }

    /// Tells the backend which thread to wake when there is input.
    pub fn connect(&mut self, engine: Thread) {
        if let RunningBackend::Pipe(pipe) = self
            && let Some(handle) = pipe.engine.take()
        {
            // The thread waits for exactly this.
            let _ = handle.send(engine);
        }
    }

    /// Stops moving samples.
    pub fn stop(self) {
        match self {
            RunningBackend::Devices(devices) => drop(devices),
            RunningBackend::Office(office) => office.close(),
            // The thread may wait for input that never comes; it holds nothing that needs closing.
            RunningBackend::Pipe(pipe) => pipe.stop.store(true, Ordering::Release),
        }
    }
}

fn start_pipe(site: &Site, ends: BackendEnds, ended: oneshot::Sender<io::Result<PipeEnd>>) -> Result<RunningPipe, Failure> {
    if site.plan.microphones.is_empty() {
        return Err(Failure::Usage(
            "backend \"pipe\" counts time by its input and needs at least one [[microphone]]".into(),
        ));
    }
    let block = Block {
        frames: site.audio.block_frames as usize,
        microphones: pipe::channel_order(site.plan.microphones.iter().map(|m| m.channel)),
        loudspeakers: pipe::channel_order(site.plan.loudspeakers.iter().map(|l| l.channel)),
    };
    let (handle, engine) = sync_channel::<Thread>(1);
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = stop.clone();
    let work = move || {
        let Ok(engine) = engine.recv() else { return };
        let streams = (io::stdin().lock(), io::stdout().lock());
        let end = pipe::run(
            streams,
            &block,
            (ends.capture, ends.playback),
            (&ends.gauge, &ends.counters),
            &engine,
            &stopped,
            ends.before_block,
        );
        // Nobody waits for the end any more when the daemon is ending by itself.
        let _ = ended.send(end);
    };
    let thread = std::thread::Builder::new().name("pipe".into()).spawn(work);
    let thread = thread.map_err(|error| Failure::unavailable("no thread for the pipe", error))?;
    Ok(RunningPipe {
        thread,
        stop,
        engine: Some(handle),
    })
}
