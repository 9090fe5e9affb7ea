//! What the documentation promises to other programs: `docs/asyncapi.json` and, in `docs/schemas`, the schema of every
//! payload. Both are made from the topics and types that are used, so only tests need this module.
//!
//! After a deliberate change: `UPDATE_SCHEMAS=1 cargo test -p habitatd --lib contract`.

mod channels;
mod document;
mod examples;
mod messages;
mod schemas;
mod whole;

use std::{fs, path::Path};

use serde_json::Value;

fn docs() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

fn assert_current(name: &str, made: &Value) {
    let path = docs().join(name);
    let text = format!("{made:#}\n");
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == text,
        "docs/{name} is not what the types say; if they are right: UPDATE_SCHEMAS=1 cargo test -p habitatd --lib contract"
    );
}

#[test]
fn every_shipped_schema_is_that_of_its_type() {
    for (name, schema) in schemas::all() {
        assert_current(&format!("schemas/{name}.json"), &schema);
    }
}

#[test]
fn the_shipped_document_is_that_of_the_topics() {
    assert_current("asyncapi.json", &document::document());
}
