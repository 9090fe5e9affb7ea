//! What stands where: floors, zones, microphones, loudspeakers, screens.
//!
//! Metres throughout; x to the east, y to the north, z up from the floor. References between items are indices into
//! the vectors of [`Plan`], so that a checked plan cannot name something that does not exist.

use geo::Polygon;

use crate::DeviceName;

/// Height of a seated listener's ears and of a seated talker's mouth (ISO 3382-3:2022, 5.2).
pub const SEATED_HEIGHT_M: f64 = 1.2;

/// A point in the building.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    /// Metres to the east.
    pub x_m: f64,
    /// Metres to the north.
    pub y_m: f64,
    /// Metres above the floor.
    pub z_m: f64,
}

impl Position {
    /// Straight-line distance in metres.
    pub fn distance_m(self, other: Position) -> f64 {
        let (dx, dy, dz) = (self.x_m - other.x_m, self.y_m - other.y_m, self.z_m - other.z_m);
        (dx * dx + dy * dy + dz * dz).sqrt()
    }
}

/// One storey.
#[derive(Clone, Debug, PartialEq)]
pub struct Floor {
    /// Unique name, as written in the layout file.
    pub id: String,
    /// Outer edge.
    pub outline: Polygon<f64>,
    /// Floor to ceiling.
    pub height_m: f64,
    /// Mean absorption coefficient of the ceiling, 250-4000 Hz; when the file does not state it, it is derived from the
    /// reverberation time, or taken as 0.8.
    pub absorption: Option<f64>,
    /// Reverberation time T60, 500-2000 Hz; estimated from size and absorption when the file does not state it.
    pub reverberation_s: Option<f64>,
}

/// What people do in a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZoneKind {
    /// Quiet, concentrated work.
    Focus,
    /// Work in teams that talk.
    Collaboration,
    /// A meeting room or corner.
    Meeting,
    /// Corridors and stairs.
    Circulation,
    /// Kitchen, lounge.
    Social,
}

impl ZoneKind {
    /// Whether people work here whom speech from elsewhere distracts. Those who pass through, meet or have coffee listen to each
    /// other, and masking would only make them talk louder: such a place is not masked for its own sake.
    pub fn has_workplaces(self) -> bool {
        match self {
            Self::Focus | Self::Collaboration => true,
            Self::Meeting | Self::Circulation | Self::Social => false,
        }
    }
}

/// An area that has one masking level.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone {
    /// Unique name, as used in topics and events.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Index into [`Plan::floors`].
    pub floor: usize,
    /// What people do here.
    pub kind: ZoneKind,
    /// Outer edge.
    pub outline: Polygon<f64>,
    /// Seated listeners; never empty: without any in the file, a grid over the zone.
    pub listeners: Vec<Position>,
}

/// A zone of another controller. Nothing is played or measured here for it; it is known because people there are heard in zones of
/// this plan, or its masking borders on ours.
#[derive(Clone, Debug, PartialEq)]
pub struct RemoteZone {
    /// Site of the other controller.
    pub site: String,
    /// Name of the zone there.
    pub zone: String,
    /// Index into [`Plan::floors`].
    pub floor: usize,
    /// Outer edge.
    pub outline: Polygon<f64>,
    /// Seats, as of [`Zone::listeners`].
    pub listeners: Vec<Position>,
    /// Where its microphones hang: the levels that the other controller tells are measured there. Never empty.
    pub microphones: Vec<Position>,
}

impl RemoteZone {
    /// Its name among all zones of all controllers.
    pub fn id(&self) -> String {
        format!("{}/{}", self.site, self.zone)
    }
}

/// A ceiling microphone.
#[derive(Clone, Debug, PartialEq)]
pub struct Microphone {
    /// Unique name.
    pub id: String,
    /// Index into [`Plan::zones`].
    pub zone: usize,
    /// Where it hangs.
    pub position: Position,
    /// Which device; `None`: the default input of the default host.
    pub device: Option<DeviceName>,
    /// Channel of the device, 1-based.
    pub channel: u32,
    /// AES17 dBFS (full-scale sine = 0 dBFS) at 94 dB SPL.
    pub sensitivity_dbfs: f64,
}

/// A ceiling loudspeaker.
#[derive(Clone, Debug, PartialEq)]
pub struct Loudspeaker {
    /// Unique name.
    pub id: String,
    /// Index into [`Plan::zones`].
    pub zone: usize,
    /// Where it hangs.
    pub position: Position,
    /// Which device; `None`: the default output of the default host.
    pub device: Option<DeviceName>,
    /// Channel of the device, 1-based.
    pub channel: u32,
    /// Free-field SPL at 1 m for a 0 dBFS (AES17) signal.
    pub output_db_spl: f64,
}

/// A screen, wall or glazing between desks and zones.
#[derive(Clone, Debug, PartialEq)]
pub struct Screen {
    /// Index into [`Plan::floors`].
    pub floor: usize,
    /// One end, metres.
    pub from: [f64; 2],
    /// Other end, metres.
    pub to: [f64; 2],
    /// Height; the floor's full height makes it a wall.
    pub height_m: f64,
    /// Weighted sound reduction.
    pub reduction_db: f64,
}

/// A screen that ends no more than this below the ceiling is a wall, metres.
const WALL_GAP_M: f64 = 0.05;

impl Screen {
    /// Whether it closes the room up to the ceiling of its floor.
    pub fn is_wall(&self, floor: &Floor) -> bool {
        self.height_m >= floor.height_m - WALL_GAP_M
    }
}

/// The whole site.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Storeys.
    pub floors: Vec<Floor>,
    /// Zones, in the order of the file.
    pub zones: Vec<Zone>,
    /// Zones of other controllers, in the order of the file.
    pub remote_zones: Vec<RemoteZone>,
    /// Microphones, in the order of the file.
    pub microphones: Vec<Microphone>,
    /// Loudspeakers, in the order of the file.
    pub loudspeakers: Vec<Loudspeaker>,
    /// Screens and walls.
    pub screens: Vec<Screen>,
}
