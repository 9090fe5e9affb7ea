//! What a controller and a dashboard would send.

use reqwest::{Method, RequestBuilder, StatusCode, header::HeaderMap};
use serde_json::{Value, json};

use super::{TOKEN, events};

/// The content type of a batch.
pub const BATCH: &str = "application/cloudevents-batch+json";

/// What came back; the body is always JSON, that of a refusal has an `error`.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub json: Value,
}

impl Answer {
    pub fn error(&self) -> &str {
        self.json["error"]
            .as_str()
            .unwrap_or_else(|| panic!("a refusal says why: {self:?}"))
    }
}

/// Speaks for the site `hq`.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
}

impl Client {
    pub fn new(base: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        Client::with(http, base)
    }

    pub fn with(http: reqwest::Client, base: &str) -> Self {
        Client {
            http,
            base: base.to_owned(),
        }
    }

    /// A bare request.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }

    /// A batch for the site `hq`, as it should be sent.
    pub fn batch(&self, body: Vec<u8>) -> RequestBuilder {
        self.batch_as(BATCH, body)
    }

    /// The same as another content type.
    pub fn batch_as(&self, content_type: &str, body: Vec<u8>) -> RequestBuilder {
        let request = self.request(Method::POST, "/v1/sites/hq/events").bearer_auth(TOKEN);
        request.header("content-type", content_type).body(body)
    }

    pub async fn post(&self, events: &[Value]) -> Answer {
        send(self.batch(events::body(events))).await
    }

    /// Events of a site; `query` without the question mark.
    pub async fn get(&self, site: &str, query: &str) -> Answer {
        let path = format!("/v1/sites/{site}/events?{query}");
        send(self.request(Method::GET, &path).bearer_auth(super::ANY_TOKEN)).await
    }

    /// Every event of a site, page by page.
    pub async fn all(&self, site: &str, query: &str) -> Vec<Value> {
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let answer = self.get(site, &format!("{query}{after}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
            all.extend(answer.json["events"].as_array().expect("events").iter().cloned());
            match answer.json["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return all,
            }
        }
    }

    /// Sends a batch until it is acknowledged.
    pub async fn deliver(&self, events: &[Value]) {
        loop {
            let sent = self.batch(events::body(events)).send().await;
            let Ok(response) = sent else { continue };
            if response.status() == StatusCode::OK && response.json::<Value>().await.is_ok() {
                return;
            }
        }
    }
}

/// Sends a request and reads the JSON answer.
pub async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status(), response.headers().clone());
    let text = response.text().await.expect("a whole answer");
    let json = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{status} {text:?}: {error}"));
    Answer { status, headers, json }
}

/// The answer to a batch of which all is well.
pub fn receipt(accepted: usize, duplicates: usize) -> Value {
    json!({ "accepted": accepted, "duplicates": duplicates })
}
