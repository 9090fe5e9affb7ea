//! What adaptive masking gains over fixed masking of the same energy mean, in simulated offices on scripted days.
//!
//! The simulator has acoustics and a speech transmission index of its own and shares nothing with the adaptation that is judged
//! in it. The adaptation knows of an office what the product derives from its floor plan ([`knowledge`]), and hears what the engine
//! would measure ([`ears`]); both differ from the truth here as they do in real offices.
//!
//! # What is counted
//! A listener-second is *distracted* when somebody in another zone talks at it whose speech has an STI above 0.5 at the
//! listener, where ISO 3382-3 puts the distraction distance. Listeners count while they sit at their desks and neither talk nor are
//! talked to: in a conversation one listens to nothing else. Seconds without speech count for nobody, pauses between turns neither.
//! Noise is masking and ventilation, which is given the spectrum of masking; other talkers mask nobody.
//!
//! # What is compared
//! A controller's day has an energy mean over all zones and seconds. Fixed masking gets the same mean, the same in all zones, on the
//! same day with the same voices; people raise theirs with the noise at their own seats (Lombard) under both. The day
//! that counts is the second; on the first, a controller may learn.
//!
//! # How the scenarios were chosen
//! Rooms are the good and the poor example of ISO 3382-3, Annex A, and one midway ([`room`]). Voices, teams and times are in
//! [`people`] and [`day`], with their sources where there are any; the rates of calls and conversations are judgement. Desks stand
//! in islands between aisles along which the zones are drawn; two scenarios have them spread evenly instead, so that the nearest people
//! of different zones sit 2 m apart, where no masking helps. Offices come with desks everywhere and, as most floors have them, with a
//! coffee corner and project tables. Another scenario is a room that masking cannot cure at all. All was
//! fixed before the adaptation was run in it, with two exceptions: desks were spread evenly everywhere at first; the islands came after
//! a look at what the plain rule and full knowledge make of that, which is why the other arrangement is kept. And 15 % of the people
//! were absent until the share of desks in use was compared with surveys.
//!
//! How much can be gained depends most on what people do, which sources differ about: [`assumptions`] has others to compare with.
//!
//! # What to compare with
//! [`plain_rule`] is what one would write first. [`bound`] has the levels chosen with full knowledge of the day: changing within the
//! slew limit, and constant but different from zone to zone, which shows how much comes from *where* masking is raised. Where more
//! masking helps nobody, the first of them uses less than it may, and is compared with fixed masking of that lower mean. Whoever knows
//! all of the present, but neither the future nor the place, is the third: what listening alone can give.

pub mod adaptation;
pub mod assumptions;
pub mod bound;
pub mod compare;
pub mod day;
pub mod ears;
pub mod knowledge;
pub mod level;
pub mod limits;
pub mod masking;
pub mod office;
pub mod paths;
pub mod people;
pub mod plain_rule;
pub mod policy;
pub mod room;
pub mod run;
pub mod site;
pub mod sti;
