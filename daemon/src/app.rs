//! The daemon: starts every part, waits for the end, and stops them in an order in which nothing is lost.

use std::{sync::Arc, time::Duration};

use habitat_config::{
    Site,
    site::{self as config, Backend},
};
use habitat_events::{Controller, ControllerState, Data, IdSource};
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    audio::pipe::PipeEnd,
    clock::Clock,
    cloud,
    console::{self, Console},
    control::Control,
    dispatch::Dispatch,
    event_log::{EventLog, EventLogThread},
    exit_code::Failure,
    health::Health,
    layout_told, mqtt, signals,
    sound::{Around, Sound, seed},
    status::StatusBoard,
    store::{OutboxBounds, Saved, Store, WhenFull},
    timetable::Progress,
};

/// Name of this controller in the source of events. One controller per site for now.
const CONTROLLER: &str = "main";

/// What the links may take to say goodbye.
const GOODBYE: Duration = Duration::from_millis(1200);

/// How often it is looked whether the time of a setting has run out, and what the calendar asks for.
const LOOK: Duration = Duration::from_secs(1);

/// Runs the site until its input ends or `shutdown` is cancelled. `ready` is called when sound and console are up.
///
/// # Errors
/// When something that the site needs is not available.
pub async fn run(site: Site, shutdown: CancellationToken, ready: impl FnOnce()) -> Result<(), Failure> {
    let health = Health::default();
    let site = Arc::new(site);
    let listener = match &site.console {
        Some(console) => Some(
            TcpListener::bind(console.listen)
                .await
                .map_err(|error| Failure::unavailable(format!("the console cannot listen on {}", console.listen), error))?,
        ),
        None => None,
    };
    let pipe_start = match site.audio.backend {
        Backend::Pipe { start } => Some(start),
        _ => None,
    };
    let rate = site.audio.sample_rate_hz;
    let clock = pipe_start.map_or_else(|| Clock::wall(rate), |start| Clock::stream(start, rate));
    let ids = pipe_start.map_or(IdSource::Random, |start| {
        IdSource::seeded(seed(&site.id) ^ start.as_second().unsigned_abs())
    });
    let when_full = if pipe_start.is_some() {
        WhenFull::Wait
    } else {
        WhenFull::Drop
    };

    let (store, mut saved) = Store::open(&site.state_dir, health.clone())
        .map_err(|error| Failure::unavailable(format!("the state folder {} cannot be used", site.state_dir.display()), error))?;
    match &site.cloud {
        None => store.keep_local(),
        Some(cloud) => store.bound_outbox(outbox_bounds(cloud, pipe_start.is_none())),
    }
    .map_err(|error| Failure::Internal(error.to_string()))?;
    remember_time(&site, &store, &mut saved, clock.now());
    let (log, log_thread) = open_log(&site, &health)?;
    let source = format!("/sites/{}/controllers/{CONTROLLER}", site.id);
    let dispatch = Dispatch::new(source, ids, site.plan.zones.len(), log, Some(store.clone()), when_full);
    let status = StatusBoard::default();

    dispatch.emit(CONTROLLER, clock.now(), controller(ControllerState::Started));
    layout_told::tell(&site, &dispatch, &store, &saved, clock.now());
    let (sound, input_end) = Sound::start(Around {
        site: site.clone(),
        clock: clock.clone(),
        dispatch: dispatch.clone(),
        store: Some(store.clone()),
        saved,
        status: status.clone(),
        health: health.clone(),
    })?;

    if let Some(progress) = sound.control().acclimatisation() {
        let Progress { day, days, level_db, .. } = progress;
        tracing::info!(day, days, level_db, "people get used to masking");
    }

    let links = Links {
        site: &site,
        store: &store,
        status,
        dispatch: &dispatch,
        clock: &clock,
        health,
        live: !clock.is_stream(),
        shutdown: CancellationToken::new(),
    };
    let tasks = links.start(&sound, listener);
    ready();

    let mut engine_lost = false;
    let input_ended = tokio::select! {
        end = input_end.wait() => Some(end),
        () = shutdown.cancelled() => None,
        () = sound.engine_lost() => {
            engine_lost = true;
            None
        }
    };
    tracing::info!("stopping");
    sound.stop(input_ended.is_some()).await;
    dispatch.emit(CONTROLLER, clock.now(), controller(ControllerState::Stopped));
    links.shutdown.cancel();
    tasks.close();
    if tokio::time::timeout(GOODBYE, tasks.wait()).await.is_err() {
        tracing::info!("a link did not end in time; what it had to send is kept");
    }
    if let Some(thread) = log_thread {
        thread.close();
    }
    if tokio::time::timeout(GOODBYE, store.flush()).await.is_err() {
        tracing::warn!("the disk does not answer; the last events may not be stored");
    }
    if engine_lost {
        return Err(Failure::Internal("the engine thread ended; the log above says why".into()));
    }
    input_ended.map_or(Ok(()), |end| pipe_result(end, &site))
}

/// Keeps when the site first started, and forgets what the weeks have taught where nothing is to be learnt.
fn remember_time(site: &Site, store: &Store, saved: &mut Saved, now: Timestamp) {
    if saved.first_start.is_none() {
        saved.first_start = Some(now);
        if let Err(error) = store.save_first_start(now) {
            tracing::warn!(%error, "acclimatisation may begin anew at the next start");
        }
    }
    if !site.adaptation.learned_profile && saved.learned().next().is_some() {
        // The sound waits for no disk.
        tokio::spawn(erase_learned(store.clone()));
    }
}

async fn erase_learned(store: Store) {
    match store.erase_learned().await {
        Ok(()) => tracing::info!("the learned profile is erased, because `learned_profile` is off"),
        Err(error) => tracing::warn!(%error, "the learned profile is still on the disk; it is not used"),
    }
}

fn controller(state: ControllerState) -> Data {
    Data::Controller(Controller {
        state,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        dropped: None,
    })
}

/// What may wait for the tenant. Only the wall clock tells an age.
fn outbox_bounds(cloud: &config::Cloud, live: bool) -> OutboxBounds {
    OutboxBounds {
        bytes: (cloud.outbox_mib * f64::from(1 << 20)) as i64,
        age: live.then(|| SignedDuration::from_secs_f64(cloud.outbox_days * 86_400.0)),
    }
}

/// Tells the tenant what was given up because it was away: at most once in so long, as it would itself have to wait.
const TOLD_EVERY: Duration = Duration::from_secs(3600);

async fn tell_given_up(store: Store, dispatch: Dispatch, clock: Clock, shutdown: CancellationToken) {
    let mut given_up = store.given_up();
    given_up.mark_unchanged();
    while let Some(Ok(())) = shutdown.run_until_cancelled(given_up.changed()).await {
        let dropped = *given_up.borrow_and_update();
        tracing::warn!(
            events = dropped.total(),
            "too many events wait for the tenant; so many were given up so far"
        );
        let data = Data::Controller(Controller {
            state: ControllerState::EventsDropped,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            dropped: Some(dropped),
        });
        dispatch.emit(CONTROLLER, clock.now(), data);
        if shutdown.run_until_cancelled(tokio::time::sleep(TOLD_EVERY)).await.is_none() {
            return;
        }
    }
}

fn open_log(site: &Site, health: &Health) -> Result<(Option<EventLog>, Option<EventLogThread>), Failure> {
    let Some(config) = &site.event_log else {
        return Ok((None, None));
    };
    let opened = EventLog::open(&config.path, health.clone());
    let (log, thread) = opened
        .map_err(|error| Failure::unavailable(format!("the event log {} cannot be opened", config.path.display()), error))?;
    Ok((Some(log), Some(thread)))
}

fn pipe_result(end: std::io::Result<PipeEnd>, site: &Site) -> Result<(), Failure> {
    match end {
        Ok(PipeEnd::EndOfInput | PipeEnd::Stopped) => Ok(()),
        Ok(PipeEnd::TornFrame { bytes, frame_bytes }) => {
            // The end of the input all the same; what was no frame is refused, and everything before it counts.
            let microphones = site.plan.microphones.len();
            tracing::error!(
                "the input is not a whole number of frames: {bytes} bytes were left over and refused; \
                 with {microphones} microphones write {frame_bytes} bytes (little-endian f32) per frame"
            );
            Ok(())
        }
        Ok(PipeEnd::OutputClosed) => Err(Failure::Unavailable(
            "standard output was closed while there was still input".into(),
        )),
        Err(error) => Err(Failure::unavailable("standard input or output failed", error)),
    }
}

/// The parts that talk to the world; none of them can hold the sound up.
struct Links<'a> {
    site: &'a Arc<Site>,
    store: &'a Store,
    status: StatusBoard,
    dispatch: &'a Dispatch,
    clock: &'a Clock,
    health: Health,
    /// The wall clock says what time it is.
    live: bool,
    shutdown: CancellationToken,
}

impl Links<'_> {
    fn start(&self, sound: &Sound, listener: Option<TcpListener>) -> TaskTracker {
        let tasks = TaskTracker::new();
        let control = sound.control();
        if let Some(listener) = listener {
            let console = Console {
                control: control.clone(),
                status: self.status.clone(),
                dispatch: self.dispatch.clone(),
                health: self.health.clone(),
                state_dir: Some(self.site.state_dir.clone()),
                counters: sound.counters(),
                real_time: sound.real_time(),
            };
            tasks.spawn(console::serve(listener, console, self.shutdown.clone()));
        }
        if let Some(config) = self.site.mqtt.clone() {
            let (status, dispatch, health) = (self.status.clone(), self.dispatch.clone(), self.health.clone());
            let counters = mqtt::Counters::default();
            tasks.spawn(mqtt::run(
                config,
                control.clone(),
                status,
                dispatch,
                health,
                counters,
                self.shutdown.clone(),
            ));
        }
        if let Some(config) = self.site.cloud.clone() {
            let (store, health) = (self.store.clone(), self.health.clone());
            tasks.spawn(tell_given_up(
                store.clone(),
                self.dispatch.clone(),
                self.clock.clone(),
                self.shutdown.clone(),
            ));
            tasks.spawn(cloud::run(config, self.site.id.clone(), store, health, self.shutdown.clone()));
        }
        tasks.spawn(keep_time(control.clone(), self.live, self.shutdown.clone()));
        tasks.spawn(signals::mute_on_usr1(control.clone(), self.shutdown.clone()));
        tasks
    }
}

async fn keep_time(control: Control, live: bool, shutdown: CancellationToken) {
    while tokio::time::timeout(LOOK, shutdown.cancelled()).await.is_err() {
        if live {
            control.keep_time(Timestamp::now());
        }
        control.expire().await;
    }
}
