//! Answers that are tables: JSON for programs, CSV for spreadsheets, and where the next page is.

use axum::{
    Json,
    http::{HeaderValue, Uri, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::Value;

use super::{error::ApiError, parameters::Format};
use crate::store::StoreError;

/// A page of rows.
pub(super) struct Table<'a, T> {
    /// Names of the columns, which are those of the members of a row.
    pub columns: &'a [&'a str],
    /// The rows.
    pub rows: &'a [T],
    /// What to give as `after` for the next page.
    pub next: Option<&'a str>,
}

impl<T: Serialize> Table<'_, T> {
    /// The table in the form that was asked for. `whole` is the JSON document, in which the rows stand.
    pub fn answer(&self, format: Format, uri: &Uri, whole: impl Serialize) -> Result<Response, ApiError> {
        let mut response = match format {
            Format::Json => Json(whole).into_response(),
            Format::Csv => {
                let kind = [(header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present")];
                (kind, self.csv().map_err(not_written)?).into_response()
            }
        };
        if let Some(link) = self.next.and_then(|next| HeaderValue::try_from(link(uri, next)).ok()) {
            response.headers_mut().insert(header::LINK, link);
        }
        Ok(response)
    }

    /// RFC 4180.
    fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(Vec::new());
        writer.write_record(self.columns)?;
        for row in self.rows {
            let row = serde_json::to_value(row).map_err(std::io::Error::other)?;
            writer.write_record(self.columns.iter().map(|column| cell(row.get(*column))))?;
        }
        writer.into_inner().map_err(|error| error.into_error().into())
    }
}

/// Text that a spreadsheet would take for a formula has an apostrophe before it.
fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) => format!("'{text}"),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// RFC 8288: the same question with another `after`.
fn link(uri: &Uri, next: &str) -> String {
    let others = uri.query().unwrap_or_default().split('&');
    let others = others.filter(|pair| !pair.is_empty() && !pair.starts_with("after="));
    let after = format!("after={next}");
    let query: Vec<&str> = others.chain([after.as_str()]).collect();
    format!("<{}?{}>; rel=\"next\"", uri.path(), query.join("&"))
}

fn not_written(error: csv::Error) -> ApiError {
    StoreError::Failed {
        operation: "write a table",
        reason: error.to_string(),
    }
    .into()
}
