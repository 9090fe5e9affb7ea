//! The backend of a site, running.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{SyncSender, sync_channel},
    },
    thread::{JoinHandle, Thread},
    time::Duration,
};

use habitat_config::{Site, site::Backend};
use habitat_devices::{Devices, End, Streams, Told};
use habitat_engine::{CaptureEnd, Counters, PlaybackEnd, ReportGauge, Wiring};
use habitat_layout::acoustics::Acoustics;
use tokio::sync::oneshot;

use super::{
    pipe::{self, Block, PipeEnd},
    virtual_office::{Office, Room},
};
use crate::{
    exit_code::Failure,
    health::{Health, Part},
    latency::MainDevices,
};

/// A backend that moves samples.
pub enum RunningBackend {
    /// Real devices.
    Devices(Devices),
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
    /// Where input goes, for each device.
    pub captures: Vec<CaptureEnd>,
    /// Where output comes from, for each device.
    pub playbacks: Vec<PlaybackEnd>,
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
    pub fn start(
        site: &Site,
        acoustics: &Acoustics,
        ends: BackendEnds,
        health: &Health,
        told: &Told,
    ) -> Result<(Self, InputEnd), Failure> {
        let mut end = InputEnd(None);
        let backend = match &site.audio.backend {
            Backend::Cpal => RunningBackend::Devices(open_devices(site, ends, health, told)?),
            Backend::Virtual { seed } => {
                let room = Room::new(site, acoustics, *seed).map_err(|error| Failure::Internal(error.to_string()))?;
                let (capture, playback) = only(ends.captures, ends.playbacks)?;
                let office = Office::open(room, site, capture, playback);
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
            RunningBackend::Devices(devices) => devices.close(),
            RunningBackend::Office(office) => office.close(),
            // The thread may wait for input that never comes; it holds nothing that needs closing.
            RunningBackend::Pipe(pipe) => pipe.stop.store(true, Ordering::Release),
        }
    }
}

/// How the rings of a site have to be.
pub fn wiring(site: &Site) -> Wiring {
    match &site.audio.backend {
        Backend::Cpal => habitat_devices::wiring(site, &habitat_devices::groups(site)),
        Backend::Pipe { .. } | Backend::Virtual { .. } => Wiring::single(
            site.plan.microphones.len(),
            site.plan.loudspeakers.len(),
            site.audio.block_frames as usize,
            site.audio.sample_rate_hz,
        ),
    }
}

/// The only input and the only output of a backend without devices.
fn only(captures: Vec<CaptureEnd>, playbacks: Vec<PlaybackEnd>) -> Result<(CaptureEnd, PlaybackEnd), Failure> {
    let both = captures.into_iter().next().zip(playbacks.into_iter().next());
    both.ok_or_else(|| Failure::Internal("the engine has no rings".into()))
}

fn open_devices(site: &Site, ends: BackendEnds, health: &Health, told: &Told) -> Result<Devices, Failure> {
    let ends = ends
        .captures
        .into_iter()
        .map(End::Capture)
        .chain(ends.playbacks.into_iter().map(End::Playback));
    let devices: Vec<_> = habitat_devices::groups(site).into_iter().zip(ends).collect();
    for (group, end) in &devices {
        health.add_device(group.direction.word(), &group.name(), end.link().clone());
    }
    let of = |input: bool| {
        let links = devices.iter().filter(move |(group, _)| group.is_input() == input);
        links.map(|(_, end)| end.link().clone())
    };
    let main_capture = wiring(site).main_capture();
    if let (Some(input), Some(output)) = (of(true).nth(main_capture), of(false).next()) {
        let block = Duration::from_secs_f64(f64::from(site.audio.block_frames) / f64::from(site.audio.sample_rate_hz));
        health.latency.set_devices(MainDevices { input, output, block });
    }
    let wanted = Streams {
        sample_rate_hz: site.audio.sample_rate_hz,
        period_frames: site.audio.device_frames,
    };
    health.ok(Part::Audio);
    Devices::open(devices, wanted, told).map_err(|error| Failure::Unavailable(error.to_string()))
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
    let (capture, playback) = only(ends.captures, ends.playbacks)?;
    let (handle, engine) = sync_channel::<Thread>(1);
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = stop.clone();
    let work = move || {
        let Ok(engine) = engine.recv() else { return };
        let streams = (io::stdin().lock(), io::stdout().lock());
        let end = pipe::run(
            streams,
            &block,
            (capture, playback),
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
