//! A tenant that the tests control: its answers, its certificate, and the moment at which the connection is cut.

use std::{
    collections::{HashSet, VecDeque},
    io,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use habitat_events::Event;
use uuid::Uuid;

/// What goes wrong with one request.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// The tenant fails and says so.
    InternalError,
    /// The connection is cut before the tenant has stored anything.
    CutBefore,
    /// The connection is cut after the tenant has stored everything.
    CutAfter,
    /// Something in between answers in the tenant's place.
    LogInPage,
    /// The answer sends the daemon somewhere else.
    Redirect,
    /// No answer ever comes.
    Silence,
}

/// A tenant in memory.
#[derive(Debug, Default)]
pub struct Tenant {
    /// Faults of the next requests; none after them.
    pub faults: VecDeque<Fault>,
    /// Event ids in the order in which they were stored.
    stored: Vec<Uuid>,
    known: HashSet<(String, Uuid)>,
    pub requests: Vec<(Uri, HeaderMap)>,
}

pub type Shared = Arc<Mutex<Tenant>>;

pub fn lock(tenant: &Shared) -> MutexGuard<'_, Tenant> {
    tenant.lock().unwrap()
}

async fn ingest(State(tenant): State<Shared>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let fault = {
        let mut tenant = lock(&tenant);
        tenant.requests.push((uri, headers));
        tenant.faults.pop_front()
    };
    match fault {
        Some(Fault::InternalError) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Some(Fault::LogInPage) => "<html>Please log in</html>".into_response(),
        Some(Fault::Redirect) => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, "/elsewhere")]).into_response(),
        Some(Fault::Silence) => std::future::pending().await,
        Some(Fault::CutBefore) => cut(),
        Some(Fault::CutAfter) => {
            store(&mut lock(&tenant), &body);
            cut()
        }
        None => store(&mut lock(&tenant), &body).into_response(),
    }
}

fn store(tenant: &mut Tenant, body: &[u8]) -> String {
    let events: Vec<Event> = serde_json::from_slice(&zstd::decode_all(body).unwrap()).unwrap();
    let total = events.len();
    let before = tenant.stored.len();
    for event in events {
        if tenant.known.insert((event.source, event.id)) {
            tenant.stored.push(event.id);
        }
    }
    let accepted = tenant.stored.len() - before;
    serde_json::json!({ "accepted": accepted, "duplicates": total - accepted }).to_string()
}

/// An answer that breaks off, and with it the connection.
fn cut() -> Response {
    let body = futures_util::stream::iter([Ok(Bytes::from_static(b"{")), Err(io::Error::other("cut"))]);
    Body::from_stream(body).into_response()
}

/// Something to connect to.
pub struct Server {
    pub tenant: Shared,
    pub address: SocketAddr,
}

impl Server {
    pub fn plain() -> Self {
        let (server, listener, app) = Self::prepare();
        listener.set_nonblocking(true).unwrap();
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        tokio::spawn(async { axum::serve(listener, app).await.unwrap() });
        server
    }

    /// With TLS, for the host name `localhost`, under the given authority.
    pub fn encrypted(authority: &Authority) -> Self {
        Self::with_certificate(authority, localhost())
    }

    /// With TLS and a certificate that the authority makes of this.
    pub fn with_certificate(authority: &Authority, certificate: rcgen::CertificateParams) -> Self {
        let (server, listener, app) = Self::prepare();
        listener.set_nonblocking(true).unwrap();
        let config = axum_server::tls_rustls::RustlsConfig::from_config(Arc::new(authority.server_config(&certificate)));
        let serving = axum_server::from_tcp_rustls(listener, config)
            .unwrap()
            .serve(app.into_make_service());
        tokio::spawn(async { serving.await.unwrap() });
        server
    }

    fn prepare() -> (Self, TcpListener, Router) {
        let tenant = Shared::default();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().fallback(ingest).with_state(Arc::clone(&tenant));
        (Server { tenant, address }, listener, app)
    }

    pub fn fail(&self, faults: &[Fault]) {
        lock(&self.tenant).faults.extend(faults);
    }

    pub fn stored(&self) -> Vec<Uuid> {
        lock(&self.tenant).stored.clone()
    }
}

/// A certificate for `localhost`.
pub fn localhost() -> rcgen::CertificateParams {
    rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap()
}

/// A certificate authority that nobody else knows.
pub struct Authority {
    certificate: rcgen::Certificate,
    issuer: rcgen::Issuer<'static, rcgen::KeyPair>,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = rcgen::CertificateParams::new(vec![]).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Authority {
            certificate,
            issuer: rcgen::Issuer::new(params, key),
        }
    }

    pub fn file_in(&self, folder: &Path) -> PathBuf {
        let path = folder.join("ca.pem");
        std::fs::write(&path, self.certificate.pem()).unwrap();
        path
    }

    fn server_config(&self, certificate: &rcgen::CertificateParams) -> rustls::ServerConfig {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = certificate.signed_by(&key, &self.issuer).unwrap();
        let key = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap()
    }
}
