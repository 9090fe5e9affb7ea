//! A tenant that takes its time and fails half of its requests: a quarter before they do anything, a quarter after they have
//! done everything, half of those by cutting the connection instead of an answer.

use std::{
    fmt, io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{Method, StatusCode},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};

/// Most that is added before, and again after, the real work, milliseconds.
pub const DELAY_MS: u64 = 80;

/// Draws the faults and counts them. Only deliveries are meant, not questions.
pub struct Weather {
    random: Mutex<fastrand::Rng>,
    clear: AtomicBool,
    begun: AtomicU64,
    ended: AtomicU64,
    before: AtomicU64,
    after: AtomicU64,
    cut: AtomicU64,
    broken_off_before: AtomicU64,
    broken_off_after: AtomicU64,
}

/// One request in work; if it goes before its answer is given, the client has gone.
struct InWork {
    weather: Arc<Weather>,
    stored: bool,
    answered: bool,
}

impl Weather {
    /// Bad weather.
    pub fn new(seed: u64) -> Self {
        Weather {
            random: Mutex::new(fastrand::Rng::with_seed(seed)),
            clear: AtomicBool::default(),
            begun: AtomicU64::default(),
            ended: AtomicU64::default(),
            before: AtomicU64::default(),
            after: AtomicU64::default(),
            cut: AtomicU64::default(),
            broken_off_before: AtomicU64::default(),
            broken_off_after: AtomicU64::default(),
        }
    }

    /// No more faults.
    pub fn clear_up(&self) {
        self.clear.store(true, Ordering::Relaxed);
    }

    /// Requests so far.
    pub fn requests(&self) -> u64 {
        self.begun.load(Ordering::Relaxed)
    }

    /// Requests in work now.
    pub fn in_flight(&self) -> u64 {
        self.begun.load(Ordering::Relaxed) - self.ended.load(Ordering::Relaxed)
    }

    /// Requests that were made to fail.
    pub fn failed(&self) -> u64 {
        [&self.before, &self.after, &self.cut]
            .map(|count| count.load(Ordering::Relaxed))
            .iter()
            .sum()
    }

    /// Requests whose client went before it had the answer.
    pub fn broken_off(&self) -> u64 {
        self.broken_off_before.load(Ordering::Relaxed) + self.broken_off_after.load(Ordering::Relaxed)
    }

    fn draw(&self) -> (u64, Duration, Duration) {
        let mut random = self.random.lock().unwrap();
        let mut delay = || Duration::from_millis(random.u64(..DELAY_MS));
        let delays = (delay(), delay());
        let kind = if self.clear.load(Ordering::Relaxed) {
            7
        } else {
            random.u64(..8)
        };
        (kind, delays.0, delays.1)
    }
}

impl fmt::Display for Weather {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
        write!(
            formatter,
            "{} requests: {} refused before, {} failed and {} cut after the commit; {} broken off by a kill before and {} after it",
            self.requests(),
            count(&self.before),
            count(&self.after),
            count(&self.cut),
            count(&self.broken_off_before),
            count(&self.broken_off_after),
        )
    }
}

impl Drop for InWork {
    fn drop(&mut self) {
        self.weather.ended.fetch_add(1, Ordering::Relaxed);
        match (self.answered, self.stored) {
            (true, _) => {}
            (false, false) => _ = self.weather.broken_off_before.fetch_add(1, Ordering::Relaxed),
            (false, true) => _ = self.weather.broken_off_after.fetch_add(1, Ordering::Relaxed),
        }
    }
}

/// Puts the weather around a tenant.
pub fn wrap(router: Router, weather: Arc<Weather>) -> Router {
    router.layer(from_fn(move |request, next| blow(weather.clone(), request, next)))
}

async fn blow(weather: Arc<Weather>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    weather.begun.fetch_add(1, Ordering::Relaxed);
    let mut in_work = InWork {
        weather: weather.clone(),
        stored: false,
        answered: false,
    };
    let (kind, before, after) = weather.draw();
    tokio::time::sleep(before).await;
    let answer = if kind < 2 {
        weather.before.fetch_add(1, Ordering::Relaxed);
        StatusCode::SERVICE_UNAVAILABLE.into_response()
    } else {
        let answer = next.run(request).await;
        in_work.stored = true;
        tokio::time::sleep(after).await;
        match kind {
            2 => {
                weather.after.fetch_add(1, Ordering::Relaxed);
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
            3 => {
                weather.cut.fetch_add(1, Ordering::Relaxed);
                // A body that fails makes the server drop the connection in the middle of the answer.
                Body::from_stream(futures_util::stream::iter([Err::<Vec<u8>, _>(io::Error::other("cut"))])).into_response()
            }
            _ => answer,
        }
    };
    in_work.answered = true;
    answer
}
