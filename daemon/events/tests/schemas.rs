//! The JSON Schemas that the project ships are those of the types.
//!
//! After a deliberate change of a type: `UPDATE_SCHEMAS=1 cargo test -p habitat-events`.
#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::{fs, path::Path};

use habitat_events::{Event, inventory::data_schemas};

#[test]
fn every_shipped_schema_is_that_of_its_type() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas");
    for (event_type, schema) in data_schemas() {
        let mut schema = schema.to_value();
        schema["$id"] = Event::data_schema(event_type).into();
        let text = format!("{schema:#}\n");
        let path = folder.join(format!("{event_type}.json"));
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            fs::write(&path, &text).unwrap();
        }
        assert_eq!(
            fs::read_to_string(&path).unwrap_or_default(),
            text,
            "{} is not current",
            path.display()
        );
    }
}
