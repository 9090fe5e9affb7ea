//! The prediction on standard output.

use std::fmt::Write;

use habitat_layout::{
    figures::Quality,
    prediction::{MODEL_ERROR_STI, Masking},
};

use super::{Outlook, report, words};

/// Pairs of zones and warnings beyond this are only counted; the page has more of them.
const MOST_LINES: usize = 40;

/// The whole prediction as text.
pub fn text(outlook: &Outlook) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = head(&mut text, outlook)
        .and_then(|()| overview(&mut text, outlook))
        .and_then(|()| paths(&mut text, outlook))
        .and_then(|()| zones(&mut text, outlook))
        .and_then(|()| pairs(&mut text, outlook))
        .and_then(|()| warnings(&mut text, outlook));
    text
}

fn head(text: &mut String, outlook: &Outlook) -> std::fmt::Result {
    let (site, plan) = (&outlook.site, &outlook.site.plan);
    let workplaces: usize = outlook.prediction.understood.iter().map(Vec::len).sum();
    writeln!(
        text,
        "{}: {} zones, {workplaces} workplaces, {} microphones, {} loudspeakers",
        site.name,
        plan.zones.len(),
        plan.microphones.len(),
        plan.loudspeakers.len()
    )?;
    writeln!(
        text,
        "Predicted from the plan, not measured: model error STI ±{MODEL_ERROR_STI}, rD ±2.5 m. Talker of normal effort \
         (ISO 3382-3), background {:.0} dB(A).\n",
        outlook.assumptions.background_db
    )
}

fn overview(text: &mut String, outlook: &Outlook) -> std::fmt::Result {
    let prediction = &outlook.prediction;
    let (counts, shares) = (prediction.understood_per_talker(), prediction.share_understood());
    let rd_m = report::mean_rd_m(prediction);
    writeln!(text, "{:<44}{:>14}{:>14}{:>14}", "", "no masking", "fixed", "adaptive")?;
    let mut row = |what: &str, cells: [String; 3]| {
        let [none, fixed, adaptive] = cells;
        writeln!(text, "{what:<44}{none:>14}{fixed:>14}{adaptive:>14}")
    };
    row("workplaces that understand a talker, mean", counts.map(words::workplaces))?;
    row("share of the workplaces of the floor", shares.map(words::percent))?;
    row(
        "distraction distance rD, mean of paths, m",
        rd_m.map(|rd_m| words::metres(rd_m, "–")),
    )?;
    writeln!(text)
}

fn paths(text: &mut String, outlook: &Outlook) -> std::fmt::Result {
    let (plan, paths) = (&outlook.site.plan, &outlook.prediction.paths);
    if paths.is_empty() {
        return writeln!(
            text,
            "No path of ISO 3382-3: nowhere do four workplaces stand in a line of 2 m to 16 m.\n"
        );
    }
    writeln!(
        text,
        "Figures of ISO 3382-3:2022 (good: D2,S ≥ 7 dB, Lp,A,S,4m ≤ 48 dB, rD ≤ 5 m; poor: < 5, > 50, > 10)"
    )?;
    writeln!(
        text,
        "{:<5}{:<34}{:>8}{:>11}{:>8}   {:<18}{:>9}{:>8}  quality",
        "path", "from → to", "D2,S", "Lp,A,S,4m", "rC m", "masking", "Lp,A,B", "rD m"
    )?;
    for (number, path) in paths.iter().enumerate() {
        let zone = |seat: Option<&habitat_layout::figures::Workplace>| seat.map_or("", |seat| plan.zones[seat.zone].id.as_str());
        let way = format!("{} → {}", zone(Some(&path.path.talker)), zone(path.path.readings.last()));
        for masking in Masking::ALL {
            let Some(figures) = path.figures[masking as usize] else {
                continue;
            };
            let (name, way, decay) = match masking {
                Masking::None => (
                    (number + 1).to_string(),
                    way.as_str(),
                    [
                        words::db(figures.d2s_db),
                        words::db(figures.lp4m_db),
                        words::metres(figures.rc_m, "–"),
                    ],
                ),
                _ => (String::new(), "", [const { String::new() }; 3]),
            };
            let [d2s, lp4m, rc] = decay;
            writeln!(
                text,
                "{name:<5}{way:<34}{d2s:>8}{lp4m:>11}{rc:>8}   {:<18}{:>9}{:>8}  {}",
                masking.words(),
                words::db(figures.background_db),
                words::metres(figures.rd_m, "–"),
                Quality::of(&figures).word()
            )?;
        }
    }
    writeln!(text)
}

fn zones(text: &mut String, outlook: &Outlook) -> std::fmt::Result {
    let plan = &outlook.site.plan;
    writeln!(
        text,
        "{:<22}{:>8}{:>10}{:>8}{:>11}   {:<22}{:>8}{:>8}{:>10}",
        "zone", "fixed", "predicted", "± dB", "headroom", "clearest speech from", "STI", "fixed", "adaptive"
    )?;
    let clearest = report::clearest_into(outlook);
    for (index, zone) in plan.zones.iter().enumerate() {
        let coverage = &outlook.prediction.coverage.zones[index];
        let headroom = coverage
            .headroom_db
            .map_or("–".into(), |headroom| format!("{headroom:.0} dB"));
        let (from, sti) = clearest[index].map_or(("nobody", [String::new(), String::new(), String::new()]), |(from, sti)| {
            (plan.zones[from].id.as_str(), sti.map(|sti| format!("{sti:.2}")))
        });
        let [none, fixed, adaptive] = sti;
        writeln!(
            text,
            "{:<22}{:>8}{:>10}{:>8}{headroom:>11}   {from:<22}{none:>8}{fixed:>8}{adaptive:>10}",
            zone.id,
            words::db(outlook.assumptions.zones[index].level_fixed_db),
            words::db(coverage.mean_db),
            words::db(coverage.uniformity_db())
        )?;
    }
    writeln!(text)
}

fn pairs(text: &mut String, outlook: &Outlook) -> std::fmt::Result {
    let plan = &outlook.site.plan;
    let pairs = report::pairs_by_distance(&outlook.prediction);
    if pairs.is_empty() {
        return Ok(());
    }
    writeln!(
        text,
        "Distraction distance per pair of zones, m (–: understood to the end of the floor)"
    )?;
    writeln!(
        text,
        "{:<22}{:<22}{:>12}{:>10}{:>10}",
        "talker in", "towards", "no masking", "fixed", "adaptive"
    )?;
    for (from, to, rd_m) in pairs.iter().take(MOST_LINES) {
        let [none, fixed, adaptive] = rd_m.map(|rd_m| words::metres(rd_m, "–"));
        let (from, to) = (&plan.zones[*from].id, &plan.zones[*to].id);
        writeln!(text, "{from:<22}{to:<22}{none:>12}{fixed:>10}{adaptive:>10}")?;
    }
    if pairs.len() > MOST_LINES {
        writeln!(text, "… and {} more with shorter ones", pairs.len() - MOST_LINES)?;
    }
    writeln!(text)
}

fn warnings(text: &mut String, outlook: &Outlook) -> std::fmt::Result {
    let warnings = &outlook.prediction.warnings;
    if warnings.is_empty() {
        return writeln!(text, "No warnings.");
    }
    for warning in warnings.iter().take(MOST_LINES) {
        writeln!(text, "warning: {}\n  help: {}", warning.kind, warning.kind.help())?;
    }
    if warnings.len() > MOST_LINES {
        writeln!(text, "… and {} more warnings", warnings.len() - MOST_LINES)?;
    }
    Ok(())
}
