//! Events as RFC 4180 columns.

use serde_json::Value;

/// Names of the columns.
pub const HEADER: &str = "time,type,subject,data";

/// One event.
pub fn row(json: &str) -> String {
    let event: Value = serde_json::from_str(json).unwrap_or_default();
    let text = |key: &str| event.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let data = event.get("data").map(Value::to_string).unwrap_or_default();
    [text("time"), text("type"), text("subject"), data]
        .map(|field| quoted(&field))
        .join(",")
}

fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_commas_survive_row() {
        let line = row(r#"{"time":"t","type":"y","subject":"a,b","data":{"x":"say \"hi\""}}"#);
        assert_eq!(line, "t,y,\"a,b\",\"{\"\"x\"\":\"\"say \\\"\"hi\\\"\"\"\"}\"");
    }
}
