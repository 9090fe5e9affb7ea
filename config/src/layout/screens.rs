//! `[[screen]]`

use habitat_layout::Screen;

use super::{Items, Places, Register, points::point};
use crate::{
    keys,
    read::{NumberRule, Table, number, text},
};

const HEIGHT: NumberRule = NumberRule {
    min: 0.3,
    max: 30.0,
    unit: " m",
    reason: "lower is no obstacle to sound; the room's height is a wall",
};

const REDUCTION: NumberRule = NumberRule {
    min: 0.0,
    max: 80.0,
    unit: " dB",
    reason: "weighted sound reduction: a screen 15-25, a wall 30-60",
};

/// Reads the tables.
pub(super) fn read(root: &Table, floors: &Register) -> Items<Screen> {
    let mut screens = Items::new("screen", root);
    for table in root.list("screen", &keys::SCREEN) {
        let floor = floors.resolve(table.notes(), &table.require("floor", "\"3\"", text));
        let from = table.require("from", "[12, 0]", point).written();
        let to = table.require("to", "[12, 10]", point).written();
        let height_m = table.require("height_m", "1.6", number(&HEIGHT)).written();
        let reduction_db = table.require("reduction_db", "18", number(&REDUCTION)).written();
        let screen = (|| {
            Some(Screen {
                floor: floor?,
                from: from?,
                to: to?,
                height_m: height_m?,
                reduction_db: reduction_db?,
            })
        })();
        if let Some(screen) = screen {
            screens.items.push(screen);
            screens.places.push(Places::of(&table));
        }
    }
    screens
}
