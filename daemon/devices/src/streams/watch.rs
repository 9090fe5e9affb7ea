//! Watches one direction of one device: opens it, notices when it is lost or stalls, and opens it again.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use habitat_engine::DeviceLink;
use habitat_events::FaultReason;
use habitat_layout::AudioHost;

use super::{
    gaps::{Gaps, Lost},
    group::Group,
    lent::Lent,
    server::Server,
    stream::{self, End, OpenStream, Wanted},
};
use crate::lookup::DeviceError;

/// How often it is looked how a stream is.
const LOOK: Duration = Duration::from_millis(50);

/// A device that has moved nothing at so many looks has stalled: servers under load are late by some hundred milliseconds. While the
/// machine is suspended nobody looks.
const STALLED_LOOKS: u32 = 40;

/// Waits between attempts: soon at first, and at most so long that sound is back within two seconds of the device.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// A device that comes back fades in over this time, seconds.
const FADE_IN_S: f64 = 3.0;

/// Threads are waited for so long when the daemon ends; a device that hangs may never let go.
const LONGEST_END: Duration = Duration::from_secs(1);

/// What is told of a device: a fault and what was said, or that it works.
pub type Told = Arc<dyn Fn(&Group, Option<(FaultReason, String)>) + Send + Sync>;

/// How the streams of a site are to be.
#[derive(Clone, Copy, Debug)]
pub struct Streams {
    /// Frames per second.
    pub sample_rate_hz: u32,
    /// Frames of one callback, if the device allows.
    pub period_frames: u32,
}

/// All devices of a site, with a thread for each direction of each.
pub struct Devices {
    threads: Vec<JoinHandle<()>>,
    stop: Arc<AtomicBool>,
}

impl Devices {
    /// Opens all devices. One that is not there is told of and tried again, as long as another is.
    ///
    /// # Errors
    /// What the first device said, when none can be opened.
    pub fn open(devices: Vec<(Group, End)>, streams: Streams, told: &Told) -> Result<Self, DeviceError> {
        let stop = Arc::new(AtomicBool::new(false));
        let jack = Server::default();
        let mut watches: Vec<Watch> = devices
            .into_iter()
            .map(|(group, end)| {
                let server = match group.device.host() {
                    AudioHost::Jack => jack.clone(),
                    AudioHost::Alsa | AudioHost::PulseAudio => Server::default(),
                };
                Watch::new(group, end, server, (streams, told.clone(), stop.clone()))
            })
            .collect();
        let mut first_error = None;
        for watch in &mut watches {
            if let Err(error) = watch.open() {
                watch.tell_of(&error);
                first_error = first_error.or(Some(error));
            }
        }
        if let Some(error) = first_error.filter(|_| watches.iter().all(|watch| watch.stream.is_none())) {
            return Err(error);
        }
        let spawn = |watch: Watch| {
            let name = format!("{}:{}", watch.group.direction, watch.group.name());
            // The kernel shows fifteen characters.
            std::thread::Builder::new().name(name).spawn(move || watch.run())
        };
        let mut threads = Vec::new();
        for watch in watches {
            match spawn(watch) {
                Ok(thread) => threads.push(thread),
                // Its stream has ended with it.
                Err(error) => tracing::error!("the system gives no thread for a device: {error}"),
            }
        }
        Ok(Devices { threads, stop })
    }

    /// Closes all of them.
    pub fn close(self) {
        self.stop.store(true, Ordering::Release);
        let deadline = Instant::now() + LONGEST_END;
        for thread in self.threads {
            while !thread.is_finished() && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(5));
            }
            if thread.is_finished() && thread.join().is_err() {
                tracing::error!("the thread of a device ended by a panic");
            }
        }
    }
}

struct Watch {
    group: Group,
    streams: Streams,
    link: DeviceLink,
    /// Where the end of the ring goes back to, and where it is while no stream has it.
    owner: SyncSender<End>,
    back: Receiver<End>,
    server: Server,
    /// With the life of the server that it belongs to.
    stream: Option<(OpenStream, u64)>,
    /// The fault that was told last.
    fault: Option<FaultReason>,
    told: Told,
    stop: Arc<AtomicBool>,
    began_once: bool,
}

impl Watch {
    fn new(group: Group, end: End, server: Server, (streams, told, stop): (Streams, Told, Arc<AtomicBool>)) -> Self {
        let (owner, back) = sync_channel(1);
        let link = end.link().clone();
        link.set_running(false);
        // There is room for one.
        drop(Lent::new(end, owner.clone()));
        Watch {
            group,
            streams,
            link,
            owner,
            back,
            server,
            stream: None,
            fault: None,
            told,
            stop,
            began_once: false,
        }
    }

    fn open(&mut self) -> Result<(), DeviceError> {
        // A callback that has not ended yet still has it.
        let Ok(mut end) = self.back.try_recv() else {
            return Ok(());
        };
        if let End::Playback(end) = &mut end {
            // At the start the engine itself ramps up.
            let fade_s = if self.began_once { FADE_IN_S } else { 0.0 };
            end.restart((fade_s * f64::from(self.streams.sample_rate_hz)) as usize);
        }
        let wanted = Wanted {
            group: &self.group,
            sample_rate_hz: self.streams.sample_rate_hz,
            period_frames: self.streams.period_frames,
        };
        let lent = Lent::new(end, self.owner.clone());
        match self.server.open(|| stream::open(&wanted, lent, &self.link)) {
            Some(Ok(opened)) => {
                self.stream = Some(opened);
                self.began_once = true;
                self.link.set_running(true);
                Ok(())
            }
            Some(Err(error)) => Err(error),
            // Streams of a server that has ended are still being closed.
            None => Ok(()),
        }
    }

    fn run(mut self) {
        let mut wait = FIRST_WAIT;
        while !self.stop.load(Ordering::Acquire) {
            if let Some((reason, said)) = self.watch(&mut wait) {
                self.link.set_running(false);
                self.tell(Some((reason, said)));
                if let Some((stream, life)) = self.stream.take() {
                    self.server.fail(life, reason);
                    // May take long, where a server hangs.
                    self.server.close(stream, life);
                }
            }
            if !self.pause(wait) {
                break;
            }
            wait = (2 * wait).min(LONGEST_WAIT);
            if let Err(error) = self.open() {
                self.tell_of(&error);
            }
        }
        self.link.set_running(false);
        if let Some((stream, life)) = self.stream.take() {
            self.server.close(stream, life);
        }
    }

    /// Looks after an open stream until something is wrong with it, which this gives; at once when there is none.
    fn watch(&mut self, wait: &mut Duration) -> Option<(FaultReason, String)> {
        let mut frames = self.link.frames();
        let mut idle_looks = 0;
        let mut gaps = Gaps::new(Lost::by(&self.link), Instant::now());
        while let Some((stream, life)) = &self.stream {
            if let Some(said) = stream.failure() {
                return Some((FaultReason::Lost, said));
            }
            if let Some(reason) = self.server.failure(*life) {
                return Some((reason, "the other direction has failed, and its server with it".into()));
            }
            let now_frames = self.link.frames();
            if now_frames != frames {
                (frames, idle_looks) = (now_frames, 0);
                // It works when sound goes through it.
                *wait = FIRST_WAIT;
                let said = gaps.look(Lost::by(&self.link), Instant::now());
                self.tell(said.map(|said| (FaultReason::Gaps, said)));
            } else {
                idle_looks += 1;
                if idle_looks == STALLED_LOOKS {
                    let said = format!("nothing has come or gone for {} s", (STALLED_LOOKS * LOOK).as_secs());
                    return Some((FaultReason::Stalled, said));
                }
            }
            if !self.pause(LOOK) {
                return None;
            }
        }
        None
    }

    /// Waits; `false` when all is to end.
    fn pause(&self, time: Duration) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < time && !self.stop.load(Ordering::Acquire) {
            std::thread::sleep(LOOK.min(time));
        }
        !self.stop.load(Ordering::Acquire)
    }

    fn tell_of(&mut self, error: &DeviceError) {
        let reason = match error {
            DeviceError::Unsupported { .. } => FaultReason::Unsuitable,
            _ => FaultReason::Lost,
        };
        self.tell(Some((reason, error.to_string())));
    }

    fn tell(&mut self, fault: Option<(FaultReason, String)>) {
        let reason = fault.as_ref().map(|(reason, _)| *reason);
        // What is said may change with every attempt, and the first is nearest to the cause.
        if self.fault == reason {
            return;
        }
        self.fault = reason;
        (self.told)(&self.group, fault);
    }
}
