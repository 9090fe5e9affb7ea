//! Requests to the tenant. The only folder that names reqwest.
//!
//! TLS is rustls with reqwest's own provider, unless the process has installed one.

mod made;

use std::{error::Error, future::Future};

use habitat_config::site::Cloud;
use reqwest::{
    RequestBuilder, Response, Url,
    header::{CONTENT_ENCODING, CONTENT_TYPE, DATE, HeaderName, RETRY_AFTER},
};

use self::made::Made;
use super::{outcome::Answer, token::Token};

/// A receipt that refuses every event of a full batch has about 200 kB. What is longer is cut off and not understood.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// Somewhere to send batches to.
pub(super) trait Tenant {
    /// Asks what the tenant is, before anything is sent. Without an answer, the error says why in words.
    fn greet(&mut self, token: Option<&Token>) -> impl Future<Output = Result<Answer, String>> + Send;

    /// Sends one encoded batch. Without an answer, the error says why in words.
    fn post(&mut self, body: Vec<u8>, token: Option<&Token>) -> impl Future<Output = Result<Answer, String>> + Send;
}

/// The tenant at the other end of HTTPS.
#[derive(Debug)]
pub(super) struct HttpTenant {
    cloud: Cloud,
    site_id: String,
    made: Option<Made>,
}

impl HttpTenant {
    /// For one site.
    pub fn new(cloud: Cloud, site_id: String) -> Self {
        HttpTenant {
            cloud,
            site_id,
            made: None,
        }
    }

    /// The client; made when there is none, or its files are new. Blocks for as long as the disk takes.
    fn client(&mut self) -> Result<&reqwest::Client, String> {
        let made = match self.made.take().filter(|made| made.is_current(&self.cloud)) {
            Some(made) => made,
            None => Made::of(&self.cloud)?,
        };
        Ok(&self.made.insert(made).client)
    }

    /// Where the site is at the tenant, with what follows.
    fn address(&self, path: &str) -> Result<Url, String> {
        let Cloud { url, .. } = &self.cloud;
        Url::parse(&format!("{url}/v1/sites/{}{path}", self.site_id))
            .map_err(|error| format!("`cloud.url` is not an address: {error}"))
    }
}

impl Tenant for HttpTenant {
    async fn greet(&mut self, token: Option<&Token>) -> Result<Answer, String> {
        let address = self.address("")?;
        send(self.client()?.get(address), token).await
    }

    async fn post(&mut self, body: Vec<u8>, token: Option<&Token>) -> Result<Answer, String> {
        let address = self.address("/events")?;
        let request = self
            .client()?
            .post(address)
            .header(CONTENT_TYPE, "application/cloudevents-batch+json")
            .header(CONTENT_ENCODING, "zstd")
            .body(body);
        send(request, token).await
    }
}

async fn send(request: RequestBuilder, token: Option<&Token>) -> Result<Answer, String> {
    let request = match token {
        Some(token) => request.bearer_auth(token.secret()),
        None => request,
    };
    answer(request).await.map_err(|error| chain(&error.without_url()))
}

async fn answer(request: RequestBuilder) -> Result<Answer, reqwest::Error> {
    let mut response = request.send().await?;
    Ok(Answer {
        status: response.status().as_u16(),
        retry_after: header(&response, &RETRY_AFTER),
        date: header(&response, &DATE),
        body: read_body(&mut response).await?,
    })
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
