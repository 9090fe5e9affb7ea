//! A tenant that fails half of its requests: a quarter before they do anything, a quarter after they have done
//! everything, half of those by cutting the connection instead of an answer.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::StatusCode,
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};
use futures_util::stream;

/// Counts what was done to requests.
#[derive(Default)]
pub struct Faults {
    drawn: AtomicU64,
    pub before: AtomicU64,
    pub after: AtomicU64,
}

/// Puts the faults around a router.
pub fn wrap(router: Router, faults: Arc<Faults>) -> Router {
    router.layer(from_fn(move |request, next| fail_half(faults.clone(), request, next)))
}

async fn fail_half(faults: Arc<Faults>, request: Request, next: Next) -> Response {
    let draw = splitmix64(faults.drawn.fetch_add(1, Ordering::Relaxed));
    match draw % 8 {
        0 | 1 => {
            faults.before.fetch_add(1, Ordering::Relaxed);
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        lost @ (2 | 3) => {
            let _ = next.run(request).await;
            faults.after.fetch_add(1, Ordering::Relaxed);
            if lost == 2 {
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
            // A body that fails makes the server drop the connection in the middle of the answer.
            Body::from_stream(stream::iter([Err::<Vec<u8>, _>(std::io::Error::other("cut"))])).into_response()
        }
        _ => next.run(request).await,
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014), so that every run draws the same.
fn splitmix64(index: u64) -> u64 {
    let mut z = index.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
