//! `habitat-tenant serve`: receives and answers.

use std::{
    net::{SocketAddr, TcpListener},
    path::PathBuf,
};

use clap::Args;
use habitat_tenant::{
    CertificateKey, Database, ERASURE_DAYS_DEFAULT, ERASURE_DAYS_MAX, Limits, ServeError, ServeOptions, TenantService, Tls,
    Tokens, router, serve,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::failure::{Failure, internal, unavailable, usage};

/// Arguments of the command.
#[derive(Args)]
#[command(after_help = "Examples:
  printf 'hq-3 %s\\n' \"$(openssl rand -hex 32)\" > tokens
  habitat-tenant serve --database tenant.db --token-file tokens
  habitat-tenant serve --listen 0.0.0.0:8490 --database tenant.db --token-file tokens --cert cert.pem --key key.pem
  PGPASSFILE=pgpass habitat-tenant serve --database postgres://habitat@db.example/habitat --token-file tokens

The log goes to stderr; RUST_LOG=debug shows more.")]
pub struct Serve {
    /// Address and port; other than loopback only with a certificate
    #[arg(long, default_value = "127.0.0.1:8490", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// SQLite file, made when it does not exist, or the URL of a PostgreSQL database
    #[arg(long, value_name = "FILE|URL")]
    database: String,
    /// For a small installation: one `site-id token` per line, `* token` for every site; beside the tokens of `admin token`
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// PEM certificate chain of the server, its own certificate first
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// PEM private key of the certificate
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// Where the data are kept (a-z, 0-9, -), as controllers with `cloud.region` demand to know
    #[arg(long, value_parser = region)]
    region: Option<String>,
    /// Ed25519 key that signs certificates of destruction (PKCS #8 PEM); `certificate key` makes one
    #[arg(long, value_name = "FILE")]
    certificate_key: Option<PathBuf>,
    /// Days from a termination over HTTP to the erasure
    #[arg(long, value_name = "DAYS", default_value_t = ERASURE_DAYS_DEFAULT,
        value_parser = clap::value_parser!(u32).range(0..=i64::from(ERASURE_DAYS_MAX)))]
    erasure_days: u32,
}

fn region(text: &str) -> Result<String, &'static str> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    match !text.is_empty() && text.bytes().all(allowed) {
        true => Ok(text.to_owned()),
        false => Err("right would be a-z, 0-9, -"),
    }
}

/// Serves until a signal comes.
pub fn run(arguments: &Serve) -> Result<(), Failure> {
    // Parsed here and not by the command line, which would repeat a wrong URL with its password.
    let database: Database = arguments.database.parse().map_err(usage)?;
    let tokens = arguments
        .token_file
        .as_deref()
        .map_or_else(|| Ok(Tokens::none()), Tokens::read);
    let tokens = tokens.map_err(usage)?;
    let tls = match (&arguments.cert, &arguments.key) {
        (Some(certificate), Some(key)) => Some(Tls::read(certificate, key).map_err(usage)?),
        _ => None,
    };
    let certificate_key = arguments.certificate_key.as_deref().map(CertificateKey::read).transpose();
    let certificate_key = certificate_key.map_err(usage)?;
    allow_many_connections();
    let listener = TcpListener::bind(arguments.listen)
        .map_err(|error| unavailable(format!("cannot listen on {}: {error}", arguments.listen)))?;
    let runtime = tokio::runtime::Runtime::new().map_err(internal)?;
    runtime.block_on(async {
        let service = TenantService::connect(&database, tokens, Limits::default());
        let service = service.await.map_err(unavailable)?.in_region(arguments.region.as_deref());
        let mut service = service.with_erasure_days(arguments.erasure_days);
        match certificate_key {
            Some(key) => service = service.with_certificate_key(key),
            None => tracing::warn!("without --certificate-key certificates of destruction are not signed"),
        }
        work(listener, service, tls).await
    })
}

/// Each connection is an open file, and a service usually begins with 1024 of them although it may have many more.
fn allow_many_connections() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::debug!(%error, "the number of open files stays as it is");
    }
}

async fn work(listener: TcpListener, service: TenantService, tls: Option<Tls>) -> Result<(), Failure> {
    let shutdown = CancellationToken::new();
    let signals = watch_signals(shutdown.clone()).map_err(internal)?;
    let options = ServeOptions {
        tls,
        ..ServeOptions::default()
    };
    let house = tokio::spawn({
        let (service, shutdown) = (service.clone(), shutdown.clone());
        async move { service.keep_house(shutdown).await }
    });
    let served = serve(listener, router(service.clone()), options, shutdown.clone()).await;
    signals.abort();
    shutdown.cancel();
    // It ends between two portions, or with the portion in work.
    let _ = house.await;
    service.close().await;
    served.map_err(|error| match error {
        ServeError::PlainBeyondLoopback(_) => usage(error),
        ServeError::Listener(_) => unavailable(error),
    })?;
    tracing::info!("stopped");
    Ok(())
}

/// Cancels the token on SIGTERM or SIGINT.
fn watch_signals(shutdown: CancellationToken) -> std::io::Result<tokio::task::JoinHandle<()>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
        shutdown.cancel();
    }))
}
