//! The maps of single talkers, for the page's script to draw when one is chosen.

use habitat_layout::prediction::{Grid, TalkerMap};
use serde_json::{Map, Value, json};

use crate::plan::{Outlook, scale::STI};

/// One object per floor, as JSON that cannot end a script element.
pub(super) fn talkers(outlook: &Outlook) -> String {
    let plan = &outlook.site.plan;
    let floors = outlook.prediction.grids.iter().enumerate().map(|(floor, grid)| {
        let zones = plan
            .zones
            .iter()
            .zip(&outlook.prediction.talkers)
            .filter(|(zone, _)| zone.floor == floor);
        let maps = zones.filter_map(|(zone, map)| Some((zone.id.clone(), talker(grid, map)?)));
        let maps: Map<String, Value> = maps.collect();
        json!({ "cell": grid.cell_m, "talkers": maps })
    });
    let floors: Vec<Value> = floors.collect();
    Value::from(floors).to_string().replace('<', "\\u003c")
}

/// Where he sits, the window of the grid in which he is heard, and a digit per cell of it for each kind of masking.
fn talker(grid: &Grid, map: &TalkerMap) -> Option<Value> {
    let talker = map.talker?;
    let columns = || map.heard.iter().map(|heard| heard.cell % grid.columns);
    let rows = || map.heard.iter().map(|heard| heard.cell / grid.columns);
    let (west, east) = (columns().min()?, columns().max()?);
    let (south, north) = (rows().min()?, rows().max()?);
    let (width, height) = (east - west + 1, north - south + 1);
    let digits = |masking: usize| {
        let mut digits = vec![b' '; width * height];
        for heard in &map.heard {
            let (column, row) = (heard.cell % grid.columns - west, heard.cell / grid.columns - south);
            digits[row * width + column] = b'0' + STI.step(f64::from(heard.sti[masking]));
        }
        String::from_utf8_lossy(&digits).into_owned()
    };
    let at = [talker.x_m - grid.corner[0], talker.y_m - grid.corner[1]];
    Some(json!({ "at": at, "window": [west, south, width, height], "steps": [digits(0), digits(1), digits(2)] }))
}
