//! The room without our own masking.

mod alignment;
mod ambient;
mod canceller;
mod coupling;
mod delay;
mod kernels;
mod leak;
mod power;
mod presence;
mod references;
mod remover;
mod survey;
mod tools;
mod transform;
mod worth;

pub use alignment::Alignment;
pub use ambient::{Ambient, ambient};
pub use canceller::{Cancelled, Canceller, Prior};
pub use delay::DelayFinder;
pub use leak::Leak;
pub use power::PowerModel;
pub use presence::Presence;
pub use references::References;
pub use remover::{Removed, Remover};
pub use survey::Survey;
pub use tools::Tools;
pub use transform::{Spectrum, Transform, Tuning};
