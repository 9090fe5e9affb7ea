//! What a place has taught.

use habitat_dsp::adaptation::PlaceMemory;

use super::{Channel, Control};
use crate::places::KnownPlace;

impl Control {
    /// Whether this site remembers places.
    pub fn remembers_places(&self) -> bool {
        self.0.places.remembered()
    }

    /// What is known of a zone's place.
    pub fn place(&self, zone: usize) -> Option<KnownPlace> {
        self.0.places.known(zone)
    }

    /// Takes over what the engine says of a zone's place, and how often the zone had forgotten it before.
    pub fn place_learnt(&self, zone: usize, memory: PlaceMemory, places_forgotten: u32) {
        self.0.places.learnt(zone, memory, places_forgotten, self.0.clock.now());
    }

    /// Lets a zone forget its place: first the engine, then the disk.
    ///
    /// # Errors
    /// A sentence that says why the disk still has what was stored; it is tried again.
    pub async fn forget_place(&self, zone: usize, channel: Channel) -> Result<(), String> {
        self.0.places.forget(zone);
        self.hand_over();
        let id = self.0.site.plan.zones.get(zone).map_or("", |zone| &zone.id);
        tracing::info!(zone = id, channel = channel.name(), "the place is forgotten");
        self.0.places.erase(zone).await.map_err(|error| error.to_string())
    }
}
