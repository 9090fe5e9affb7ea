//! Problems as text, with the source line and carets under what is meant.

use std::path::Path;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Problem, Severity};

/// More than anyone reads; the rest is counted. Keeps a hostile file from making a gigabyte of text.
const MOST_SHOWN: usize = 1000;

/// All of them and a summary line.
pub(super) fn render(problems: &[Problem], color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    for problem in problems.iter().take(MOST_SHOWN) {
        text.push_str(&renderer.render(&[group(problem)]));
        text.push_str("\n\n");
    }
    if problems.len() > MOST_SHOWN {
        text.push_str(&format!("... and {} more\n", problems.len() - MOST_SHOWN));
    }
    text.push_str(&summary(problems));
    text
}

fn group(problem: &Problem) -> Group<'_> {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let path = problem.file.display().to_string();
    let group = Group::with_title(level.primary_title(problem.message.as_str()));
    let group = match &problem.place {
        None => group.element(Origin::path(path)),
        Some(place) => {
            let length = place.source_line.len();
            let start = place.source_line.floor_char_boundary(place.span.start - place.line_start);
            let end = place
                .source_line
                .floor_char_boundary((place.span.end - place.line_start).min(length));
            let carets = AnnotationKind::Primary.span(start..end.max(start));
            let snippet = Snippet::source(place.source_line.as_str()).line_start(place.line).path(path);
            group.element(snippet.annotation(carets))
        }
    };
    match problem.help.as_str() {
        "" => group,
        help => group.element(Level::HELP.message(help)),
    }
}

/// "5 problems in 2 files", warnings counted apart.
fn summary(problems: &[Problem]) -> String {
    let warnings = problems
        .iter()
        .filter(|problem| problem.severity == Severity::Warning)
        .count();
    let errors = problems.len() - warnings;
    let mut files: Vec<&Path> = problems.iter().map(|problem| problem.file.as_path()).collect();
    files.sort();
    files.dedup();
    let mut parts = Vec::new();
    if errors > 0 || warnings == 0 {
        parts.push(counted(errors, "problem"));
    }
    if warnings > 0 {
        parts.push(counted(warnings, "warning"));
    }
    format!("{} in {}", parts.join(" and "), counted(files.len(), "file"))
}

fn counted(count: usize, word: &str) -> String {
    if count == 1 {
        format!("1 {word}")
    } else {
        format!("{count} {word}s")
    }
}
