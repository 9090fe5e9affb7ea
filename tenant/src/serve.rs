//! The server around a router: HTTPS, or plain HTTP when nobody but this machine can connect; ends when told to, after
//! the requests in work have been answered.

use std::{
    convert::Infallible,
    io,
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use axum::Router;
use axum_server::{Handle, Server, tls_rustls::RustlsConfig};
use tokio_util::sync::CancellationToken;

use crate::tls::Tls;

/// A connection that has sent nothing for so long is closed. Longer than a minute, the interval at which controllers send.
const IDLE_MAX: Duration = Duration::from_secs(90);
/// How long a new connection may take to its first request.
const FIRST_REQUEST_MAX: Duration = Duration::from_secs(30);

/// How to serve.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// Certificate and key; without them only a loopback address is served.
    pub tls: Option<Tls>,
    /// How long requests in work may take to end after the shutdown began.
    pub drain: Duration,
}

impl Default for ServeOptions {
    fn default() -> Self {
        ServeOptions {
            tls: None,
            drain: Duration::from_secs(5),
        }
    }
}

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Tokens and events would cross the network in clear.
    #[error(
        "without a certificate only this machine may connect, but {0} is not a loopback address; \
         give a certificate and key, or listen on 127.0.0.1 or [::1]"
    )]
    PlainBeyondLoopback(SocketAddr),
    /// The listener cannot be used.
    #[error("cannot serve: {0}")]
    Listener(#[from] io::Error),
}

/// Serves the router on the listener until the token is cancelled, then lets the requests in work end.
///
/// # Errors
/// [`ServeError`], when the listener cannot be used, or plain HTTP would be open to other machines.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    options: ServeOptions,
    shutdown: CancellationToken,
) -> Result<(), ServeError> {
    let address = listener.local_addr()?;
    if options.tls.is_none() && !address.ip().to_canonical().is_loopback() {
        return Err(ServeError::PlainBeyondLoopback(address));
    }
    let scheme = if options.tls.is_some() { "https" } else { "http" };
    tracing::info!("listening on {scheme}://{address}");
    let handle = Handle::new();
    let stop = async {
        shutdown.cancelled().await;
        handle.graceful_shutdown(Some(options.drain));
        std::future::pending::<Infallible>().await
    };
    let app = router.into_make_service();
    let run = async {
        match options.tls {
            Some(tls) => {
                let config = RustlsConfig::from_config(tls.config());
                tune(axum_server::from_tcp_rustls(listener, config)?, &handle)
                    .serve(app)
                    .await
            }
            None => tune(axum_server::from_tcp(listener)?, &handle).serve(app).await,
        }
    };
    tokio::select! {
        result = run => Ok(result?),
        never = stop => match never {},
    }
}

fn tune<A>(mut server: Server<SocketAddr, A>, handle: &Handle<SocketAddr>) -> Server<SocketAddr, A> {
    server.http_builder().http1().header_read_timeout(IDLE_MAX);
    server
        .first_request_timeout(FIRST_REQUEST_MAX)
        .accept_error_handler(|address, error| tracing::debug!(?address, %error, "a connection was not accepted"))
        .handle(handle.clone())
}
