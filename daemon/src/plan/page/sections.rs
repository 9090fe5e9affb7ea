//! The sections of the page, in the order in which a client reads them.

use habitat_layout::{
    drawing::escaped,
    figures::Quality,
    prediction::{MODEL_ERROR_STI, Masking},
};

use super::table::{Cell, Table};
use crate::plan::{
    Outlook, drawing, report,
    scale::{EVENNESS, STI, Scale, UNDERSTOOD},
    words,
};

/// Pairs of zones beyond this are only counted.
const MOST_PAIRS: usize = 150;

fn section(id: &str, title: &str, body: &str) -> String {
    format!("<section id=\"{id}\">\n<h2>{title}</h2>\n{body}</section>\n")
}

fn paragraph(text: &str) -> String {
    format!("<p>{text}</p>\n")
}

/// Before and after in three bars.
pub(super) fn overview(outlook: &Outlook) -> String {
    let prediction = &outlook.prediction;
    let (counts, shares) = (prediction.understood_per_talker(), prediction.share_understood());
    let rd_m = report::mean_rd_m(prediction);
    let most = counts[0].max(f64::MIN_POSITIVE);
    let cards = Masking::ALL.map(|masking| {
        let index = masking as usize;
        let width = (counts[index] / most * 100.0).clamp(0.0, 100.0);
        let distance = rd_m[index].map_or(String::new(), |rd_m| {
            format!(
                "<p class=\"quiet\">distraction distance {rd_m:.1} m <span class=\"badge {0}\">{0}</span></p>",
                Quality::of_rd(rd_m).word()
            )
        });
        format!(
            "<div class=\"card\">\n<h3>{}</h3>\n<p class=\"big\">{}</p>\n<p>workplaces understand a person who talks\
             <br><span class=\"quiet\">{} of the floor</span></p>\n\
             <div class=\"bar\"><div class=\"{}\" style=\"width:{width:.0}%\"></div></div>\n{distance}</div>\n",
            capitalised(masking.words()),
            words::workplaces(counts[index]),
            words::percent(shares[index]),
            ["none", "fixed", "adaptive"][index],
        )
    });
    let [none, fixed, adaptive] = counts;
    let less = |after: f64| words::percent(1.0 - after / most);
    let summary = if none < 0.5 {
        "Hardly anybody is understood from another workplace here, even without masking: it is not needed.".to_owned()
    } else {
        format!(
            "Somebody who talks at a workplace of this office, no louder than usual, is understood at {} other workplaces on average. \
             Fixed masking brings that down by {}, adaptive masking by {}: it is louder than fixed masking where that helps against \
             this one talker, once it has had the time to get there, and softer elsewhere.",
            words::workplaces(none),
            less(fixed),
            less(adaptive),
        )
    };
    let honest = format!(
        "These are predictions: in built offices models of this kind are right to an STI of ±{MODEL_ERROR_STI} and a distraction \
         distance of ±2.5 m. Measurements after commissioning replace them."
    );
    section(
        "overview",
        "How far talk carries",
        &(paragraph(&summary) + "<div class=\"cards\">\n" + &cards.concat() + "</div>\n<p class=\"quiet\">" + &honest + "</p>\n"),
    )
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or(String::new(), |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}

/// Three maps of the STI; the script shows single talkers on them.
pub(super) fn listening(outlook: &Outlook) -> String {
    let plan = &outlook.site.plan;
    let mut body = paragraph(
        "Warm colours: what is said there is understood. The maps show the clearest talker of any other zone, sitting in the \
         middle of it. <span class=\"screen-only\">Choose a zone, here or by clicking on it, to hear one talker all over the \
         floor.</span>",
    );
    let first = report::most_heard(outlook);
    for (floor, item) in plan.floors.iter().enumerate() {
        let zones = plan.zones.iter().enumerate().filter(|(_, zone)| zone.floor == floor);
        let options: String = zones
            .map(|(index, zone)| {
                let star = if first == Some(index) { " (heard in most places)" } else { "" };
                format!(
                    "<option value=\"{}\">{}{star}</option>",
                    escaped(&zone.id),
                    escaped(&zone.name)
                )
            })
            .collect();
        body += &format!(
            "<div class=\"floor\" data-floor=\"{floor}\">\n<div class=\"floor-head\"><h3>Floor {}</h3>\
             <label class=\"screen-only\">Talker in <select data-talker><option value=\"\">any other zone (clearest)</option>{options}</select></label></div>\n",
            escaped(&item.id)
        );
        body += &maps(&drawing::worst_case(outlook, floor), "sti-map");
        body += "</div>\n";
    }
    section("listening", "Where talk is understood", &(body + &legend(&STI)))
}

/// The same maps without, with fixed and with adaptive masking.
fn maps(drawings: &[String; 3], class: &str) -> String {
    let figure = |(drawing, masking): (&String, Masking)| {
        format!(
            "<figure class=\"{class}\" data-masking=\"{}\">\n{drawing}<figcaption>{}</figcaption>\n</figure>\n",
            masking as usize,
            capitalised(masking.words())
        )
    };
    let figures: String = drawings.iter().zip(Masking::ALL).map(figure).collect();
    format!("<div class=\"maps\">\n{figures}</div>\n")
}

fn legend(scale: &Scale) -> String {
    let items = scale.labels.iter().enumerate();
    let items: String = items
        .map(|(step, label)| {
            format!("<li><svg viewBox=\"0 0 10 10\" class=\"floor-plan\" aria-hidden=\"true\"><rect class=\"s{step}\" width=\"10\" height=\"10\"/></svg>{label}</li>")
        })
        .collect();
    format!("<div class=\"legend\"><span>{}</span><ul>{items}</ul></div>\n", scale.title)
}

/// How many others one understands at each workplace.
pub(super) fn workplaces(outlook: &Outlook) -> String {
    let mut body = paragraph(
        "Each disc is a workplace. Its colour says at how many other workplaces somebody could talk and be understood here.",
    );
    for (floor, item) in outlook.site.plan.floors.iter().enumerate() {
        body += &format!("<div class=\"floor\"><h3>Floor {}</h3>\n", escaped(&item.id));
        body += &maps(&drawing::understood(outlook, floor), "seat-map");
        body += "</div>\n";
    }
    section("workplaces", "Who has to listen to whom", &(body + &legend(&UNDERSTOOD)))
}

/// ISO 3382-3.
pub(super) fn figures(outlook: &Outlook) -> String {
    let (plan, paths) = (&outlook.site.plan, &outlook.prediction.paths);
    if paths.is_empty() {
        let none = "No figures: nowhere on these floors do four workplaces stand in a line between 2 m and 16 m from a talker, as \
                    the standard asks.";
        return section("figures", "Figures by ISO 3382-3", &paragraph(none));
    }
    let headings = [
        "Path",
        "Talker → last reading",
        "Masking",
        "D<sub>2,S</sub>, dB",
        "L<sub>p,A,S,4 m</sub>, dB",
        "r<sub>C</sub>, m",
        "L<sub>p,A,B</sub>, dB",
        "r<sub>D</sub>, m",
    ];
    let mut table = Table::new(
        "Decay of speech along lines of workplaces, 2 m to 16 m from the talker",
        &headings,
    );
    for (number, path) in paths.iter().enumerate() {
        let name = |zone: usize| plan.zones[zone].name.as_str();
        let last = path.path.readings.last().map_or("", |seat| name(seat.zone));
        let way = format!("{} → {last}", name(path.path.talker.zone));
        for masking in Masking::ALL {
            let Some(figures) = path.figures[masking as usize] else {
                continue;
            };
            table.row([
                Cell::text(&(number + 1).to_string()),
                Cell::text(&way),
                Cell::text(masking.words()),
                Cell::judged(&words::db(figures.d2s_db), Quality::of_d2s(figures.d2s_db)),
                Cell::judged(&words::db(figures.lp4m_db), Quality::of_lp4m(figures.lp4m_db)),
                Cell::number(words::metres(figures.rc_m, "–")),
                Cell::number(words::db(figures.background_db)),
                Cell::judged(&words::metres(figures.rd_m, "–"), words::distraction(&figures)),
            ]);
        }
    }
    let mut body = paragraph(
        "The standard's single numbers: by how much speech falls per doubling of distance (D<sub>2,S</sub>), how loud it is at \
         4 m, the comfort distance where it falls to 45 dB(A) (r<sub>C</sub>), the background (L<sub>p,A,B</sub>), and the \
         distraction distance where it is no longer understood (r<sub>D</sub>). Masking changes the last two; screens, ceilings \
         and distance change the others. Good: D<sub>2,S</sub> from 7 dB, level at 4 m up to 48 dB, r<sub>D</sub> up to 5 m. \
         Poor: below 5 dB, above 50 dB, above 10 m.",
    );
    for (floor, item) in plan.floors.iter().enumerate() {
        if paths.iter().any(|path| path.path.floor == floor) {
            body += &format!(
                "<figure class=\"wide\">{}<figcaption>Paths on floor {}; the talker sits at the number</figcaption></figure>\n",
                drawing::paths(outlook, floor),
                escaped(&item.id)
            );
        }
    }
    section("figures", "Figures by ISO 3382-3", &(body + &table.finish()))
}

/// Evenness of masking.
pub(super) fn coverage(outlook: &Outlook) -> String {
    let mut body = paragraph(
        "Masking at seated ears while every zone plays its commissioned level. Under each name: the mean over the workplaces of \
         the zone, and half of the range over them.",
    );
    for (floor, item) in outlook.site.plan.floors.iter().enumerate() {
        body += &format!(
            "<figure class=\"wide\">{}<figcaption>Floor {}, microphones (circles) and loudspeakers (squares)</figcaption></figure>\n",
            drawing::evenness(outlook, floor),
            escaped(&item.id)
        );
    }
    section("coverage", "How evenly masking lies", &(body + &legend(&EVENNESS)))
}

/// One row per zone.
pub(super) fn zones(outlook: &Outlook) -> String {
    let plan = &outlook.site.plan;
    let headings = [
        "Zone",
        "Workplaces",
        "Levels, dB(A)",
        "Masking, dB(A)",
        "± dB",
        "Headroom, dB",
        "Clearest speech from",
        "STI without",
        "fixed",
        "adaptive",
    ];
    let mut table = Table::new(
        "Levels: lowest, commissioned, highest. STI at the workplace that hears best",
        &headings,
    );
    let clearest = report::clearest_into(outlook);
    for (index, zone) in plan.zones.iter().enumerate() {
        let (limits, coverage) = (&outlook.assumptions.zones[index], &outlook.prediction.coverage.zones[index]);
        let (from, sti) = clearest[index].map_or(("nobody", core::array::from_fn(|_| "–".to_owned())), |(from, sti)| {
            (plan.zones[from].name.as_str(), sti.map(|sti| format!("{sti:.2}")))
        });
        let cells = [
            Cell::text(&zone.name),
            Cell::number(zone.listeners.len().to_string()),
            Cell::number(format!(
                "{} – {} – {}",
                limits.level_min_db, limits.level_fixed_db, limits.level_max_db
            )),
            Cell::number(words::db(coverage.mean_db)),
            Cell::number(words::db(coverage.uniformity_db())),
            Cell::number(
                coverage
                    .headroom_db
                    .map_or("–".into(), |headroom_db| format!("{headroom_db:.0}")),
            ),
            Cell::text(from),
        ];
        table.row(cells.into_iter().chain(sti.map(Cell::number)));
    }
    section("zones", "Zone by zone", &table.finish())
}

/// Distraction distances between zones.
pub(super) fn pairs(outlook: &Outlook) -> String {
    let plan = &outlook.site.plan;
    let pairs = report::pairs_by_distance(&outlook.prediction);
    if pairs.is_empty() {
        return String::new();
    }
    let headings = ["Talker in", "Towards", "Without, m", "Fixed, m", "Adaptive, m"];
    let mut table = Table::new(
        "Distance at which the STI falls to 0.50; –: understood to the end of the floor",
        &headings,
    );
    for (from, to, rd_m) in pairs.iter().take(MOST_PAIRS) {
        let ends = [Cell::text(&plan.zones[*from].name), Cell::text(&plan.zones[*to].name)];
        table.row(
            ends.into_iter()
                .chain(rd_m.map(|rd_m| Cell::number(words::metres(rd_m, "–")))),
        );
    }
    let more = match pairs.len().saturating_sub(MOST_PAIRS) {
        0 => String::new(),
        more => paragraph(&format!("{more} more pairs have shorter distances.")),
    };
    let body = format!(
        "<details>\n<summary>{} pairs of zones, the farthest first</summary>\n{}{more}</details>\n",
        pairs.len(),
        table.finish()
    );
    section("pairs", "Distraction distance from zone to zone", &body)
}

/// What to look at.
pub(super) fn warnings(outlook: &Outlook) -> String {
    let warnings = &outlook.prediction.warnings;
    if warnings.is_empty() {
        return section(
            "warnings",
            "What to look at",
            &paragraph("Nothing: loudspeakers and microphones suit this plan."),
        );
    }
    let items: String = warnings
        .iter()
        .map(|warning| {
            let (what, help) = (escaped(&warning.kind.to_string()), escaped(&warning.kind.help()));
            format!(
                "<li><strong>{}</strong><br><span class=\"quiet\">{}</span></li>\n",
                capitalised(&what),
                capitalised(&help)
            )
        })
        .collect();
    section(
        "warnings",
        "What to look at",
        &format!("<ul class=\"warnings\">\n{items}</ul>\n"),
    )
}

/// How it was computed, and what it does not know.
pub(super) fn method(outlook: &Outlook) -> String {
    let assumptions = &outlook.assumptions;
    let items = [
        "The talker is that of ISO 3382-3: normal effort, 57.4 dB(A) at 1 m, alike in all directions, as nobody knows where people \
         will face. Somebody who faces a listener is louder to him than predicted here, and softer behind."
            .to_owned(),
        format!(
            "Background without masking: {:.0} dB(A), falling by 5 dB per octave, assumed. A quieter building makes talk carry farther \
             before masking, and masking more worthwhile.",
            assumptions.background_db
        ),
        format!(
            "Adaptive masking is computed for one talker at a time: each zone within its limits at the lowest level that brings his \
             speech under the zone's target STI, its highest where that at least comes near it, and its lowest where masking cannot \
             help, as in his own zone. Zones that border on each other differ by at most {} dB. The daemon gets there slowly enough \
             for nobody to notice; people who talk for a minute are not followed.",
            assumptions.neighbour_max_db
        ),
        "Sound spreads by the inverse square law and Kuttruff’s formula for flat rooms with scattering surfaces; screens by Maekawa’s \
         curve; octaves 125 Hz to 8 kHz. STI by IEC 60268-16 (edition 5, male spectrum) with noise, reverberation, auditory masking \
         and threshold."
            .to_owned(),
        format!(
            "Known error of such models against measurements: STI −0.03 ± {MODEL_ERROR_STI}, D<sub>2,S</sub> 1.5 dB, level at 4 m 3 dB, \
             r<sub>D</sub> 2.5 m. Furniture, ducts and curved walls are not in the plan and not in the numbers."
        ),
        "Good and poor are the guide values of ISO 3382-3. Of all its figures only the distraction distance has been found to \
         predict how much people are disturbed by noise (21 offices, 883 people)."
            .to_owned(),
    ];
    let items: String = items.iter().map(|item| format!("<li>{item}</li>\n")).collect();
    section(
        "method",
        "How this was computed",
        &format!("<ul class=\"method\">\n{items}</ul>\n"),
    )
}
