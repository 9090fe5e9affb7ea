//! From a file to tables whose values are typed and whose every mistake is noted.

mod document;
mod file;
mod item;
mod nearest;
mod number;
mod reading;
mod rules;
mod secret;
mod table;

pub(crate) use document::parse;
pub(crate) use file::read_text;
pub(crate) use item::{Item, shown};
pub(crate) use nearest::nearest;
pub(crate) use number::{NumberRule, WholeRule, number, whole};
pub(crate) use reading::Reading;
pub(crate) use rules::{choice, each, file_path, filled_list, flag, identifier, list, text, text_or_date};
pub(crate) use secret::secret_file;
pub(crate) use table::Table;

/// Bytes of a file.
pub(crate) type Span = std::ops::Range<usize>;
