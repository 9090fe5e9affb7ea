//! Bodies of requests: all of it, up to a size and within a time.

use std::time::Duration;

use axum::body::Body;
use futures_util::StreamExt;
use habitat_config::settings::LARGEST_REQUEST_BYTES;
use tokio::time::timeout;

use crate::console::refusal::Refusal;

/// How long a body may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// A larger body is read to this size and thrown away, so that its sender sees the refusal instead of a broken connection.
const DISCARDED_BYTES_MAX: usize = 8 << 20;

/// The whole body.
///
/// # Errors
/// When it is too large, too slow, or breaks off.
pub(super) async fn read(body: Body) -> Result<Vec<u8>, Refusal> {
    let slow = |_| Refusal::new(408, format!("the body did not arrive within {} s", PATIENCE.as_secs()));
    timeout(PATIENCE, collect(body)).await.map_err(slow)?
}

async fn collect(body: Body) -> Result<Vec<u8>, Refusal> {
    let mut chunks = body.into_data_stream();
    let (mut kept, mut total) = (Vec::new(), 0);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Refusal::new(400, "the body broke off before its end"))?;
        total += chunk.len();
        if total <= LARGEST_REQUEST_BYTES {
            kept.extend_from_slice(&chunk);
        } else if total > DISCARDED_BYTES_MAX {
            break;
        }
    }
    if total > LARGEST_REQUEST_BYTES {
        return Err(Refusal::new(
            413,
            format!("the body has more than {LARGEST_REQUEST_BYTES} bytes, which no request here needs"),
        ));
    }
    Ok(kept)
}
