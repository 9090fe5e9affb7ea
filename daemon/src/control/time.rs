//! What time asks for.

use habitat_events::round_to;
use jiff::Timestamp;

use super::{Control, base_level_db};
use crate::{
    store::{LearnedRecord, WhenFull},
    timetable::{Progress, Quarter, Timetable},
};

impl Control {
    /// What time asks for.
    pub fn timetable(&self) -> &Timetable {
        &self.0.timetable
    }

    /// Hands over what time asks for now, where that is something else than before. Whoever sets the pace calls it: the wall
    /// clock in live operation, the source of the samples under `pipe`.
    pub fn keep_time(&self, now: Timestamp) {
        let second = now.as_second();
        if core::mem::replace(&mut self.lock().looked_at_s, second) == second {
            return;
        }
        let moment = self.0.timetable.at(now);
        let before = core::mem::replace(&mut self.lock().moment, moment.clone());
        if moment == before {
            return;
        }
        if moment.acclimatisation_db != before.acclimatisation_db {
            tracing::info!(level_db = moment.acclimatisation_db, "acclimatisation");
        }
        self.hand_over();
    }

    /// How far people have got used to masking; `None` when that is over or was never wanted.
    pub fn acclimatisation(&self) -> Option<Progress> {
        self.0.timetable.acclimatisation(self.0.clock.now())
    }

    /// What a zone plays now while there is nothing to mask, dB(A); `None`: a schedule has it off.
    pub fn base_level_db(&self, zone: usize) -> Option<f64> {
        let state = self.lock();
        let settings = &state.zones.get(zone)?.settings;
        let level_db = base_level_db(state.moment.base(zone, settings.today)?, settings)?;
        Some(round_to(level_db + state.moment.acclimatisation_db, 3))
    }

    /// Learns what adaptation chose for a zone in a quarter hour, and keeps it.
    pub fn learn(&self, zone: usize, quarter: Quarter, level_db: f64) {
        let Some(learned) = self.0.timetable.learn(zone, quarter, level_db) else {
            return;
        };
        let when_full = if self.0.clock.is_stream() {
            WhenFull::Wait
        } else {
            WhenFull::Drop
        };
        if let Some(store) = &self.0.store {
            let record = LearnedRecord {
                zone: self.0.site.plan.zones[zone].id.clone(),
                slot: quarter.slot,
                week: learned.week,
                level_db: learned.level_db,
            };
            store.save_learned(record, when_full);
        }
    }
}
