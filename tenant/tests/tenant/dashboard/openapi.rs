//! The document of the API: every answer that it promises is given, as it says, and no parameter is missing.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    time::Duration,
};

use habitat_events::Cause;
use habitat_tenant::Limits;
use reqwest::{
    Method, RequestBuilder, StatusCode,
    header::{HeaderName, HeaderValue},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::samples::{adaptation, deliver, measured, two_floors};
use crate::support::{
    ANY_TOKEN, LAB_TOKEN, Place, TOKEN, Tenant,
    client::{BATCH, Client},
    events::{body, minutes},
    on_both_stores,
};

on_both_stores![every_answer_that_the_document_promises_is_given_as_it_says];

const PERIOD: &str = "since=2026-01-05T08:00:00Z&until=2026-01-05T09:00:00Z";
const EVENTS: &str = "/v1/sites/{site}/events";

/// Schemas that allow no member that they do not describe, so that an answer cannot say more than the document.
fn strict(document: &Value) -> Value {
    let mut components = document["components"].clone();
    let schemas = components["schemas"].as_object_mut().expect("schemas");
    let parts: BTreeSet<String> = schemas
        .values()
        .flat_map(|schema| schema["allOf"].as_array().cloned().unwrap_or_default())
        .filter_map(|part| {
            part["$ref"]
                .as_str()
                .and_then(|name| name.rsplit('/').next())
                .map(str::to_owned)
        })
        .collect();
    for (name, schema) in schemas {
        if schema.get("allOf").is_some() {
            schema["unevaluatedProperties"] = json!(false);
        } else if schema.get("properties").is_some() && !parts.contains(name) {
            schema["additionalProperties"] = json!(false);
        }
    }
    components
}

/// The tenants that it takes to see every answer.
struct Tenants {
    usual: Client,
    /// Has no room for a batch.
    tight: Client,
    /// Its database is closed.
    closed: Client,
}

impl Tenants {
    /// A request that gets this answer; `None` when the test does not know one.
    fn request(&self, method: &str, path: &str, status: u16) -> Option<RequestBuilder> {
        let at = |client: &Client, query: &str| {
            let method: Method = method.to_uppercase().parse().expect("a method");
            client.request(method, &format!("{}?{query}", path.replace("{site}", "hq")))
        };
        let usual = |query: &str| at(&self.usual, query);
        let batch = |client: &Client| at(client, "").bearer_auth(TOKEN).header("content-type", BATCH);
        let query = match path {
            EVENTS | "/v1/sites/{site}/layout.geojson" => "",
            _ => PERIOD,
        };
        Some(match (method, path, status) {
            ("post", _, 200) => batch(&self.usual).body(body(&minutes(2))),
            ("post", _, 400) => batch(&self.usual).body("x"),
            ("post", _, 413) => batch(&self.usual).body(body(&minutes(1001))),
            ("post", _, 415) => batch(&self.usual).header("content-encoding", "br").body("[]"),
            ("post", _, 422) => batch(&self.usual).body(body(&[json!({ "id": "x" })])),
            ("post", _, 429) => batch(&self.tight).body("[]"),
            ("post", _, 503) => batch(&self.closed).body(body(&minutes(1))),
            (_, "/v1/sites/{site}", 400) => {
                let request = self.usual.request(Method::GET, "/v1/sites/HQ");
                request.bearer_auth(TOKEN)
            }
            // Only a token of the register asks the database.
            (_, "/v1/sites/{site}", 503) => at(&self.closed, "").bearer_auth(format!("habitat_acme_{}", "0".repeat(64))),
            (_, "/readyz", 503) => at(&self.closed, ""),
            (_, _, 200) => usual(query).bearer_auth(ANY_TOKEN),
            (_, _, 400) => usual("nonsense=1").bearer_auth(TOKEN),
            (_, _, 401) => usual(""),
            (_, _, 403) => usual("").bearer_auth(LAB_TOKEN),
            (_, _, 503) => at(&self.closed, query).bearer_auth(TOKEN),
            _ => return None,
        })
    }
}

async fn every_answer_that_the_document_promises_is_given_as_it_says(place: Place) {
    let usual = Tenant::start(&place).await;
    deliver(&usual, &two_floors()).await;
    let minutes: Vec<Value> = (0..90)
        .map(|number| measured(number, "north", 60 * i64::from(number)).1)
        .collect();
    deliver(&usual, &minutes).await;
    deliver(&usual, &[adaptation("north", 60, 43.0, 43.2, Cause::Speech)]).await;
    let other = Place::sqlite();
    let room = Limits {
        ingests: 0,
        ..Limits::default()
    };
    let patience = Limits {
        body_timeout: Duration::from_millis(50),
        ..Limits::default()
    };
    let (third, fourth) = (Place::sqlite(), Place::sqlite());
    let (tight, impatient, closed) = (
        Tenant::start_with(&other, room, |router| router).await,
        Tenant::start_with(&third, patience, |router| router).await,
        Tenant::start(&fourth).await,
    );
    closed.service.close().await;
    let tenants = Tenants {
        usual: usual.client(),
        tight: tight.client(),
        closed: closed.client(),
    };

    let request = usual.client().request(Method::GET, "/v1/openapi.json");
    let document: Value = request.send().await.expect("an answer").json().await.expect("JSON");
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
    let components = strict(&document);
    let mut answers = 0;
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            // What administrators do is compared with every answer that the tests of accounts get.
            if !["events", "dashboards", "operation"].contains(&operation["tags"][0].as_str().expect("a tag")) {
                continue;
            }
            for (status, promised) in operation["responses"].as_object().expect("responses") {
                let context = format!("{method} {path} {status}");
                let number: u16 = status.parse().expect("a status");
                if (method.as_str(), number) == ("get", 429) {
                    // A full queue cannot be had to order from outside; the store has a test of its own for it.
                    continue;
                }
                let seen = if number == 408 {
                    dawdle(impatient.address, path).await
                } else {
                    let request = tenants.request(method, path, number);
                    Seen::of(request.unwrap_or_else(|| panic!("{context}: how?"))).await
                };
                assert_eq!(seen.status, number, "{context}");
                check(&seen, promised, &components, &context);
                answers += 1;
            }
            parameters(&usual.client(), method, path, operation).await;
        }
    }
    println!("{answers} answers are as the document says");
    assert!(answers > 40, "{answers} answers");
    drop((tight, impatient));
}

/// An answer.
struct Seen {
    status: u16,
    headers: BTreeMap<String, String>,
    body: Value,
}

impl Seen {
    async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("an answer");
        let text = |(name, value): (&HeaderName, &HeaderValue)| (name.to_string(), value.to_str().expect("text").to_owned());
        Seen {
            status: response.status().as_u16(),
            headers: response.headers().iter().map(text).collect(),
            body: response.json().await.expect("JSON"),
        }
    }
}

/// Sends the beginning of a batch.
async fn dawdle(address: SocketAddr, path: &str) -> Seen {
    let mut connection = TcpStream::connect(address).await.expect("connected");
    let path = path.replace("{site}", "hq");
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {TOKEN}\r\ncontent-type: {BATCH}\r\n\
         content-length: 100\r\n\r\n["
    );
    connection.write_all(head.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.expect("text");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let headers = head.lines().filter_map(|line| line.split_once(": "));
    Seen {
        status: head[9..12].parse().expect("a status"),
        headers: headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect(),
        body: serde_json::from_str(body).expect("JSON"),
    }
}

/// The answer has the headers, the type and the shape that are promised.
fn check(seen: &Seen, promised: &Value, components: &Value, context: &str) {
    let kind = &seen.headers["content-type"];
    let contents = promised["content"]
        .as_object()
        .unwrap_or_else(|| panic!("{context}: no content"));
    for name in promised["headers"]
        .as_object()
        .map(|headers| headers.keys())
        .into_iter()
        .flatten()
    {
        assert!(
            name == "Link" || seen.headers.contains_key(&name.to_lowercase()),
            "{context}: no {name}"
        );
    }
    let content = contents
        .get(kind)
        .unwrap_or_else(|| panic!("{context}: {kind} is not in {contents:?}"));
    let mut schema = content["schema"].clone();
    schema["components"] = components.clone();
    let answer = &seen.body;
    let validator = jsonschema::validator_for(&schema).unwrap_or_else(|error| panic!("{context}: {error}"));
    let faults: Vec<String> = validator
        .iter_errors(answer)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{context}: {faults:#?} in {answer}");
}

/// The parameters that are known are those that are documented.
async fn parameters(client: &Client, method: &str, path: &str, operation: &Value) {
    let listed = operation["parameters"].as_array().into_iter().flatten();
    let documented: BTreeSet<&str> = listed
        .filter(|parameter| parameter["in"] == "query")
        .filter_map(|parameter| parameter["name"].as_str())
        .collect();
    if method != "get" || documented.is_empty() {
        return;
    }
    let request = client.request(Method::GET, &format!("{}?nonsense=1", path.replace("{site}", "hq")));
    let response = request.bearer_auth(TOKEN).send().await.expect("an answer");
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    let refusal: BTreeMap<String, String> = response.json().await.expect("JSON");
    let (_, known) = refusal["error"].split_once("known are ").expect("what is known");
    let known: BTreeSet<&str> = known.split(", ").collect();
    assert_eq!(known, documented, "{path}");
}
