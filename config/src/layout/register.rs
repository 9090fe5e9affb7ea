//! Names of items: each once, and found by those that refer to them.

use std::collections::HashMap;

use crate::{
    problem::Notes,
    read::{Reading, Span, nearest, shown},
};

/// The names of all items of one kind in the file, in their order.
pub(crate) struct Register {
    kind: &'static str,
    names: Vec<String>,
    entries: HashMap<String, Entry>,
    /// Whether some names could not be read.
    incomplete: bool,
}

struct Entry {
    first: Span,
    index: Option<usize>,
}

impl Register {
    /// Empty; `kind` is how an item is called in messages, `incomplete` whether some cannot be read.
    pub(crate) fn new(kind: &'static str, incomplete: bool) -> Self {
        Self {
            kind,
            names: Vec::new(),
            entries: HashMap::new(),
            incomplete,
        }
    }

    /// Takes a name, with the item's index in the plan if it is in it; notes and returns `false` if it is taken.
    pub(crate) fn add(&mut self, notes: &Notes, id: &Reading<String>, index: Option<usize>) -> bool {
        let Some((id, span)) = id.as_written() else {
            self.incomplete = true;
            return false;
        };
        if let Some(entry) = self.entries.get(id) {
            let message = format!("there are two {}s with the id {}", self.kind, shown(id));
            notes.error(
                span,
                message,
                format!("the first one is in line {}; rename one", notes.line(entry.first.start)),
            );
            return false;
        }
        self.names.push(id.clone());
        self.entries.insert(
            id.clone(),
            Entry {
                first: span.clone(),
                index,
            },
        );
        true
    }

    /// Index in the plan of the item that a reference names; notes a name that nobody has. `None` too for an item
    /// that is not in the plan because something else is wrong with it.
    pub(crate) fn resolve(&self, notes: &Notes, reference: &Reading<String>) -> Option<usize> {
        let (name, span) = reference.as_written()?;
        self.find(notes, name, span)
    }

    /// The same for a name and its place.
    pub(crate) fn find(&self, notes: &Notes, name: &str, span: &Span) -> Option<usize> {
        if let Some(entry) = self.entries.get(name) {
            return entry.index;
        }
        // It may be one whose name could not be read.
        if !self.incomplete {
            notes.error(
                span,
                format!("there is no {} with the id {}", self.kind, shown(name)),
                self.suggestion(name),
            );
        }
        None
    }

    fn suggestion(&self, name: &str) -> String {
        const MOST_LISTED: usize = 20;
        let names = || self.names.iter().map(String::as_str);
        if let Some(near) = nearest(name, names()) {
            return format!("did you mean \"{near}\"?");
        }
        match self.names.len() {
            0 => format!("add a [[{}]] with this id", self.kind),
            1..=MOST_LISTED => format!("the {}s are {}", self.kind, names().collect::<Vec<_>>().join(", ")),
            count => format!("none of the {count} {}s has a similar id", self.kind),
        }
    }
}
