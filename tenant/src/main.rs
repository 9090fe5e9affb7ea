//! `habitat-tenant`: the tenant as a program. Exit codes: 0 done, 64 bad arguments or files, 69 the database or the
//! address is unavailable, 70 internal fault.

use std::{
    fmt::Display,
    io::IsTerminal,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};
use habitat_tenant::{Database, Limits, ServeError, ServeOptions, TenantService, Tls, Tokens, router, serve};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

const EXIT_USAGE: u8 = 64;
const EXIT_UNAVAILABLE: u8 = 69;
const EXIT_INTERNAL: u8 = 70;

/// The reference cloud tenant: receives events from controllers, keeps each once, answers questions about them.
#[derive(Parser)]
#[command(
    version,
    after_help = "Example:\n  habitat-tenant serve --listen 127.0.0.1:8490 --database tenant.db --token-file tokens"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Receive and answer until SIGTERM or SIGINT.
    Serve(Serve),
}

#[derive(Args)]
#[command(after_help = "Examples:
  printf 'hq-3 %s\\n' \"$(openssl rand -hex 32)\" > tokens
  habitat-tenant serve --database tenant.db --token-file tokens
  habitat-tenant serve --listen 0.0.0.0:8490 --database tenant.db --token-file tokens --cert cert.pem --key key.pem
  PGPASSFILE=pgpass habitat-tenant serve --database postgres://habitat@db.example/habitat --token-file tokens

The log goes to stderr; RUST_LOG=debug shows more.")]
struct Serve {
    /// Address and port; other than loopback only with a certificate
    #[arg(long, default_value = "127.0.0.1:8490", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// SQLite file, made when it does not exist, or the URL of a PostgreSQL database
    #[arg(long, value_name = "FILE|URL")]
    database: Database,
    /// One `site-id token` per line, `* token` for every site
    #[arg(long, value_name = "FILE")]
    token_file: PathBuf,
    /// PEM certificate chain of the server, its own certificate first
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// PEM private key of the certificate
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
}

/// Why the program ends early: what to say and the exit code.
struct Failure(u8, String);

fn usage(error: impl Display) -> Failure {
    Failure(EXIT_USAGE, error.to_string())
}

fn unavailable(error: impl Display) -> Failure {
    Failure(EXIT_UNAVAILABLE, error.to_string())
}

fn internal(error: impl Display) -> Failure {
    Failure(EXIT_INTERNAL, error.to_string())
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Nothing is left to do when the terminal is gone.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { EXIT_USAGE } else { 0 });
        }
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let Command::Serve(arguments) = cli.command;
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(code, message)) => {
            tracing::error!("{message}");
            ExitCode::from(code)
        }
    }
}

fn run(arguments: &Serve) -> Result<(), Failure> {
    let tokens = Tokens::read(&arguments.token_file).map_err(usage)?;
    let tls = match (&arguments.cert, &arguments.key) {
        (Some(certificate), Some(key)) => Some(Tls::read(certificate, key).map_err(usage)?),
        _ => None,
    };
    let listener = TcpListener::bind(arguments.listen)
        .map_err(|error| unavailable(format!("cannot listen on {}: {error}", arguments.listen)))?;
    let runtime = tokio::runtime::Runtime::new().map_err(internal)?;
    runtime.block_on(async {
        let service = TenantService::connect(&arguments.database, tokens, Limits::default());
        work(listener, service.await.map_err(unavailable)?, tls).await
    })
}

async fn work(listener: TcpListener, service: TenantService, tls: Option<Tls>) -> Result<(), Failure> {
    let shutdown = CancellationToken::new();
    let signals = watch_signals(shutdown.clone()).map_err(internal)?;
    let options = ServeOptions {
        tls,
        ..ServeOptions::default()
    };
    let served = serve(listener, router(service.clone()), options, shutdown).await;
    signals.abort();
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
