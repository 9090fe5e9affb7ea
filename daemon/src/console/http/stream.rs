//! The live stream as server-sent events <https://html.spec.whatwg.org/multipage/server-sent-events.html>.

use std::{convert::Infallible, time::Duration};

use axum::response::{
    IntoResponse, Response,
    sse::{Event, KeepAlive, Sse},
};
use futures_util::StreamExt;

use super::{Desk, MOST_STREAMS};
use crate::console::{live, refusal::Refusal};

/// A proxy in between must not take a silent stream for a dead one.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// Begins a stream with the events of one zone or of all.
///
/// # Errors
/// When there are too many already.
pub(super) fn begin(desk: Desk, zone: Option<String>) -> Result<Response, Refusal> {
    let Ok(permit) = desk.streams.try_acquire_owned() else {
        let error = format!("{MOST_STREAMS} streams are open already; close a page that shows this console");
        return Err(Refusal::new(503, error));
    };
    let messages = live::stream((*desk.console).clone(), desk.heartbeat, zone, desk.shutdown, permit);
    let events = messages.map(|message| Ok::<_, Infallible>(Event::default().event(message.name).data(message.json)));
    Ok(Sse::new(events)
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
        .into_response())
}
