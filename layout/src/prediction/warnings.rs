//! What somebody should look at before the plan is built.

use geo::{Area, Distance, Euclidean, Point};

use super::{Assumptions, Coverage, Towards};
use crate::check::{Doubt, DoubtKind, Item, doubts};
use crate::plan::{Plan, Position};

/// Masking that is this much too soft at the listeners is a fault of the plan, dB.
const MISSING_DB: f64 = 1.0;

/// People hear that masking is uneven when it differs by more than this over a zone, ± dB; specifications ask for less.
const UNEVEN_DB: f64 = 2.0;

/// A microphone this near to the edge of its zone follows the neighbours' sound, metres.
const EDGE_M: f64 = 1.0;

/// A microphone this near to a loudspeaker hears little else, metres.
const LOUDSPEAKER_M: f64 = 1.0;

/// One microphone covers this much, m² (1000 ft², makers' advice for ceiling sensors).
const PER_MICROPHONE_M2: f64 = 93.0;

/// Speech that stays this far above the target under all that masking may give is not for masking to cure, STI.
const HOPELESS_STI: f64 = 0.15;

/// One thing to look at. `to_string` of its kind says what, [`WarningKind::help`] what to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Warning {
    /// Index of the zone that it is about; `None` for what belongs to no zone.
    pub zone: Option<usize>,
    /// What it is.
    pub kind: WarningKind,
}

/// What to look at.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum WarningKind {
    /// No loudspeaker can be heard in the zone.
    #[error("zone \"{zone}\" has no loudspeaker in reach")]
    NoLoudspeaker {
        /// Id of the zone.
        zone: String,
    },
    /// The fixed level is not reached.
    #[error("zone \"{zone}\" gets {missing_db:.1} dB less masking than its fixed level of {fixed_db} dB(A)")]
    TooSoft {
        /// Id of the zone.
        zone: String,
        /// What it should get.
        fixed_db: f64,
        /// What it lacks.
        missing_db: f64,
    },
    /// Leaks of others alone are louder than the zone's fixed level.
    #[error("zone \"{zone}\" gets {more_db:.1} dB more masking from its neighbours than its fixed level of {fixed_db} dB(A)")]
    TooLoud {
        /// Id of the zone.
        zone: String,
        /// What it should get.
        fixed_db: f64,
        /// What is too much.
        more_db: f64,
    },
    /// The loudspeakers clip before the highest level.
    #[error("the loudspeakers of zone \"{zone}\" are {missing_db:.1} dB too weak for its highest level of {max_db} dB(A)")]
    TooWeak {
        /// Id of the zone.
        zone: String,
        /// What they should give.
        max_db: f64,
        /// What they lack.
        missing_db: f64,
    },
    /// Masking differs audibly over the listeners.
    #[error("masking in zone \"{zone}\" is uneven: ±{uniformity_db:.1} dB over its workplaces")]
    Uneven {
        /// Id of the zone.
        zone: String,
        /// Half of the range.
        uniformity_db: f64,
    },
    /// A microphone at the edge of its zone.
    #[error("microphone \"{microphone}\" hangs {distance_m:.1} m from the edge of zone \"{zone}\"")]
    MicrophoneAtEdge {
        /// Id of the microphone.
        microphone: String,
        /// Id of the zone.
        zone: String,
        /// How far.
        distance_m: f64,
    },
    /// A microphone beside a loudspeaker.
    #[error("microphone \"{microphone}\" hangs {distance_m:.1} m from loudspeaker \"{loudspeaker}\"")]
    MicrophoneAtLoudspeaker {
        /// Id of the microphone.
        microphone: String,
        /// Id of the loudspeaker.
        loudspeaker: String,
        /// How far.
        distance_m: f64,
    },
    /// Fewer microphones than the area needs.
    #[error("zone \"{zone}\" has {area_m2:.0} m² for {microphones} microphone(s)")]
    FewMicrophones {
        /// Id of the zone.
        zone: String,
        /// Its area.
        area_m2: f64,
        /// How many it has.
        microphones: usize,
    },
    /// Nobody measures here.
    #[error("zone \"{zone}\" has no microphone")]
    NoMicrophone {
        /// Id of the zone.
        zone: String,
    },
    /// Something in the layout that was hardly meant.
    #[error(transparent)]
    Doubtful(#[from] DoubtKind),
    /// Speech that masking does not cure.
    #[error("masking cannot cover speech from {from} in zone \"{zone}\": STI {sti:.2} at the nearest workplace, target {target}")]
    CannotHelp {
        /// Id of the zone.
        zone: String,
        /// The zones that it comes from, in words.
        from: String,
        /// The clearest.
        sti: f64,
        /// What it should be.
        target: f64,
    },
}

impl WarningKind {
    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            Self::NoLoudspeaker { .. } => "hang one above it, or do not call it a zone".into(),
            Self::TooSoft { .. } => "give it loudspeakers of its own".into(),
            Self::TooLoud { .. } => "bring the levels of the zones closer together, or separate them by a wall".into(),
            Self::TooWeak { .. } => "hang more or stronger loudspeakers, or lower level_max_db".into(),
            Self::Uneven { .. } => "spread the loudspeakers evenly over the workplaces, 4 to 5 m apart".into(),
            Self::MicrophoneAtEdge { .. } => "hang it towards the middle of its zone; there it follows the neighbours".into(),
            Self::MicrophoneAtLoudspeaker { .. } => {
                "move them apart, best with the microphone midway between loudspeakers".into()
            }
            Self::FewMicrophones { .. } => format!("hang one per {PER_MICROPHONE_M2} m², or divide the zone"),
            Self::NoMicrophone { .. } => "its own talkers are not noticed elsewhere; hang one unless nobody talks there".into(),
            Self::Doubtful(kind) => kind.help(),
            Self::CannotHelp { .. } => {
                "a screen, a softer ceiling or another use of the place helps; more masking does not".into()
            }
        }
    }
}

impl From<Doubt> for Warning {
    fn from(doubt: Doubt) -> Self {
        let zone = match doubt.item {
            Item::Zone(zone) => Some(zone),
            _ => None,
        };
        let kind = doubt.kind.into();
        Self { zone, kind }
    }
}

pub(super) fn of(plan: &Plan, assumptions: &Assumptions, coverage: &Coverage, towards: &[Vec<Towards>]) -> Vec<Warning> {
    let mut warnings: Vec<Warning> = doubts(plan).into_iter().map(Warning::from).collect();
    let hopeless = hopeless(plan, assumptions, towards);
    for (zone, hopeless) in hopeless.into_iter().enumerate() {
        let kinds = levels(plan, assumptions, coverage, zone)
            .into_iter()
            .chain(microphones(plan, zone))
            .chain(hopeless);
        let zone = Some(zone);
        warnings.extend(kinds.map(|kind| Warning { zone, kind }));
    }
    warnings
}

/// Whether the zone gets the masking that it should.
fn levels(plan: &Plan, assumptions: &Assumptions, coverage: &Coverage, zone: usize) -> Vec<WarningKind> {
    let (found, limits) = (&coverage.zones[zone], &assumptions.zones[zone]);
    let id = || plan.zones[zone].id.clone();
    if !found.mean_db.is_finite() {
        return vec![WarningKind::NoLoudspeaker { zone: id() }];
    }
    let mut kinds = Vec::new();
    let missing_db = limits.level_fixed_db - found.mean_db;
    if missing_db > MISSING_DB {
        kinds.push(WarningKind::TooSoft {
            zone: id(),
            fixed_db: limits.level_fixed_db,
            missing_db,
        });
    }
    if -missing_db > MISSING_DB {
        kinds.push(WarningKind::TooLoud {
            zone: id(),
            fixed_db: limits.level_fixed_db,
            more_db: -missing_db,
        });
    }
    if let Some(headroom_db) = found.headroom_db.filter(|headroom_db| *headroom_db < 0.0) {
        kinds.push(WarningKind::TooWeak {
            zone: id(),
            max_db: limits.level_max_db,
            missing_db: -headroom_db,
        });
    }
    let uniformity_db = found.uniformity_db();
    if uniformity_db > UNEVEN_DB {
        kinds.push(WarningKind::Uneven {
            zone: id(),
            uniformity_db,
        });
    }
    kinds
}

/// Whether the zone is measured well.
fn microphones(plan: &Plan, zone: usize) -> Vec<WarningKind> {
    let item = &plan.zones[zone];
    let own: Vec<_> = plan.microphones.iter().filter(|microphone| microphone.zone == zone).collect();
    if own.is_empty() {
        return vec![WarningKind::NoMicrophone { zone: item.id.clone() }];
    }
    let mut kinds = Vec::new();
    let area_m2 = item.outline.unsigned_area();
    if area_m2 > PER_MICROPHONE_M2 * own.len() as f64 {
        kinds.push(WarningKind::FewMicrophones {
            zone: item.id.clone(),
            area_m2,
            microphones: own.len(),
        });
    }
    // In a zone so narrow that there is no middle to speak of, no place is better.
    let widest_m = 2.0 * area_m2 / geo::Length::length(&Euclidean, item.outline.exterior());
    for microphone in own {
        let at = Point::new(microphone.position.x_m, microphone.position.y_m);
        let distance_m = Euclidean.distance(&at, item.outline.exterior());
        if distance_m < EDGE_M && widest_m > EDGE_M {
            kinds.push(WarningKind::MicrophoneAtEdge {
                microphone: microphone.id.clone(),
                zone: item.id.clone(),
                distance_m,
            });
        }
        kinds.extend(beside_loudspeaker(plan, &microphone.id, microphone.position, item.floor));
    }
    kinds
}

fn beside_loudspeaker(plan: &Plan, microphone: &str, position: Position, floor: usize) -> Option<WarningKind> {
    let here = plan
        .loudspeakers
        .iter()
        .filter(|loudspeaker| plan.zones[loudspeaker.zone].floor == floor);
    let distances = here.map(|loudspeaker| (loudspeaker, loudspeaker.position.distance_m(position)));
    let (loudspeaker, distance_m) = distances.min_by(|one, other| one.1.total_cmp(&other.1))?;
    (distance_m < LOUDSPEAKER_M).then(|| WarningKind::MicrophoneAtLoudspeaker {
        microphone: microphone.to_owned(),
        loudspeaker: loudspeaker.id.clone(),
        distance_m,
    })
}

/// Per zone: the speech from elsewhere that stays clear, if any.
fn hopeless(plan: &Plan, assumptions: &Assumptions, towards: &[Vec<Towards>]) -> Vec<Option<WarningKind>> {
    let mut clear: Vec<Vec<(usize, f64)>> = vec![Vec::new(); plan.zones.len()];
    for (from, towards) in towards.iter().enumerate() {
        for there in towards {
            let [_, _, sti] = there.sti;
            if plan.zones[there.zone].kind.has_workplaces() && sti > assumptions.zones[there.zone].sti_target + HOPELESS_STI {
                clear[there.zone].push((from, sti));
            }
        }
    }
    let warning = |(zone, mut from): (usize, Vec<(usize, f64)>)| {
        from.sort_by(|one, other| other.1.total_cmp(&one.1));
        let (first, sti) = from.first().copied()?;
        let first = format!("\"{}\"", plan.zones[first].id);
        Some(WarningKind::CannotHelp {
            zone: plan.zones[zone].id.clone(),
            from: match from.len() {
                1 => first,
                more => format!("{first} and {} more", more - 1),
            },
            sti,
            target: assumptions.zones[zone].sti_target,
        })
    };
    clear.into_iter().enumerate().map(warning).collect()
}
