//! One request to the tenant. The only file that names reqwest.
//!
//! TLS is rustls with reqwest's own provider, unless the process has installed one.

use std::{error::Error, fs, future::Future, path::Path, time::Duration};

use reqwest::{
    Certificate, Client, ClientBuilder, Response, Url,
    header::{CONTENT_ENCODING, CONTENT_TYPE, DATE, HeaderName, RETRY_AFTER},
    redirect::Policy,
};

use super::{outcome::Answer, token::Token};

/// For name, connection and TLS handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// For the whole request: a full batch has about 100 kB, which takes 20 s even at 40 kbit/s.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// A receipt that refuses every event of a full batch has about 200 kB. What is longer is cut off and not understood.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// Somewhere to send batches to.
pub(super) trait Tenant {
    /// Sends one encoded batch. Without an answer, the error says why in words.
    fn post(&self, body: Vec<u8>, token: Option<&Token>) -> impl Future<Output = Result<Answer, String>> + Send;
}

/// The tenant at the other end of HTTPS.
#[derive(Debug)]
pub(super) struct HttpTenant {
    client: Client,
    events: Url,
}

impl HttpTenant {
    /// A client for one site. The error says what to correct. Blocks for as long as the disk takes.
    pub fn new(url: &str, site_id: &str, ca_file: Option<&Path>) -> Result<Self, String> {
        let events = Url::parse(&format!("{url}/v1/sites/{site_id}/events"))
            .map_err(|error| format!("`cloud.url` is not an address: {error}"))?;
        let builder = Client::builder()
            .user_agent(concat!("habitatd/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(REQUEST_TIMEOUT)
            .pool_max_idle_per_host(1)
            // Somewhere else is not who we trust with the token.
            .redirect(Policy::none());
        let builder = if events.scheme() == "https" {
            trust(builder.https_only(true), ca_file)?
        } else {
            // Plain HTTP goes to this machine only, hence to no proxy; and it needs no authorities, which a small system
            // may not have.
            builder.no_proxy().tls_certs_only([])
        };
        let client = builder
            .build()
            .map_err(|error| format!("the client for the cloud cannot be made: {}", chain(&error)))?;
        Ok(HttpTenant { client, events })
    }

    async fn send(&self, body: Vec<u8>, token: Option<&Token>) -> Result<Answer, reqwest::Error> {
        let mut request = self
            .client
            .post(self.events.clone())
            .header(CONTENT_TYPE, "application/cloudevents-batch+json")
            .header(CONTENT_ENCODING, "zstd")
            .body(body);
        if let Some(token) = token {
            request = request.bearer_auth(token.secret());
        }
        let mut response = request.send().await?;
        Ok(Answer {
            status: response.status().as_u16(),
            retry_after: header(&response, &RETRY_AFTER),
            date: header(&response, &DATE),
            body: read_body(&mut response).await?,
        })
    }
}

impl Tenant for HttpTenant {
    async fn post(&self, body: Vec<u8>, token: Option<&Token>) -> Result<Answer, String> {
        self.send(body, token).await.map_err(|error| chain(&error.without_url()))
    }
}

fn trust(builder: ClientBuilder, ca_file: Option<&Path>) -> Result<ClientBuilder, String> {
    let Some(path) = ca_file else { return Ok(builder) };
    let problem = |what: String| format!("the certificate authority {} (`cloud.ca_file`) {what}", path.display());
    let pem = fs::read(path).map_err(|error| problem(format!("cannot be read: {error}")))?;
    let certificates = Certificate::from_pem_bundle(&pem).map_err(|error| problem(format!("is not PEM: {}", chain(&error))))?;
    if certificates.is_empty() {
        return Err(problem(
            "holds no certificate; it has to have at least one block `-----BEGIN CERTIFICATE-----`".into(),
        ));
    }
    Ok(builder.tls_certs_only(certificates))
}

fn header(response: &Response, name: &HeaderName) -> Option<String> {
    response.headers().get(name)?.to_str().ok().map(str::to_owned)
}

async fn read_body(response: &mut Response) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        let room = MAX_ANSWER_BYTES - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() >= room {
            break;
        }
    }
    Ok(body)
}

/// An error with its causes: the cause is what helps ("connection refused", "unknown issuer").
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
