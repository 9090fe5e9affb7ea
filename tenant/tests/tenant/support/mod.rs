//! A tenant inside the test, served on a port of its own, and a client that speaks to it.

pub mod client;
pub mod events;
pub mod faults;
pub mod process;

use std::{net::TcpListener, path::Path};

use axum::Router;
use habitat_tenant::{Limits, ServeError, ServeOptions, TenantService, Tokens, router, serve};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use client::Client;

/// Opens the site `hq`.
pub const TOKEN: &str = "token-of-hq";
/// Opens the site `lab`.
pub const LAB_TOKEN: &str = "token-of-lab";
/// Opens every site.
pub const ANY_TOKEN: &str = "token-of-all";

/// A tenant that is being served.
pub struct Tenant {
    pub service: TenantService,
    pub address: std::net::SocketAddr,
    shutdown: CancellationToken,
    serving: JoinHandle<Result<(), ServeError>>,
}

pub fn tokens() -> Tokens {
    Tokens::parse(&token_file()).expect("tokens are well-formed")
}

pub fn token_file() -> String {
    format!("hq {TOKEN}\nlab {LAB_TOKEN}\n* {ANY_TOKEN}\n")
}

pub fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

impl Tenant {
    /// On the database `tenant.db` of a folder, with the usual limits.
    pub async fn start(folder: &Path) -> Self {
        Self::start_with(folder, Limits::default(), |router| router).await
    }

    /// With other limits, and layers around the router.
    pub async fn start_with(folder: &Path, limits: Limits, wrap: impl FnOnce(Router) -> Router) -> Self {
        Self::start_as(folder, limits, ServeOptions::default(), wrap).await
    }

    /// With everything as the test wants it.
    pub async fn start_as(folder: &Path, limits: Limits, options: ServeOptions, wrap: impl FnOnce(Router) -> Router) -> Self {
        let service = TenantService::open(&folder.join("tenant.db"), tokens(), limits).expect("the database opens");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound address");
        let shutdown = CancellationToken::new();
        let app = wrap(router(service.clone()));
        let serving = tokio::spawn(serve(listener, app, options, shutdown.clone()));
        Tenant {
            service,
            address,
            shutdown,
            serving,
        }
    }

    pub fn client(&self) -> Client {
        Client::new(&format!("http://{}", self.address))
    }

    /// Begins the shutdown.
    pub fn begin_stop(&self) {
        self.shutdown.cancel();
    }

    /// Waits until nothing is served any more and the database is closed.
    pub async fn stop(self) {
        self.shutdown.cancel();
        self.serving
            .await
            .expect("the server does not panic")
            .expect("the server ends in order");
        self.service.close().await;
    }
}
