//! The maps as drawings.

use habitat_layout::{
    drawing::{Cells, Layers, escaped, svg_with},
    prediction::Masking,
};

use super::{
    Outlook,
    scale::{EVENNESS, STI, Scale, UNDERSTOOD},
};

/// Width of one drawing in the file of all, in pixels of a screen.
const WIDTH_PX: f64 = 640.0;

/// Space for a caption, pixels.
const CAPTION_PX: f64 = 34.0;

/// Space between drawings, pixels.
const GAP_PX: f64 = 16.0;

/// One picture with all floors, from top to bottom, each without, with fixed and with adaptive masking: the highest STI of
/// talkers in the middle of the other zones.
pub fn svg(outlook: &Outlook) -> String {
    let mut body = String::new();
    let mut top_px = GAP_PX;
    for (floor, item) in outlook.site.plan.floors.iter().enumerate() {
        let drawings = worst_case(outlook, floor);
        let height_px = WIDTH_PX * aspect(&drawings[0]);
        for (column, (drawing, masking)) in drawings.iter().zip(Masking::ALL).enumerate() {
            let left_px = GAP_PX + column as f64 * (WIDTH_PX + GAP_PX);
            let caption = escaped(&format!("Floor {}, {}", item.id, masking.words()));
            let baseline_px = top_px + CAPTION_PX - 12.0;
            body += &format!("<text class=\"caption\" x=\"{left_px}\" y=\"{baseline_px}\">{caption}</text>\n");
            let place = format!(
                "<svg x=\"{left_px}\" y=\"{}\" width=\"{WIDTH_PX}\" height=\"{height_px:.1}\" ",
                top_px + CAPTION_PX
            );
            body += &drawing.replacen("<svg ", &place, 1);
        }
        top_px += CAPTION_PX + height_px + GAP_PX;
    }
    let width_px = GAP_PX + 3.0 * (WIDTH_PX + GAP_PX);
    let legend = legend(&STI, top_px);
    let height_px = top_px + 40.0;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"floor-plan\" viewBox=\"0 0 {width_px} {height_px:.1}\" \
         width=\"{width_px}\" height=\"{height_px:.1}\">\n<title>{}: clearest speech from other zones</title>\n\
         <style>svg {{ color: #14202b; }} .caption, .legend {{ font: 600 18px system-ui, sans-serif; fill: currentColor; }} \
         .legend {{ font-size: 14px; font-weight: 400; }} .paper {{ fill: #ffffff; }}</style>\n\
         <rect class=\"paper\" width=\"{width_px}\" height=\"{height_px:.1}\"/>\n{body}{legend}</svg>\n",
        escaped(&outlook.site.name)
    )
}

fn legend(scale: &Scale, top_px: f64) -> String {
    let mut legend = format!(
        "<text class=\"legend\" x=\"{GAP_PX}\" y=\"{}\">{}</text>\n",
        top_px + 16.0,
        scale.title
    );
    for (step, label) in scale.labels.iter().enumerate() {
        let left_px = 260.0 + step as f64 * 235.0;
        legend += &format!(
            "<rect class=\"s{step}\" x=\"{left_px}\" y=\"{top_px}\" width=\"22\" height=\"22\"/>\
             <text class=\"legend\" x=\"{}\" y=\"{}\">{label}</text>\n",
            left_px + 30.0,
            top_px + 16.0
        );
    }
    legend
}

/// Height over width of a drawing, from its own view box.
fn aspect(drawing: &str) -> f64 {
    let view = drawing.split("viewBox=\"0 0 ").nth(1).and_then(|rest| rest.split('"').next());
    let size: Vec<f64> = view
        .unwrap_or_default()
        .split(' ')
        .filter_map(|number| number.parse().ok())
        .collect();
    match size.as_slice() {
        [width, height] if *width > 0.0 => height / width,
        _ => 1.0,
    }
}

/// The clearest speech from other zones, in the order of [`Masking::ALL`].
pub(super) fn worst_case(outlook: &Outlook, floor: usize) -> [String; 3] {
    let clearest = outlook.prediction.clearest(&outlook.site.plan, floor);
    core::array::from_fn(|masking| {
        let step = |sti: &Option<[f32; 3]>| sti.map(|sti| STI.step(f64::from(sti[masking])));
        let steps: Vec<Option<u8>> = clearest.iter().map(step).collect();
        let layers = Layers {
            without_devices: true,
            ..Layers::default()
        };
        with_cells(outlook, floor, &steps, layers)
    })
}

/// How many other workplaces are understood at each, in the order of [`Masking::ALL`].
pub(super) fn understood(outlook: &Outlook, floor: usize) -> [String; 3] {
    core::array::from_fn(|masking| {
        let seats = outlook.prediction.understood.iter().map(|seats| {
            let steps = seats.iter().map(|seat| UNDERSTOOD.step(f64::from(seat.workplaces[masking])));
            steps.collect::<Vec<u8>>()
        });
        let seats: Vec<Vec<u8>> = seats.collect();
        let layers = Layers {
            seats: &seats,
            without_devices: true,
            ..Layers::default()
        };
        svg_with(&outlook.site.plan, floor, &layers)
    })
}

/// How evenly masking lies at the fixed level.
pub(super) fn evenness(outlook: &Outlook, floor: usize) -> String {
    let (prediction, plan) = (&outlook.prediction, &outlook.site.plan);
    let cells = prediction.grids[floor]
        .zones
        .iter()
        .zip(&prediction.coverage.on_grids_db[floor]);
    let steps: Vec<Option<u8>> = cells
        .map(|(zone, level_db)| {
            zone.map(|zone| EVENNESS.step(f64::from(*level_db) - outlook.assumptions.zones[zone].level_fixed_db))
        })
        .collect();
    let notes = prediction.coverage.zones.iter().map(|zone| {
        if zone.mean_db.is_finite() {
            format!("{:.1} ± {:.1} dB(A)", zone.mean_db, zone.uniformity_db())
        } else {
            "no masking".into()
        }
    });
    let notes: Vec<String> = notes.collect();
    debug_assert_eq!(notes.len(), plan.zones.len());
    let layers = Layers {
        notes: &notes,
        ..Layers::default()
    };
    with_cells(outlook, floor, &steps, layers)
}

/// Where the figures of ISO 3382-3 were read.
pub(super) fn paths(outlook: &Outlook, floor: usize) -> String {
    let paths: Vec<_> = outlook.prediction.paths.iter().map(|path| &path.path).collect();
    let layers = Layers {
        paths: &paths,
        without_devices: true,
        ..Layers::default()
    };
    svg_with(&outlook.site.plan, floor, &layers)
}

fn with_cells(outlook: &Outlook, floor: usize, steps: &[Option<u8>], layers: Layers<'_>) -> String {
    let cells = Some(Cells {
        grid: &outlook.prediction.grids[floor],
        steps,
    });
    svg_with(&outlook.site.plan, floor, &Layers { cells, ..layers })
}
