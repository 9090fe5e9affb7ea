//! Text, choices, flags, lists and names.

use std::path::PathBuf;

use toml::de::DeValue;

use super::{Item, nearest, shown};

/// No name needs to be longer, and they stand in topics, events and pictures.
const LONGEST_IDENTIFIER: usize = 64;

/// Text that is not empty.
pub(crate) fn text(item: &Item) -> Option<String> {
    let DeValue::String(text) = item.value else {
        let unquoted = match item.value {
            DeValue::Integer(_) | DeValue::Float(_) => item.notes.written(&item.span),
            _ => "…",
        };
        return item.wrong_kind("text", format!("write it in quotes: {} = \"{unquoted}\"", item.key));
    };
    if text.trim().is_empty() {
        return item.wrong(format!("`{}` is empty", item.key), "write some text, or leave the key out");
    }
    if text.chars().any(char::is_control) {
        return item.wrong(
            format!("`{}` has control characters or line breaks", item.key),
            "write it in one line",
        );
    }
    Some(text.to_string())
}

/// Text, or a date or time that is written without quotes, as TOML allows.
pub(crate) fn text_or_date(item: &Item) -> Option<String> {
    match item.value {
        DeValue::Datetime(datetime) => Some(datetime.to_string()),
        _ => text(item),
    }
}

/// A path; what it is relative to is the caller's matter.
pub(crate) fn file_path(item: &Item) -> Option<PathBuf> {
    text(item).map(PathBuf::from)
}

/// `true` or `false`.
pub(crate) fn flag(item: &Item) -> Option<bool> {
    match item.value.as_bool() {
        None => item.wrong_kind("true or false", format!("write {} = true or {} = false", item.key, item.key)),
        flag => flag,
    }
}

/// A list, perhaps empty; `example` shows how it is written.
pub(crate) fn list<'a>(example: &'static str) -> impl Fn(&Item<'a>) -> Option<Vec<Item<'a>>> {
    move |item| match item.elements() {
        None => item.wrong_kind("a list", format!("for example {} = {example}", item.key)),
        elements => elements,
    }
}

/// A list that is not empty.
pub(crate) fn filled_list<'a>(example: &'static str) -> impl Fn(&Item<'a>) -> Option<Vec<Item<'a>>> {
    move |item| {
        let elements = list(example)(item)?;
        if elements.is_empty() {
            return item.wrong(
                format!("`{}` is an empty list", item.key),
                format!("for example {} = {example}", item.key),
            );
        }
        Some(elements)
    }
}

/// All readings of a list, or `None` when any was wrong; the rest is read even so, so that each is noted.
pub(crate) fn each<T>(items: &[Item], parse: impl Fn(&Item) -> Option<T>) -> Option<Vec<T>> {
    let parsed: Vec<Option<T>> = items.iter().map(parse).collect();
    parsed.into_iter().collect()
}

/// One of some words.
pub(crate) fn choice<T: Clone>(options: &'static [(&'static str, T)]) -> impl Fn(&Item) -> Option<T> {
    move |item| {
        let written = text(item)?;
        if let Some((_, value)) = options.iter().find(|(word, _)| *word == written) {
            return Some(value.clone());
        }
        let words: Vec<String> = options.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        let expected = format!("expected one of {}", words.join(", "));
        let help = match nearest(&written, options.iter().map(|(word, _)| *word)) {
            Some(word) => format!("did you mean \"{word}\"? {expected}"),
            None => expected,
        };
        item.wrong(format!("`{}` cannot be {}", item.key, shown(&written)), help)
    }
}

/// A name that may stand in topics and events: of the characters `allowed`, which `described` puts in words.
pub(crate) fn identifier(allowed: fn(char) -> bool, described: &'static str) -> impl Fn(&Item) -> Option<String> {
    move |item| {
        let id = text(item)?;
        let help = || format!("use {described}, at most {LONGEST_IDENTIFIER} characters: ids stand in topics and events");
        if let Some(bad) = id.chars().find(|character| !allowed(*character)) {
            let message = format!(
                "`{}` = {} has the character {}",
                item.key,
                shown(&id),
                shown(&bad.to_string())
            );
            return item.wrong(message, help());
        }
        if id.len() > LONGEST_IDENTIFIER {
            return item.wrong(format!("`{}` has {} characters", item.key, id.len()), help());
        }
        Some(id)
    }
}
