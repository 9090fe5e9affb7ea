//! The description of what administrators do: every answer that a test gets must be one that it promises.

use std::sync::LazyLock;

use habitat_tenant::AccountsApi;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use utoipa::OpenApi;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::to_value(AccountsApi::openapi()).expect("a document"));

/// Whether a path of the description stands for this one.
fn stands_for(template: &str, path: &str) -> bool {
    let (mut parts, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (parts.next(), given.next()) {
            (None, None) => return true,
            (Some(part), Some(given)) if part == given || part.starts_with('{') => {}
            _ => return false,
        }
    }
}

/// Panics when the description does not promise such an answer.
pub fn check(method: &Method, path: &str, status: StatusCode, json: &Value) {
    let path = path.split('?').next().unwrap_or_default();
    let paths = DOCUMENT["paths"].as_object().expect("paths");
    let method = method.as_str().to_lowercase();
    let Some((_, operations)) = paths.iter().find(|(template, _)| stands_for(template, path)) else {
        return;
    };
    let Some(operation) = operations.get(&method) else {
        return;
    };
    let promised = &operation["responses"][status.as_str()];
    assert!(
        promised.is_object(),
        "{method} {path}: an answer {status} is not described: {json}"
    );
    let schema = &promised["content"]["application/json"]["schema"];
    if schema.is_object() {
        let mut schema = schema.clone();
        schema["components"] = DOCUMENT["components"].clone();
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        let faults: Vec<String> = validator.iter_errors(json).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{method} {path} {status}: {faults:?} in {json}");
    }
}
