//! Everything that is kept of a tenant in one archive: portability, access, and what one takes along before leaving.

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, Write},
};

use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use zip::{ZipWriter, result::ZipError, write::SimpleFileOptions};

use crate::{
    ids::TenantId,
    register::{Register, RegisterError},
    store::Selection,
};

/// Events that are read at once.
const PAGE: usize = 1000;

const README: &str = "Everything that is kept of this tenant.

tenant.json          the company, how long data are kept, what is not processed, a termination under way
administrators.jsonl the people who look after it, with their roles
preferences.jsonl    what they prefer
sites.jsonl          sites
controllers.jsonl    controllers that have sent something
tokens.jsonl         tokens, without their secrets, of which only digests are kept
access-log.jsonl     log-ins and changes, oldest first
events.jsonl         every event, one CloudEvents 1.0 document per line, site by site in order of arrival

A .jsonl file has a JSON document per line. Passwords and sessions are kept as digests only and are not in it.
";

/// Why there is no archive.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The register or the database.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// The archive.
    #[error("the archive cannot be written: {0}")]
    Archive(#[from] ZipError),
    /// The disk.
    #[error("the archive cannot be written: {0}")]
    Disk(#[from] io::Error),
    /// An entry.
    #[error("the archive cannot be written: {0}")]
    Json(#[from] serde_json::Error),
}

/// What there is in an archive.
#[derive(Clone, Debug)]
pub struct Exported {
    /// Events.
    pub events: u64,
    /// SHA-256 of the archive, as hexadecimal digits.
    pub sha256: String,
}

impl Register {
    /// Writes everything of a tenant into a file, from its beginning, and notes in the log that this was done. Blocks on
    /// the disk, so call it where that is no harm.
    ///
    /// # Errors
    /// [`ExportError`], when there is no such tenant, or the database or the disk fails.
    pub async fn export(&self, tenant: &TenantId, file: File) -> Result<Exported, ExportError> {
        let mut archive = ZipWriter::new(file);
        put(&mut archive, "README.txt", README)?;
        let about = json!({
            "tenant": self.tenant(tenant).await?,
            "restrictions": self.restrictions(tenant).await?,
            "termination": self.termination(tenant).await?,
            "made": self.now(),
            "program": concat!("habitat-tenant ", env!("CARGO_PKG_VERSION")),
        });
        put(&mut archive, "tenant.json", &format!("{about:#}\n"))?;
        lines(&mut archive, "administrators.jsonl", self.administrators(tenant).await?)?;
        let preferences = self.preferences(tenant).await?.into_iter();
        let preferences = preferences.map(|(id, preferences)| json!({ "administrator": id, "preferences": preferences }));
        lines(&mut archive, "preferences.jsonl", preferences)?;
        lines(&mut archive, "sites.jsonl", self.sites(tenant).await?)?;
        lines(&mut archive, "controllers.jsonl", self.controllers(tenant).await?)?;
        lines(&mut archive, "tokens.jsonl", self.tokens(tenant).await?)?;
        lines(&mut archive, "access-log.jsonl", self.access_log(tenant).await?)?;
        let events = self.export_events(tenant, &mut archive).await?;
        let mut file = archive.finish()?;
        file.sync_all()?;
        let sha256 = digest(&mut file)?;
        self.note_export(tenant, &sha256).await?;
        Ok(Exported { events, sha256 })
    }

    async fn export_events(&self, tenant: &TenantId, archive: &mut ZipWriter<File>) -> Result<u64, ExportError> {
        begin(archive, "events.jsonl")?;
        let mut events = 0;
        for site in self.store.sites_with_events(tenant).await.map_err(RegisterError::from)? {
            let mut selection = Selection {
                tenant: tenant.clone(),
                site,
                zone: None,
                event_type: None,
                since_us: None,
                until_us: None,
                after: None,
                limit: PAGE,
            };
            loop {
                let page = self.store.select(selection.clone()).await.map_err(RegisterError::from)?;
                for document in &page.documents {
                    writeln!(archive, "{document}")?;
                    events += 1;
                }
                selection.after = page.next;
                if page.next.is_none() {
                    break;
                }
            }
        }
        Ok(events)
    }
}

fn begin(archive: &mut ZipWriter<File>, name: &str) -> Result<(), ExportError> {
    Ok(archive.start_file(name, SimpleFileOptions::default().large_file(true).unix_permissions(0o600))?)
}

fn put(archive: &mut ZipWriter<File>, name: &str, text: &str) -> Result<(), ExportError> {
    begin(archive, name)?;
    Ok(archive.write_all(text.as_bytes())?)
}

/// A file with a line per entry.
fn lines<T: Serialize>(
    archive: &mut ZipWriter<File>,
    name: &str,
    entries: impl IntoIterator<Item = T>,
) -> Result<(), ExportError> {
    begin(archive, name)?;
    for entry in entries {
        writeln!(archive, "{}", serde_json::to_string(&entry)?)?;
    }
    Ok(())
}

/// SHA-256 of a file; leaves it at its beginning.
fn digest(file: &mut File) -> io::Result<String> {
    file.rewind()?;
    let mut digest = Sha256::new();
    let mut reader = BufReader::with_capacity(1 << 16, &mut *file);
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = reader.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        digest.update(buffer.get(..read).unwrap_or_default());
    }
    file.rewind()?;
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
