//! `[[floor]]`

use habitat_layout::Floor;

use super::{Items, points::outline};
use crate::{
    keys,
    read::{NumberRule, Table, identifier, number},
};

/// Letters, digits, `_` and `-`: ids stand in topics, where `/`, `+` and `#` have a meaning.
pub(super) const ID_CHARACTERS: &str = "A-Z, a-z, 0-9, _ and -";

const HEIGHT: NumberRule = NumberRule {
    min: 2.0,
    max: 30.0,
    unit: " m",
    reason: "metres from floor to ceiling",
};

const ABSORPTION: NumberRule = NumberRule {
    min: 0.0,
    max: 1.0,
    unit: "",
    reason: "0 reflects all sound, 1 absorbs all",
};

const REVERBERATION: NumberRule = NumberRule {
    min: 0.1,
    max: 10.0,
    unit: " s",
    reason: "offices have 0.3 to 1 s, cathedrals less than 10 s",
};

/// Whether a character may stand in the id of a floor, zone or device.
pub(super) fn is_id(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-')
}

/// Reads the tables.
pub(super) fn read(root: &Table) -> Items<Floor> {
    let mut floors = Items::new("floor", root);
    for table in root.list("floor", &keys::FLOOR) {
        let id = table.require("id", "\"3\"", identifier(is_id, ID_CHARACTERS));
        let outline = table
            .require("outline", "[[0, 0], [24, 0], [24, 16], [0, 16]]", outline)
            .written();
        let height_m = table.require("height_m", "2.8", number(&HEIGHT)).written();
        let absorption = table.read("absorption", number(&ABSORPTION));
        let reverberation = table.read("reverberation_s", number(&REVERBERATION));
        let sound = !absorption.is_wrong() && !reverberation.is_wrong();
        let floor = (|| {
            Some(Floor {
                id: id.as_written()?.0.clone(),
                outline: outline?,
                height_m: height_m?,
                absorption: absorption.written(),
                reverberation_s: reverberation.written(),
            })
        })();
        floors.add(floor.filter(|_| sound), &id, &table);
    }
    floors
}
