//! Questions whose answers have many rows. They are asked beside the store, on connections of their own that cannot write, so that
//! whoever delivers events waits for none of them; rows come in portions, so that memory stays bounded however many there are.

mod postgres;
mod sqlite;

use tokio::sync::mpsc;

use super::{StoreError, Value};
pub(super) use postgres::PostgresReader;
pub(super) use sqlite::SqliteReader;

/// Rows in a portion.
const PORTION_ROWS: usize = 512;
/// Portions that wait for whoever asked.
const PORTIONS: usize = 4;

/// SQL that means the same in every store, and what stands for `$1`, `$2`, …, which come first in that order.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// The text, which never holds what somebody typed.
    pub sql: String,
    /// The parameters.
    pub values: Vec<Value>,
}

/// What a column of an answer holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    /// Nothing.
    Null,
    /// Text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// Another number.
    Real(f64),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// A row of an answer, whose columns are taken in their order.
#[derive(Debug)]
pub(crate) struct Cells(std::vec::IntoIter<Cell>);

impl Cells {
    fn other(&self, wanted: &str) -> StoreError {
        StoreError::Failed {
            operation: "read an answer",
            reason: format!("a column is no {wanted}"),
        }
    }

    /// Text.
    pub fn text(&mut self) -> Result<String, StoreError> {
        match self.0.next() {
            Some(Cell::Text(text)) => Ok(text),
            _ => Err(self.other("text")),
        }
    }

    /// Text, or nothing.
    pub fn text_or_null(&mut self) -> Result<Option<String>, StoreError> {
        match self.0.next() {
            Some(Cell::Text(text)) => Ok(Some(text)),
            Some(Cell::Null) => Ok(None),
            _ => Err(self.other("text")),
        }
    }

    /// A whole number.
    pub fn number(&mut self) -> Result<i64, StoreError> {
        match self.0.next() {
            Some(Cell::Number(number)) => Ok(number),
            _ => Err(self.other("whole number")),
        }
    }

    /// A whole number, or nothing.
    pub fn number_or_null(&mut self) -> Result<Option<i64>, StoreError> {
        match self.0.next() {
            Some(Cell::Number(number)) => Ok(Some(number)),
            Some(Cell::Null) => Ok(None),
            _ => Err(self.other("whole number")),
        }
    }

    /// A number.
    pub fn real(&mut self) -> Result<f64, StoreError> {
        match self.0.next() {
            Some(Cell::Real(number)) => Ok(number),
            _ => Err(self.other("number")),
        }
    }

    /// A number, or nothing.
    pub fn real_or_null(&mut self) -> Result<Option<f64>, StoreError> {
        match self.0.next() {
            Some(Cell::Real(number)) => Ok(Some(number)),
            Some(Cell::Null) => Ok(None),
            _ => Err(self.other("number")),
        }
    }

    /// Bytes.
    pub fn bytes(&mut self) -> Result<Vec<u8>, StoreError> {
        match self.0.next() {
            Some(Cell::Bytes(bytes)) => Ok(bytes),
            _ => Err(self.other("bytes")),
        }
    }
}

type Portion = Result<Vec<Vec<Cell>>, StoreError>;

/// An answer on its way. Whoever drops it ends the work.
#[derive(Debug)]
pub(crate) struct Rows {
    portions: mpsc::Receiver<Portion>,
    at_hand: std::vec::IntoIter<Vec<Cell>>,
    _stop: Stop,
}

/// Ends the work behind an answer when it goes out of scope.
#[derive(Debug)]
enum Stop {
    Sqlite { _interrupt: sqlite::InterruptOnDrop },
    Postgres { _abort: postgres::AbortOnDrop },
}

impl Rows {
    fn new(portions: mpsc::Receiver<Portion>, stop: Stop) -> Self {
        Rows {
            portions,
            at_hand: Vec::new().into_iter(),
            _stop: stop,
        }
    }

    /// The next row; `None` after the last.
    pub async fn next(&mut self) -> Result<Option<Cells>, StoreError> {
        loop {
            if let Some(row) = self.at_hand.next() {
                return Ok(Some(Cells(row.into_iter())));
            }
            match self.portions.recv().await {
                Some(portion) => self.at_hand = portion?.into_iter(),
                None => return Ok(None),
            }
        }
    }
}

fn failed(error: impl std::fmt::Display) -> StoreError {
    StoreError::Failed {
        operation: "answer a question",
        reason: error.to_string(),
    }
}
