//! What can be wrong, and how a person is told.

use thiserror::Error;

/// One thing that is wrong with a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What is wrong.
    pub item: Item,
    /// Where in it.
    pub field: Field,
    /// Why.
    pub kind: FaultKind,
}

/// An item of a plan, by its index in the vector of [`Plan`](crate::Plan).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Item {
    /// The plan as a whole.
    Plan,
    /// An index into `floors`.
    Floor(usize),
    /// An index into `zones`.
    Zone(usize),
    /// An index into `remote_zones`.
    RemoteZone(usize),
    /// An index into `microphones`.
    Microphone(usize),
    /// An index into `loudspeakers`.
    Loudspeaker(usize),
    /// An index into `screens`.
    Screen(usize),
}

/// A field of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// The list of zones of the plan.
    Zones,
    /// The floor that the item names.
    Floor,
    /// The zone that the item names.
    Zone,
    /// The outline.
    Outline,
    /// One of the listeners, or all of them.
    Listeners(Option<usize>),
    /// One of the microphones of a remote zone, or all of them.
    Microphones(Option<usize>),
    /// The position.
    Position,
    /// The first end of a screen.
    From,
    /// The second end of a screen.
    To,
    /// The height.
    Height,
}

impl Field {
    /// The key in the layout file.
    pub fn key(self) -> &'static str {
        match self {
            Self::Zones | Self::Zone => "zone",
            Self::Floor => "floor",
            Self::Outline => "outline",
            Self::Listeners(_) => "listeners",
            Self::Microphones(_) => "microphones",
            Self::Position => "position",
            Self::From => "from",
            Self::To => "to",
            Self::Height => "height_m",
        }
    }
}

/// Why something is wrong. `to_string` says it in words with numbers, [`FaultKind::help`] what would be right.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum FaultKind {
    /// No zone at all.
    #[error("the layout has no zone")]
    NoZones,
    /// A reference to a floor or zone that is not there.
    #[error("there is no such {what}")]
    NoSuch {
        /// "floor" or "zone".
        what: &'static str,
    },
    /// A coordinate that is not finite or out of all proportion.
    #[error("the coordinate {value} m is not a place in a building")]
    NotAPlace {
        /// The coordinate.
        value: f64,
    },
    /// Too few corners for an area.
    #[error("the outline has {points} distinct corners")]
    TooFewPoints {
        /// How many distinct ones there are.
        points: usize,
    },
    /// More corners than any building has.
    #[error("the outline has {points} corners, more than {limit}")]
    TooManyPoints {
        /// How many there are.
        points: usize,
        /// How many may be.
        limit: usize,
    },
    /// All corners on one line.
    #[error("the outline encloses no area: its {points} corners lie on one line")]
    NoArea {
        /// How many corners there are.
        points: usize,
    },
    /// The outline crosses or touches itself.
    #[error("the outline crosses itself at ({x_m:.2}, {y_m:.2}): side {first} and side {second}")]
    CrossesItself {
        /// One of the sides, counted from 1 in the order of the corners.
        first: usize,
        /// The other.
        second: usize,
        /// Where, metres to the east.
        x_m: f64,
        /// Where, metres to the north.
        y_m: f64,
    },
    /// A zone that is not entirely on its floor.
    #[error("{area_m2:.2} m² of the zone lie outside floor \"{floor}\", up to {distance_m:.2} m at ({x_m:.2}, {y_m:.2})")]
    OutsideFloor {
        /// Name of the floor.
        floor: String,
        /// How much of it is outside.
        area_m2: f64,
        /// How far its farthest corner is outside; 0 when only the floor's outline cuts into the zone.
        distance_m: f64,
        /// That corner, metres to the east.
        x_m: f64,
        /// That corner, metres to the north.
        y_m: f64,
    },
    /// Two zones in one place.
    #[error("the zone overlaps zone \"{other}\" by {area_m2:.2} m² around ({x_m:.2}, {y_m:.2})")]
    Overlap {
        /// Name of the other zone, the earlier one of the two.
        other: String,
        /// How much they share.
        area_m2: f64,
        /// Middle of what they share, metres to the east.
        x_m: f64,
        /// Middle of what they share, metres to the north.
        y_m: f64,
    },
    /// A device or listener beside its zone.
    #[error("({x_m:.2}, {y_m:.2}) is {distance_m:.2} m outside zone \"{zone}\"")]
    OutsideZone {
        /// Name of the zone.
        zone: String,
        /// How far outside.
        distance_m: f64,
        /// Metres to the east.
        x_m: f64,
        /// Metres to the north.
        y_m: f64,
    },
    /// Higher than the ceiling.
    #[error("{z_m:.2} m is above the ceiling at {ceiling_m:.2} m")]
    AboveCeiling {
        /// Where it is.
        z_m: f64,
        /// Where the ceiling is.
        ceiling_m: f64,
    },
    /// Lower than the floor.
    #[error("{z_m:.2} m is below the floor")]
    BelowFloor {
        /// Where it is.
        z_m: f64,
    },
    /// Two devices in one place.
    #[error("it hangs at exactly the position of {other}")]
    SamePosition {
        /// The other device, with its kind and name.
        other: String,
    },
    /// A zone in which nobody listens.
    #[error("the zone has no listener")]
    NoListeners,
    /// A remote zone whose levels are measured nowhere.
    #[error("the remote zone has no microphone")]
    NoMicrophones,
    /// An end of a screen beside the floor.
    #[error("({x_m:.2}, {y_m:.2}) is {distance_m:.2} m outside floor \"{floor}\"")]
    ScreenOutsideFloor {
        /// Name of the floor.
        floor: String,
        /// How far outside.
        distance_m: f64,
        /// Metres to the east.
        x_m: f64,
        /// Metres to the north.
        y_m: f64,
    },
    /// A screen without length.
    #[error("the screen is {length_m:.3} m long")]
    NoLength {
        /// How long it is.
        length_m: f64,
    },
    /// A screen that goes through the ceiling.
    #[error("the screen is {height_m:.2} m high, the floor only {ceiling_m:.2} m")]
    HigherThanFloor {
        /// Its height.
        height_m: f64,
        /// Height of the floor.
        ceiling_m: f64,
    },
    /// A height of nothing or less.
    #[error("a height of {height_m} m is none")]
    HeightNotPositive {
        /// The height.
        height_m: f64,
    },
}

impl FaultKind {
    /// What is wrong, with numbers.
    pub fn message(&self) -> String {
        self.to_string()
    }

    /// What would be right.
    pub fn help(&self) -> String {
        match self {
            Self::NoZones => "describe at least one [[zone]]".into(),
            Self::NoSuch { what } => format!("name a {what} that the layout describes"),
            Self::NotAPlace { .. } => "give metres from the south-west corner of the building, at most 100 km".into(),
            Self::TooFewPoints { .. } => "give at least three different corners, in order around the area".into(),
            Self::TooManyPoints { limit, .. } => format!("leave out corners that do not matter; {limit} are enough"),
            Self::NoArea { .. } => "give corners that go around an area".into(),
            Self::CrossesItself { .. } => "list the corners in order around the area; two may be swapped".into(),
            Self::OutsideFloor { floor, .. } => {
                format!("move the corners onto floor \"{floor}\", or draw the floor's outline wider")
            }
            Self::Overlap { other, .. } => format!("let it end where zone \"{other}\" begins; edges may be shared"),
            Self::OutsideZone { zone, .. } => {
                format!("give a position inside zone \"{zone}\", or the zone in which it really is")
            }
            Self::AboveCeiling { ceiling_m, .. } => {
                format!("give a height between 0 and {ceiling_m:.2} m above this floor, not above the street")
            }
            Self::BelowFloor { .. } => "give metres above this floor, 0 or more".into(),
            Self::SamePosition { .. } => "give each device its own position; two cannot hang in one place".into(),
            Self::NoListeners => "give at least one listener, or leave out `listeners` for a grid".into(),
            Self::NoMicrophones => "say where the microphones of the other controller hang in it: [[20.0, 12.0, 2.7]]".into(),
            Self::ScreenOutsideFloor { floor, .. } => format!("let the screen end on floor \"{floor}\""),
            Self::NoLength { .. } => "give two different ends".into(),
            Self::HigherThanFloor { ceiling_m, .. } => format!("give {ceiling_m:.2} m for a wall, less for a screen"),
            Self::HeightNotPositive { .. } => "give a height in metres, more than 0".into(),
        }
    }
}
