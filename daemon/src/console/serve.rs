//! The server around the console: begins on a listener, ends when told to.

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use axum_server::{Handle, Server};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{
    Console,
    heartbeat::Heartbeat,
    http::{self, Desk},
};

/// A connection that has asked nothing for so long is closed; a page asks again when it needs to.
const IDLE_MAX: Duration = Duration::from_secs(90);
/// How long a new connection may take to its first request.
const FIRST_REQUEST_MAX: Duration = Duration::from_secs(30);
/// How long requests in work may take to end after the shutdown began; streams end at once.
const DRAIN_MAX: Duration = Duration::from_millis(500);

/// Serves the console until the token is cancelled, and ends within a second of that.
pub async fn serve(listener: TcpListener, console: Console, shutdown: CancellationToken) {
    if let Err(error) = run(listener, console, shutdown).await {
        tracing::error!(%error, "the console has ended; masking goes on without it");
    }
}

async fn run(listener: TcpListener, console: Console, shutdown: CancellationToken) -> io::Result<()> {
    tracing::info!("console at http://{}/", listener.local_addr()?);
    let heartbeat = Arc::new(Heartbeat::new(console.counters.clone()));
    let app = http::router(Desk::new(console, heartbeat.clone(), shutdown.clone())).into_make_service();
    let handle = Handle::new();
    let served = server(listener.into_std()?, &handle)?.serve(app);
    let stop = async {
        shutdown.cancelled().await;
        handle.graceful_shutdown(Some(DRAIN_MAX));
        std::future::pending::<Infallible>().await
    };
    tokio::select! {
        result = served => result,
        never = stop => match never {},
        never = heartbeat.watch() => match never {},
    }
}

fn server(listener: std::net::TcpListener, handle: &Handle<SocketAddr>) -> io::Result<Server<SocketAddr>> {
    let mut server = axum_server::from_tcp(listener)?;
    server.http_builder().http1().header_read_timeout(IDLE_MAX);
    Ok(server.first_request_timeout(FIRST_REQUEST_MAX).handle(handle.clone()))
}
