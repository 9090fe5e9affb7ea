//! The half of the daemon that makes sound: engine, backend and reporter. It knows nothing of networks.

use std::{sync::Arc, time::Duration};

use habitat_config::{Site, site::Backend};
use habitat_devices::Told;
use habitat_dsp::Engine;
use habitat_engine::{Counters, Mode, connect};
use habitat_events::{Data, Device, DeviceKind};
use habitat_layout::acoustics::Acoustics;

use crate::{
    audio::running::{self, BackendEnds, InputEnd, RunningBackend},
    clock::{Clock, FrameTime},
    control::{self, Control},
    device_fault,
    dispatch::Dispatch,
    engine::{
        real_time::RealTime,
        reporter::Reporter,
        setup::engine_setup,
        thread::{EngineThread, Pace},
    },
    exit_code::Failure,
    fnv::fnv1a,
    health::Health,
    places,
    status::StatusBoard,
    store::{Saved, Store},
};

/// A fade-out takes 0.2 s; devices keep some blocks more.
const FADE_OUT: Duration = Duration::from_millis(600);

/// How often to look whether the engine thread still runs.
const LOOK: Duration = Duration::from_millis(300);

/// What sound needs from the rest.
pub struct Around {
    /// The site.
    pub site: Arc<Site>,
    /// What time it is.
    pub clock: Clock,
    /// Where events go.
    pub dispatch: Dispatch,
    /// Where settings are kept.
    pub store: Option<Store>,
    /// What was kept.
    pub saved: Saved,
    /// Where the latest of every zone goes.
    pub status: StatusBoard,
    /// Where problems go.
    pub health: Health,
}

/// Sound, running.
pub struct Sound {
    backend: RunningBackend,
    engine: EngineThread,
    reporter: Reporter,
    control: Control,
    counters: Arc<Counters>,
    real_time: Option<RealTime>,
}

impl Sound {
    /// Starts everything, the sound last. The second value tells when the input has come to its end.
    ///
    /// # Errors
    /// When the site cannot be played, or a device or thread is not available.
    pub fn start(around: Around) -> Result<(Self, InputEnd), Failure> {
        let Around {
            site,
            clock,
            dispatch,
            store,
            mut saved,
            status,
            health,
        } = around;
        places::drop_unreadable(&site, &mut saved);
        let acoustics = Acoustics::of(&site.plan, &site.masking.spectrum_db);
        let wiring = running::wiring(&site);
        let setup = engine_setup(&site, &acoustics, &places::restored(&site, &saved), &wiring, seed(&site.id));
        let (parameters, _) = control::initial(&site, &saved, clock.now());
        let engine =
            Engine::new(&setup, &parameters).map_err(|error| Failure::Usage(format!("the site cannot be played: {error}")))?;
        let mode = if matches!(site.audio.backend, Backend::Pipe { .. }) {
            Mode::LockStep
        } else {
            Mode::Live
        };
        let (engine_loop, ends) = connect(engine, &parameters, &wiring, mode);
        let counters = ends.counters.clone();

        let control = Control::new(
            site.clone(),
            &saved,
            clock.clone(),
            dispatch.clone(),
            store,
            health.clone(),
            ends.parameters,
        );
        let time = FrameTime::new(clock.clone());
        let told = tell_of_devices(clock.clone(), dispatch.clone(), health.clone());
        let no_thread = |error| Failure::unavailable("the system gives no thread", error);
        let reporter = Reporter::start(
            site.clone(),
            ends.reports,
            time,
            dispatch,
            control.clone(),
            status,
            health.clone(),
        )
        .map_err(no_thread)?;

        let backend_ends = BackendEnds {
            captures: ends.captures,
            playbacks: ends.playbacks,
            gauge: ends.gauge,
            counters: counters.clone(),
            before_block: keep_stream_time(clock, control.clone()),
        };
        // Before sound runs, because fetching everything takes a moment in which no block is made.
        let real_time = (mode == Mode::Live).then(|| RealTime::new(site.audio.engine_cpu));
        real_time.iter().for_each(RealTime::lock_memory);
        let (mut backend, end) = RunningBackend::start(&site, &acoustics, backend_ends, &health, &told)?;
        let pace = Pace {
            block_frames: site.audio.block_frames,
            sample_rate_hz: site.audio.sample_rate_hz,
            real_time: real_time.clone(),
            counters: counters.clone(),
            health,
        };
        let engine = EngineThread::start(engine_loop, pace, backend.partner()).map_err(no_thread)?;
        backend.connect(engine.handle());
        Ok((
            Sound {
                backend,
                engine,
                reporter,
                control,
                counters,
                real_time,
            },
            end,
        ))
    }

    /// The door for changes.
    pub fn control(&self) -> &Control {
        &self.control
    }

    /// The engine's heartbeat and losses.
    pub fn counters(&self) -> Arc<Counters> {
        self.counters.clone()
    }

    /// What real time the system gives to a live engine.
    pub fn real_time(&self) -> Option<RealTime> {
        self.real_time.clone()
    }

    /// Waits until the engine thread has ended although nobody asked it to: a fault that only a restart can mend.
    pub async fn engine_lost(&self) {
        // At the end of an input the thread ends in order, and that is told shortly after.
        let mut looks_ended = 0;
        while looks_ended < 3 {
            tokio::time::sleep(LOOK).await;
            looks_ended = if self.engine.is_finished() { looks_ended + 1 } else { 0 };
        }
    }

    /// Fades out if there is still sound, and ends every thread. All reports have become events when this returns.
    pub async fn stop(self, input_ended: bool) {
        if input_ended {
            // Its last, partial block may still be in work. Nothing is written for it, and its reports must not show a fade-out.
            while !self.engine.is_finished() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        } else {
            self.control.fade_out();
            let deadline = tokio::time::Instant::now() + if self.real_time.is_some() { FADE_OUT } else { FADE_OUT / 2 };
            while !self.reporter.is_silent() && tokio::time::Instant::now() < deadline {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        self.backend.stop();
        self.engine.stop();
        self.reporter.finish();
    }
}

/// Every change of a sound device becomes an event, and is shown.
fn tell_of_devices(clock: Clock, dispatch: Dispatch, health: Health) -> Told {
    Arc::new(move |group, fault| {
        let name = group.name();
        let now = fault.as_ref().map(|(reason, _)| *reason);
        let before = health.device(group.direction.word(), &name, fault);
        let Some((state, reason)) = device_fault::news(before, now) else {
            return;
        };
        let kind = if group.is_input() {
            DeviceKind::Input
        } else {
            DeviceKind::Output
        };
        let data = Data::Device(Device {
            device: name.clone(),
            kind,
            state,
            reason,
        });
        dispatch.emit(&name, clock.now(), data);
    })
}

/// What the calendar asks for changes with the stream's own frames, so that the same input gives the same output.
fn keep_stream_time(clock: Clock, control: Control) -> Box<dyn FnMut(u64) + Send> {
    Box::new(move |frame| {
        if let Some(time) = clock.stream_time(frame) {
            control.keep_time(time);
        }
    })
}

/// Hash of the site's id: its noise, and under `pipe` its identifiers, are its own in every run.
pub fn seed(site_id: &str) -> u64 {
    fnv1a(site_id.bytes())
}
