//! Reads both files, checks them against each other, and builds the site.

use std::path::Path;

use crate::{
    cross, keys, layout,
    layout::DraftPlan,
    problem::{Notes, Problems},
    read::{Table, parse, read_text},
    sections::{self, DraftSite},
    site::Site,
};

/// A site that can be used.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Everything that the files say.
    pub site: Site,
    /// What works, but perhaps not as meant.
    pub warnings: Problems,
}

/// Reads `habitat.toml` at `path` and the layout file that it names.
///
/// # Errors
/// All problems of both files, errors and warnings, if there is at least one error.
pub fn load(path: &Path) -> Result<Loaded, Problems> {
    let text = read_text(path).map_err(|fault| Problems::unreadable(path, fault.message, fault.help))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let notes = Notes::new(path, &text);
    let document = parse(&notes);
    let draft = sections::read(&Table::root(&notes, &document, &keys::ROOT), folder);
    let (site, layout_problems) = match draft.layout_path(folder) {
        Some(layout_path) => with_layout(draft, &notes, &layout_path),
        None => (None, Problems::default()),
    };
    let mut problems = notes.finish();
    problems.append(layout_problems);
    match site {
        Some(site) if !problems.has_errors() => Ok(Loaded {
            site,
            warnings: problems,
        }),
        _ => Err(problems),
    }
}

/// Reads the layout and completes the site with it; problems of the layout file are returned, those of the site's
/// file go to `notes`.
fn with_layout(draft: DraftSite, notes: &Notes, path: &Path) -> (Option<Site>, Problems) {
    let text = match read_text(path) {
        Ok(text) => text,
        Err(fault) => match draft.layout.span().filter(|_| fault.missing) {
            Some(span) => {
                let message = format!("there is no layout file {}", path.display());
                notes.error(span, message, "paths are relative to the folder of this file");
                return (None, Problems::default());
            }
            None => return (None, Problems::unreadable(path, fault.message, fault.help)),
        },
    };
    let layout_notes = Notes::new(path, &text);
    let document = parse(&layout_notes);
    let plan = layout::read(&Table::root(&layout_notes, &document, &keys::LAYOUT));
    let outcome = cross::check(&draft, notes, &plan, &layout_notes);
    (Some(assemble(draft, path, plan, outcome)), layout_notes.finish())
}

fn assemble(draft: DraftSite, layout_file: &Path, plan: DraftPlan, outcome: cross::Outcome) -> Site {
    Site {
        id: draft.names.id,
        name: draft.names.name,
        time_zone: draft.names.time_zone,
        operators: draft.names.operators,
        state_dir: draft.state_dir,
        layout_file: layout_file.to_owned(),
        audio: draft.audio,
        adaptation: draft.adaptation.law,
        masking: draft.masking,
        own_sound: draft.own_sound,
        mqtt: draft.mqtt,
        cloud: draft.cloud,
        console: draft.console,
        event_log: draft.event_log,
        schedules: outcome.schedules,
        groups: outcome.groups,
        scenes: outcome.scenes,
        plan: plan.plan,
        zones: outcome.levels,
        remote_levels: outcome.remote_levels,
    }
}
