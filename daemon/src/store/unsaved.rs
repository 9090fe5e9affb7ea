//! Events that are not on the disk yet: at most so many, the oldest give way.

use std::collections::VecDeque;

use habitat_events::{CloudEvent, Data};
use jiff::Timestamp;
use uuid::Uuid;

/// One event as the database keeps it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    /// CloudEvents `source`.
    pub source: String,
    /// CloudEvents `id`.
    pub id: Uuid,
    /// CloudEvents `subject`.
    pub subject: String,
    /// CloudEvents `time`.
    pub time: Timestamp,
    /// The whole document.
    pub json: String,
    /// Index of its type in [`Data::TYPES`].
    pub kind: i64,
}

impl Row {
    /// The row of an event.
    pub fn new(event: &CloudEvent) -> Result<Self, serde_json::Error> {
        let json = serde_json::to_string(event)?;
        let event = event.event();
        Ok(Row {
            source: event.source.clone(),
            id: event.id,
            subject: event.subject.clone(),
            time: event.time,
            json,
            kind: kind_of(&event.data),
        })
    }
}

/// Index of an event's type in [`Data::TYPES`].
fn kind_of(data: &Data) -> i64 {
    let index = Data::TYPES.iter().position(|kind| *kind == data.event_type());
    index.map_or(0, |index| index as i64)
}

/// Rows in the order in which they came.
#[derive(Debug)]
pub(super) struct Unsaved {
    rows: VecDeque<Row>,
    max_rows: usize,
}

impl Unsaved {
    /// Room for so many rows.
    pub fn new(max_rows: usize) -> Self {
        Unsaved {
            rows: VecDeque::new(),
            max_rows,
        }
    }

    /// Adds a row; says whether the oldest one had to go for it.
    pub fn push(&mut self, row: Row) -> bool {
        let full = self.rows.len() >= self.max_rows;
        if full {
            self.rows.pop_front();
        }
        self.rows.push_back(row);
        full
    }

    /// The oldest rows, at most so many.
    pub fn oldest(&self, max_rows: usize) -> impl Iterator<Item = &Row> {
        self.rows.iter().take(max_rows)
    }

    /// Forgets the oldest rows, because they are on the disk now.
    pub fn saved(&mut self, rows: usize) {
        self.rows.drain(..rows.min(self.rows.len()));
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: usize) -> Row {
        Row {
            source: "s".into(),
            id: Uuid::from_u128(number as u128),
            subject: number.to_string(),
            time: Timestamp::UNIX_EPOCH,
            json: "{}".into(),
            kind: 0,
        }
    }

    #[test]
    fn the_oldest_rows_give_way_when_the_room_is_used_up() {
        let mut unsaved = Unsaved::new(3);
        let gone: Vec<bool> = (0..5).map(|i| unsaved.push(row(i))).collect();
        assert_eq!(gone, [false, false, false, true, true]);
        assert_eq!(
            unsaved.oldest(9).map(|r| r.subject.as_str()).collect::<Vec<_>>(),
            ["2", "3", "4"]
        );
    }

    #[test]
    fn saved_rows_leave_from_the_front() {
        let mut unsaved = Unsaved::new(9);
        for i in 0..4 {
            unsaved.push(row(i));
        }
        assert_eq!(unsaved.oldest(2).count(), 2);
        unsaved.saved(2);
        assert_eq!(unsaved.oldest(9).map(|r| r.subject.as_str()).collect::<Vec<_>>(), ["2", "3"]);
        assert_eq!(unsaved.len(), 2);
        assert!(!unsaved.is_empty());
    }
}
