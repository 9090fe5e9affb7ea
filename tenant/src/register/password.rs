//! Passwords are kept as Argon2id.
//!
//! 19 MiB, two passes, one lane: the first choice of the OWASP Password Storage Cheat Sheet, and the defaults of the crate.
//! Length is what is asked for (NIST SP 800-63B), no kinds of characters.

use std::sync::LazyLock;

use argon2::{
    Argon2,
    password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString},
};
use tokio::sync::Semaphore;

use super::{RegisterError, secret};
use crate::store::StoreError;

/// Fewest characters of a password.
const CHARS_MIN: usize = 12;
/// Most bytes: Argon2 would take more, but nobody types them.
const BYTES_MAX: usize = 512;
const SALT_BYTES: usize = 16;

/// Each takes 19 MiB and a processor for some 30 ms, so only so many at once.
static PLACES: Semaphore = Semaphore::const_new(2);

/// So many may wait for one; others are told to come back, so that guesses cannot pile up.
static WAITING: Semaphore = Semaphore::const_new(64);

/// In place of a password where there is none, so that this takes as long.
static NOBODYS: LazyLock<String> = LazyLock::new(|| hash_now("nobody's").unwrap_or_default());

/// What is kept of a new password.
pub(super) async fn hash(password: &str) -> Result<String, RegisterError> {
    if password.chars().count() < CHARS_MIN || password.len() > BYTES_MAX {
        return Err(RegisterError::Wrong(format!(
            "the password has fewer than {CHARS_MIN} characters or more than {BYTES_MAX} bytes"
        )));
    }
    let password = password.to_owned();
    in_place(move || hash_now(&password)).await?
}

/// Whether a password is the one that is kept; takes as long when none is.
pub(super) async fn is_right(password: &str, kept: &str) -> Result<bool, RegisterError> {
    if password.len() > BYTES_MAX {
        return Ok(false);
    }
    let (password, kept) = (password.to_owned(), kept.to_owned());
    in_place(move || {
        let compared = if kept.is_empty() { NOBODYS.as_str() } else { kept.as_str() };
        let same = PasswordHash::new(compared)
            .is_ok_and(|compared| Argon2::default().verify_password(password.as_bytes(), &compared).is_ok());
        same && !kept.is_empty()
    })
    .await
}

fn hash_now(password: &str) -> Result<String, RegisterError> {
    let failed = |error| RegisterError::Wrong(format!("the password cannot be kept: {error}"));
    let salt = SaltString::encode_b64(&secret::random::<SALT_BYTES>()?).map_err(failed)?;
    let hash = Argon2::default().hash_password(password.as_bytes(), &salt).map_err(failed)?;
    Ok(hash.to_string())
}

/// Off the threads of the network.
async fn in_place<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, RegisterError> {
    let broken = || RegisterError::Wrong("the password was not looked at; try again".to_owned());
    let _waiting = WAITING.try_acquire().map_err(|_| RegisterError::Store(StoreError::Busy))?;
    let _place = PLACES.acquire().await.map_err(|_| broken())?;
    tokio::task::spawn_blocking(work).await.map_err(|_| broken())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_right_or_not_and_kept_as_the_source_says() {
        let kept = hash("correct horse battery").await.expect("long enough");
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(is_right("correct horse battery", &kept).await.expect("looked at"));
        for wrong in ["", "correct horse batterz", "Correct horse battery", "nobody's"] {
            assert!(!is_right(wrong, &kept).await.expect("looked at"));
            assert!(
                !is_right(wrong, "").await.expect("looked at"),
                "no password is none that opens"
            );
        }
        assert_ne!(
            kept,
            hash("correct horse battery").await.expect("long enough"),
            "each has a salt of its own"
        );
    }

    #[tokio::test]
    async fn short_passwords_are_refused_and_letters_are_counted_not_bytes() {
        for wrong in ["", "elevenchars", "äääääääääää", &"x".repeat(513)] {
            assert!(hash(wrong).await.is_err(), "{wrong}");
        }
        assert!(hash("ääääääääääää").await.is_ok());
    }
}
