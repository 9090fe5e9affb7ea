//! Whose state is published in a second: what somebody has set at once, what is measured within a rate that a broker and those who listen
//! can bear.
//!
//! Levels change in every second and in every zone. Up to [`MOST_MEASURED`] zones are published in every second; of a larger site those
//! that were published longest ago, and before them those in which something has begun or ended.

use crate::status::ZoneStatus;

/// States that are published in a second because of what was measured.
const MOST_MEASURED: usize = 40;

/// So many of these because something has begun or ended, lest levels are never published.
const MOST_TURNED: usize = 25;

/// Zones beside a remote one that are published in every second, so that the others have their turns too.
const MOST_BESIDE_REMOTE: usize = 20;

/// What was published last.
#[derive(Debug, Default)]
pub(super) struct Pacing {
    beside_remote: Vec<usize>,
    published: Vec<Option<(ZoneStatus, u64)>>,
    seconds: u64,
}

/// How a zone differs from what was published of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Difference {
    /// What somebody or something set, or everything.
    Set,
    /// Perhaps nothing: another controller wants to know that it still holds.
    Told,
    /// Something has begun or ended.
    Turned,
    /// Other numbers.
    Measured,
}

impl Pacing {
    /// Nothing published yet. Another controller wants to know of some zones in every second, the most important first.
    pub fn new(mut beside_remote: Vec<usize>) -> Self {
        beside_remote.truncate(MOST_BESIDE_REMOTE);
        Pacing {
            beside_remote,
            ..Pacing::default()
        }
    }

    /// The zones to publish in this second, which count as published.
    pub fn choose(&mut self, zones: &[ZoneStatus]) -> Vec<usize> {
        self.seconds += 1;
        self.published.resize(zones.len(), None);
        let known = self.published.iter().zip(zones).enumerate();
        let mut waiting: Vec<(Difference, u64, usize)> = known
            .filter_map(|(index, (published, zone))| {
                let since = published.as_ref().map_or(0, |(_, at)| *at);
                let told = self.beside_remote.contains(&index).then_some(Difference::Told);
                let difference = difference(published.as_ref().map(|(status, _)| status), zone);
                // The first of the two: what somebody sets goes before.
                let difference = [difference, told].into_iter().flatten().min()?;
                Some((difference, since, index))
            })
            .collect();
        waiting.sort_unstable();
        let (mut turned, mut measured) = (0, 0);
        let mut chosen = Vec::new();
        for (difference, _, index) in waiting {
            let admitted = match difference {
                Difference::Set | Difference::Told => true,
                Difference::Turned => turned < MOST_TURNED,
                Difference::Measured => turned + measured < MOST_MEASURED,
            };
            if admitted {
                turned += usize::from(difference == Difference::Turned);
                measured += usize::from(matches!(difference, Difference::Measured | Difference::Told));
                self.published[index] = Some((zones[index].clone(), self.seconds));
                chosen.push(index);
            }
        }
        chosen
    }
}

/// `None`: nothing differs.
fn difference(published: Option<&ZoneStatus>, now: &ZoneStatus) -> Option<Difference> {
    let Some(before) = published else {
        return Some(Difference::Set);
    };
    if before == now {
        return None;
    }
    let set = |zone: &ZoneStatus| (zone.effective.clone(), zone.base_level_db, zone.muted, zone.masking_benefit);
    if set(before) != set(now) {
        return Some(Difference::Set);
    }
    let turns = |zone: &ZoneStatus| {
        let measured = &zone.measurement;
        (
            (measured.talker, measured.ambient_resolved, measured.own_sound_removal),
            (
                measured.laeq_db.is_some(),
                measured.speech_laeq_db.is_some(),
                measured.sti.is_some(),
            ),
        )
    };
    Some(if turns(before) == turns(now) {
        Difference::Measured
    } else {
        Difference::Turned
    })
}

#[cfg(test)]
mod tests {
    use habitat_config::{
        settings::{Today, ZoneSettings},
        site::Soundscape,
    };
    use habitat_events::{Measurement, OwnSoundRemoval};

    use super::*;
    use crate::status::MaskingBenefit;

    fn zone(laeq_db: f64) -> ZoneStatus {
        ZoneStatus {
            measurement: Measurement {
                zone: "z".into(),
                period_s: 1.0,
                laeq_db: Some(laeq_db),
                lafmax_db: Some(laeq_db),
                ambient_laeq_db: Some(38.0),
                ambient_resolved: true,
                ambient_uncertainty_db: None,
                own_sound_removal: OwnSoundRemoval::Waveform,
                speech_laeq_db: None,
                speech_ratio: 0.0,
                talker: false,
                la10_db: None,
                la50_db: None,
                la90_db: None,
                sti: None,
                masking_db: 43.0,
                distraction_db_min: 0.0,
            },
            effective: ZoneSettings {
                enabled: true,
                offset_db: 0.0,
                level_min_db: 40.0,
                level_max_db: 46.0,
                soundscape: Soundscape::Noise,
                today: Today::Schedule,
            },
            base_level_db: Some(40.0),
            muted: false,
            masking_benefit: MaskingBenefit::Quiet,
        }
    }

    /// An office in which every level changes in every second, and in a tenth of the zones somebody begins or ends to talk.
    fn office(zones: usize, second: usize) -> Vec<ZoneStatus> {
        let mut office = vec![zone(40.0 + second as f64 / 100.0); zones];
        for (index, zone) in office.iter_mut().enumerate() {
            zone.measurement.talker = (index + second).is_multiple_of(10);
        }
        office
    }

    #[test]
    fn a_small_site_is_published_in_every_second() {
        let mut pacing = Pacing::default();
        for second in 0..10 {
            assert_eq!(pacing.choose(&office(MOST_MEASURED, second)).len(), MOST_MEASURED);
        }
        assert_eq!(pacing.choose(&office(MOST_MEASURED, 9)), [0; 0], "nothing has changed");
    }

    #[test]
    fn five_hundred_zones_stay_under_fifty_messages_a_second_and_none_is_forgotten() {
        let mut pacing = Pacing::default();
        assert_eq!(pacing.choose(&office(500, 0)).len(), 500, "all is new");
        let mut last = vec![0; 500];
        for second in 1..=120 {
            let chosen = pacing.choose(&office(500, second));
            assert!(chosen.len() <= MOST_MEASURED, "{}", chosen.len());
            chosen.into_iter().for_each(|zone| last[zone] = second);
        }
        assert!(last.iter().all(|second| *second > 80), "{last:?}");
    }

    #[test]
    fn what_somebody_sets_is_published_at_once_in_any_number_of_zones() {
        let mut pacing = Pacing::default();
        let mut office = vec![zone(40.0); 500];
        pacing.choose(&office);
        office.iter_mut().for_each(|zone| zone.muted = true);
        assert_eq!(pacing.choose(&office).len(), 500);
    }

    #[test]
    fn a_zone_where_somebody_begins_to_talk_goes_first() {
        let mut pacing = Pacing::default();
        pacing.choose(&vec![zone(40.0); 500]);
        let mut office = vec![zone(41.0); 500];
        office[499].measurement.talker = true;
        assert_eq!(pacing.choose(&office)[0], 499);
    }
}
