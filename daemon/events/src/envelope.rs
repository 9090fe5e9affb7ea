//! The CloudEvents 1.0 envelope, JSON format <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md>.

use std::borrow::Cow;

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeMap};
use uuid::Uuid;

use crate::Data;

/// The CloudEvents version of every document.
pub const SPEC_VERSION: &str = "1.0";
/// The media type of `data`.
pub const DATA_CONTENT_TYPE: &str = "application/json";

/// One fact, addressed and dated.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Unique per source and stable over retries (UUIDv7).
    pub id: Uuid,
    /// `/sites/<site>/controllers/<controller>`.
    pub source: String,
    /// The zone or device.
    pub subject: String,
    /// End of the period that it speaks of.
    pub time: Timestamp,
    /// What it says.
    pub data: Data,
}

/// Why a document is not an event of ours.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// A member is absent or has the wrong type.
    #[error("not a CloudEvents document: {0}")]
    Envelope(#[from] serde_json::Error),
    /// The document is well-formed and says something that no event of ours says.
    #[error("{0}")]
    Content(String),
}

impl Event {
    /// The CloudEvents `dataschema`: a name that does not change while the shape does not.
    pub fn data_schema(event_type: &str) -> String {
        format!("urn:habitat:schema:{event_type}")
    }

    /// Reads one CloudEvents document.
    ///
    /// # Errors
    /// [`EventError::Envelope`] when a required attribute is missing, [`EventError::Content`] when the type is unknown or `data` does not fit it.
    pub fn from_json(json: serde_json::Value) -> Result<Self, EventError> {
        let document: Document = serde_json::from_value(json)?;
        if document.specversion != SPEC_VERSION {
            return Err(EventError::Content(format!(
                "specversion {:?} is not {SPEC_VERSION:?}",
                document.specversion
            )));
        }
        let data = Data::from_json(&document.event_type, document.data).map_err(EventError::Content)?;
        Ok(Event {
            id: document.id,
            source: document.source,
            subject: document.subject,
            time: document.time,
            data,
        })
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let event_type = self.data.event_type();
        let mut map = serializer.serialize_map(Some(9))?;
        map.serialize_entry("specversion", SPEC_VERSION)?;
        map.serialize_entry("id", &self.id)?;
        map.serialize_entry("source", &self.source)?;
        map.serialize_entry("type", event_type)?;
        map.serialize_entry("subject", &self.subject)?;
        map.serialize_entry("time", &self.time)?;
        map.serialize_entry("datacontenttype", DATA_CONTENT_TYPE)?;
        map.serialize_entry("dataschema", &Self::data_schema(event_type))?;
        map.serialize_entry("data", &self.data)?;
        map.end()
    }
}

/// The attributes; what `data` is depends on `type`, whose schema is called like it.
impl JsonSchema for Event {
    fn schema_name() -> Cow<'static, str> {
        "Event".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A CloudEvents 1.0 document in its JSON format.",
            "type": "object",
            "properties": {
                "specversion": {"const": SPEC_VERSION},
                "id": {"type": "string", "format": "uuid", "description": "Unique per source and stable over retries."},
                "source": {"type": "string", "description": "`/sites/<site>/controllers/<controller>`."},
                "type": {"enum": Data::TYPES},
                "subject": {"type": "string", "description": "The zone or device."},
                "time": {"type": "string", "format": "date-time", "description": "End of the period that it speaks of."},
                "datacontenttype": {"const": DATA_CONTENT_TYPE},
                "dataschema": {"enum": Data::TYPES.map(Event::data_schema)},
                "data": {"type": "object", "description": "What it says; the schema is called like the type."},
            },
            "required": ["specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "data"],
        })
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Event::from_json(serde_json::Value::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// The attributes we need; further ones are allowed by the specification and ignored.
#[derive(Deserialize)]
struct Document {
    specversion: String,
    id: Uuid,
    source: String,
    #[serde(rename = "type")]
    event_type: String,
    subject: String,
    time: Timestamp,
    data: serde_json::Value,
}
