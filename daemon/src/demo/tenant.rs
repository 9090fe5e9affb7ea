//! The demonstration's own cloud tenant, on loopback.

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
};

use habitat_tenant::{Limits, ServeError, ServeOptions, TenantService, Tokens, router, serve};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::office::SITE;
use crate::exit_code::Failure;

/// The running tenant.
pub struct DemoTenant {
    service: TenantService,
    address: SocketAddr,
    token: String,
    shutdown: CancellationToken,
    server: JoinHandle<Result<(), ServeError>>,
}

impl DemoTenant {
    /// Starts a tenant that keeps its database in a folder and knows one token.
    pub fn start(folder: &Path, listener: TcpListener) -> Result<Self, Failure> {
        let not_started = |error: &dyn std::fmt::Display| Failure::unavailable("the demonstration's tenant cannot start", error);
        let token = uuid::Uuid::new_v4().simple().to_string();
        let tokens = Tokens::parse(&format!("{SITE} {token}\n")).map_err(|error| not_started(&error))?;
        let service = TenantService::open(&folder.join("tenant.db"), tokens, Limits::default());
        let service = service.map_err(|error| not_started(&error))?;
        let address = listener.local_addr().map_err(|error| not_started(&error))?;
        let shutdown = CancellationToken::new();
        let options = ServeOptions {
            drain: std::time::Duration::from_millis(500),
            ..ServeOptions::default()
        };
        let server = tokio::spawn(serve(listener, router(service.clone()), options, shutdown.clone()));
        Ok(DemoTenant {
            service,
            address,
            token,
            shutdown,
            server,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The bearer token of the site.
    pub fn token(&self) -> String {
        self.token.clone()
    }

    /// Finishes what was begun and closes the database.
    pub async fn stop(self) {
        self.shutdown.cancel();
        match self.server.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the demonstration's tenant did not end well"),
            Err(error) => tracing::warn!(%error, "the demonstration's tenant did not end well"),
        }
        self.service.close().await;
    }
}
