//! A tenant inside the test, served on a port of its own, and a client that speaks to it.

pub mod accounts;
pub mod admin;
pub mod client;
#[path = "../../support/disk.rs"]
pub mod disk;
pub mod documented;
pub mod events;
pub mod faults;
#[path = "../../support/fire.rs"]
pub mod fire;
pub mod leaving;
#[path = "../../support/postgres.rs"]
pub mod postgres;
pub mod process;
#[path = "../../support/program.rs"]
pub mod program;
#[path = "../../support/proxy.rs"]
pub mod proxy;
pub mod scan;

use std::{net::TcpListener, path::Path};

use axum::Router;
use habitat_tenant::{Database, Limits, ServeError, ServeOptions, TenantService, Tokens, router, serve};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use client::Client;
use postgres::Postgres;

/// Opens the site `hq`.
pub const TOKEN: &str = "token-of-hq";
/// Opens the site `lab`.
pub const LAB_TOKEN: &str = "token-of-lab";
/// Opens every site.
pub const ANY_TOKEN: &str = "token-of-all";

/// Where a test's tenants keep their events; goes away with the test.
pub enum Place {
    Sqlite(TempDir),
    Postgres(Postgres),
}

impl Place {
    pub fn sqlite() -> Self {
        Place::Sqlite(folder())
    }

    pub fn postgres() -> Self {
        Place::Postgres(Postgres::start())
    }

    /// For whatever a test wants to put down.
    pub fn folder(&self) -> &Path {
        match self {
            Place::Sqlite(folder) => folder.path(),
            Place::Postgres(server) => server.folder(),
        }
    }

    /// The server, when it is one.
    pub fn server(&self) -> &Postgres {
        match self {
            Place::Postgres(server) => server,
            Place::Sqlite(_) => panic!("a file has no server"),
        }
    }

    pub fn server_mut(&mut self) -> &mut Postgres {
        match self {
            Place::Postgres(server) => server,
            Place::Sqlite(_) => panic!("a file has no server"),
        }
    }

    /// What to give as `--database`.
    pub fn argument(&self) -> String {
        match self {
            Place::Sqlite(folder) => folder.path().join("tenant.db").display().to_string(),
            Place::Postgres(server) => server.url(),
        }
    }

    pub fn database(&self) -> Database {
        self.argument().parse().expect("a database")
    }
}

/// The same tests on both stores.
macro_rules! on_both_stores {
    ($($name:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::support::Place::sqlite()).await;
            })*
        }

        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::support::Place::postgres()).await;
            })*
        }
    };
}
pub(crate) use on_both_stores;

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
    /// With the usual limits.
    pub async fn start(place: &Place) -> Self {
        Self::start_with(place, Limits::default(), |router| router).await
    }

    /// With other limits, and layers around the router.
    pub async fn start_with(place: &Place, limits: Limits, wrap: impl FnOnce(Router) -> Router) -> Self {
        Self::start_as(place, limits, ServeOptions::default(), wrap).await
    }

    /// With everything as the test wants it.
    pub async fn start_as(place: &Place, limits: Limits, options: ServeOptions, wrap: impl FnOnce(Router) -> Router) -> Self {
        let service = Self::service(place, limits).await;
        Self::serve(service, options, wrap)
    }

    /// At another time and with whatever else the test wants of the service.
    pub async fn start_with_service(place: &Place, limits: Limits, change: impl FnOnce(TenantService) -> TenantService) -> Self {
        let service = change(Self::service(place, limits).await);
        Self::serve(service, ServeOptions::default(), |router| router)
    }

    async fn service(place: &Place, limits: Limits) -> TenantService {
        let service = TenantService::connect(&place.database(), tokens(), limits).await;
        service.expect("the database opens")
    }

    fn serve(service: TenantService, options: ServeOptions, wrap: impl FnOnce(Router) -> Router) -> Self {
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
