//! A client made of what the configuration names: whom to trust, what to show, which way out. Made anew when one of the files is new,
//! so that a certificate can be renewed while the daemon runs.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use habitat_config::site::Cloud;
use reqwest::{Certificate, Client, ClientBuilder, Identity, Proxy, redirect::Policy};

use super::chain;

/// For name, connection and TLS handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// For the whole request: a full batch has about 100 kB, which takes 20 s even at 40 kbit/s.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// A client, and when its files were written.
#[derive(Debug)]
pub(super) struct Made {
    pub client: Client,
    written: Vec<Option<SystemTime>>,
}

impl Made {
    /// Reads the files. Blocks for as long as the disk takes. The error says what to correct.
    pub fn of(cloud: &Cloud) -> Result<Self, String> {
        // Looked at first: what is written meanwhile is read again.
        let written = written(cloud);
        let builder = Client::builder()
            .user_agent(concat!("habitatd/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(REQUEST_TIMEOUT)
            .pool_max_idle_per_host(1)
            // Somewhere else is not who we trust with the token.
            .redirect(Policy::none());
        let builder = if cloud.url.starts_with("https:") {
            encrypted(builder.https_only(true), cloud)?
        } else {
            // Plain HTTP goes to this machine only, hence to no proxy; and it needs no authorities, which a small system
            // may not have.
            builder.no_proxy().tls_certs_only([])
        };
        let client = builder.build().map_err(|error| {
            let pair = match (&cloud.certificate_file, &cloud.key_file) {
                (Some(certificate), Some(key)) => {
                    format!("; is {} the key of the certificate {}?", key.display(), certificate.display())
                }
                _ => String::new(),
            };
            format!("the client for the cloud cannot be made: {}{pair}", chain(&error))
        })?;
        Ok(Made { client, written })
    }

    /// Whether the files are still those that it was made of.
    pub fn is_current(&self, cloud: &Cloud) -> bool {
        self.written == written(cloud)
    }
}

fn written(cloud: &Cloud) -> Vec<Option<SystemTime>> {
    let modified = |path: &PathBuf| fs::metadata(path).and_then(|file| file.modified()).ok();
    [&cloud.ca_file, &cloud.certificate_file, &cloud.key_file]
        .into_iter()
        .flatten()
        .map(modified)
        .collect()
}

fn encrypted(builder: ClientBuilder, cloud: &Cloud) -> Result<ClientBuilder, String> {
    let mut builder = builder;
    if let Some(path) = &cloud.ca_file {
        builder = builder.tls_certs_only(authority(path)?);
    }
    if let (Some(certificate), Some(key)) = (&cloud.certificate_file, &cloud.key_file) {
        builder = builder.identity(own_certificate(certificate, key)?);
    }
    if let Some(proxy) = &cloud.proxy {
        let proxy = Proxy::https(proxy).map_err(|error| format!("`cloud.proxy` cannot be used: {}", chain(&error)))?;
        builder = builder.proxy(proxy);
    }
    Ok(builder)
}

fn authority(path: &Path) -> Result<Vec<Certificate>, String> {
    let problem = |what: String| format!("the certificate authority {} (`cloud.ca_file`) {what}", path.display());
    let pem = fs::read(path).map_err(|error| problem(format!("cannot be read: {error}")))?;
    let certificates = Certificate::from_pem_bundle(&pem).map_err(|error| problem(format!("is not PEM: {}", chain(&error))))?;
    if certificates.is_empty() {
        return Err(problem(
            "holds no certificate; it has to have at least one block `-----BEGIN CERTIFICATE-----`".into(),
        ));
    }
    Ok(certificates)
}

fn own_certificate(certificate: &Path, key: &Path) -> Result<Identity, String> {
    let read = |what: &str, name: &str, path: &Path| {
        fs::read(path).map_err(|error| format!("the {what} {} (`cloud.{name}`) cannot be read: {error}", path.display()))
    };
    let mut pem = read("certificate", "certificate_file", certificate)?;
    pem.push(b'\n');
    pem.extend(read("key", "key_file", key)?);
    Identity::from_pem(&pem).map_err(|error| {
        format!(
            "the certificate {} (`cloud.certificate_file`) cannot be used with the key {} (`cloud.key_file`): {}",
            certificate.display(),
            key.display(),
            chain(&error)
        )
    })
}
