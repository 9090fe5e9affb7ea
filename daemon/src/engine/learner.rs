//! From the engine's reports to what the profile of a zone learns.

use habitat_dsp::{Base, ZoneReport};
use jiff::{Timestamp, ToSpan};

use crate::{
    control::{Control, base_level_db},
    timetable::{Adapted, Gathering, Moment, Timetable},
};

/// Takes the seconds of all zones. Everything it goes by has the time of the report, so that a run over the `pipe` repeats.
pub struct Learner {
    control: Control,
    timetable: Timetable,
    zones: Vec<Gathering>,
    moment: Option<Moment>,
}

impl Learner {
    /// For a site that learns; `None` for one that does not.
    pub fn new(control: &Control) -> Option<Self> {
        let timetable = control.timetable().clone();
        let site = control.site();
        let gathering = Gathering::new(site.adaptation.startup_ramp_s);
        timetable.learns().then(|| Learner {
            control: control.clone(),
            timetable,
            zones: vec![gathering; site.zones.len()],
            moment: None,
        })
    }

    /// Takes a second of a zone, in the order of the zones.
    pub fn second(&mut self, zone: usize, end: Timestamp, report: &ZoneReport, muted: bool) {
        let begin = end.saturating_sub(1.second()).unwrap_or(end);
        if zone == 0 {
            self.moment = Some(self.timetable.at(begin));
        }
        let Some(gathering) = self.zones.get_mut(zone) else { return };
        let adapted = self.moment.as_ref().and_then(|moment| {
            let settings = self.control.settings(zone).filter(|settings| settings.enabled && !muted)?;
            let base = moment.base(zone, settings.today).filter(|base| *base != Base::Off)?;
            report.laeq_db?;
            Some(Adapted {
                level_db: f64::from(report.masking_db) - moment.acclimatisation_db - settings.offset_db,
                base_db: base_level_db(base, &settings)?,
            })
        });
        let quarter = self.timetable.quarter(begin);
        if let Some((quarter, level_db)) = gathering.take(quarter, adapted) {
            self.control.learn(zone, quarter, level_db);
        }
    }
}
