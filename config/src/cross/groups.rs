//! Groups and scenes name zones that exist, and set what these allow.

use super::zone_names;
use crate::{
    layout::DraftPlan,
    problem::Notes,
    read::shown,
    sections::{DraftGroup, DraftScene},
    settings::ZoneSettings,
    site::{Group, Scene, ScenePart, ZoneLevels},
};

/// Checks all groups.
pub(super) fn check_groups(groups: &[DraftGroup], notes: &Notes, plan: &DraftPlan) -> Vec<Group> {
    let mut checked: Vec<Group> = Vec::new();
    for draft in groups {
        let zones = zone_names::find(&draft.zones, notes, plan);
        let Some((id, span)) = draft.id.as_written() else { continue };
        if checked.iter().any(|group| group.id == *id) {
            let message = format!("there are two groups with the id {}", shown(id));
            notes.error(span, message, "give each an id of its own");
            continue;
        }
        checked.push(Group { id: id.clone(), zones });
    }
    checked
}

/// Checks all scenes; tables with the same id are one scene.
pub(super) fn check_scenes(scenes: &[DraftScene], notes: &Notes, plan: &DraftPlan, levels: &[ZoneLevels]) -> Vec<Scene> {
    let mut checked: Vec<Scene> = Vec::new();
    for draft in scenes {
        let zones = match &draft.zones {
            Some(names) => zone_names::find(names, notes, plan),
            None => (0..levels.len()).collect(),
        };
        check_limits(draft, &zones, notes, plan, levels);
        let Some((id, span)) = draft.id.as_written() else { continue };
        let part = ScenePart {
            zones,
            settings: draft.settings.clone(),
        };
        match checked.iter_mut().find(|scene| scene.id == *id) {
            Some(scene) => {
                let set_twice = |zone: &&usize| scene.parts.iter().any(|earlier| earlier.zones.contains(zone));
                if let Some(zone) = part.zones.iter().find(set_twice) {
                    let message = format!("scene {} sets zone {} twice", shown(id), shown(&plan.plan.zones[*zone].id));
                    notes.error(
                        span,
                        message,
                        "tables with one id are one scene: name each zone in one of them",
                    );
                }
                scene.parts.push(part);
            }
            None => checked.push(Scene {
                id: id.clone(),
                parts: vec![part],
            }),
        }
    }
    checked
}

/// What a command would be clamped to is an error in the file, where somebody can correct it.
fn check_limits(draft: &DraftScene, zones: &[usize], notes: &Notes, plan: &DraftPlan, levels: &[ZoneLevels]) {
    for zone in zones {
        let (file, id) = (&levels[*zone], shown(&plan.plan.zones[*zone].id));
        let problem = match ZoneSettings::default_for(file).apply(&draft.settings, file) {
            Ok((_, clamped)) if clamped.is_empty() => continue,
            Ok((_, clamped)) => format!(
                "`{}` of the scene is outside the limits of zone {id}",
                clamped.join("` and `")
            ),
            Err(errors) => format!("in zone {id}: {}", errors.join("; ")),
        };
        let help = format!("zone {id} allows {} to {} dB", file.level_min_db, file.level_max_db);
        notes.error(&draft.span, problem, help);
        return;
    }
}
