//! Which database to use: a file, or a server.

use std::{fmt, path::PathBuf, str::FromStr};

use sqlx::{ConnectOptions, postgres::PgConnectOptions};

/// How the URL of a server begins.
const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];

/// An SQLite file or a PostgreSQL server.
#[derive(Clone)]
pub enum Database {
    /// The path of an SQLite file, made when it does not exist.
    File(PathBuf),
    /// What a PostgreSQL URL and the environment (`PGPASSWORD`, `PGPASSFILE`, …) say.
    Server(Box<PgConnectOptions>),
}

/// Why a URL names no database. The URL is not repeated, because it may hold a password.
#[derive(Debug, thiserror::Error)]
#[error("{0}; right would be postgres://user@host:5432/database, or the path of a file")]
pub struct DatabaseError(String);

impl FromStr for Database {
    type Err = DatabaseError;

    fn from_str(text: &str) -> Result<Self, DatabaseError> {
        if !SCHEMES.iter().any(|scheme| text.starts_with(scheme)) {
            return Ok(Database::File(PathBuf::from(text)));
        }
        let options: PgConnectOptions = text.parse().map_err(|error| DatabaseError(reason(&error)))?;
        if options.get_database().is_none_or(str::is_empty) {
            return Err(DatabaseError("the URL names no database".to_owned()));
        }
        Ok(Database::Server(Box::new(options.disable_statement_logging())))
    }
}

/// The innermost cause says what is wrong, the outer ones only where.
fn reason(error: &sqlx::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// Without user and password.
impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Database::File(path) => path.display().fmt(f),
            Database::Server(options) => write!(
                f,
                "postgres://{}:{}/{}",
                options.get_host(),
                options.get_port(),
                options.get_database().unwrap_or_default()
            ),
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_a_server_and_anything_else_a_file() {
        for file in ["tenant.db", "/var/lib/x.db", "postgres", "c:/x"] {
            assert!(matches!(file.parse(), Ok(Database::File(path)) if path == *file), "{file}");
        }
        let server: Database = "postgresql://habitat:sesame@db.example:6432/events?sslmode=require"
            .parse()
            .expect("a URL");
        assert_eq!(server.to_string(), "postgres://db.example:6432/events");
        assert!(!format!("{server:?}").contains("sesame"));
    }

    #[test]
    fn a_wrong_url_is_explained_without_its_password() {
        for url in [
            "postgres://habitat:sesame@host:port/db",
            "postgres://habitat:sesame@host",
            "postgres://habitat:sesame@host/",
            "postgres://habitat:sesame@host/db?sslmode=maybe",
        ] {
            let message = url.parse::<Database>().expect_err("no database").to_string();
            assert!(message.contains("postgres://user@host:5432/database"), "{message}");
            assert!(!message.contains("sesame"), "{message}");
        }
    }
}
