//! The room without our own masking.

mod canceller;
mod delay;
mod kernels;
mod leak;
mod power;
mod references;
mod remover;
mod subtraction;
mod transform;

pub use canceller::{Cancelled, Canceller};
pub use delay::DelayFinder;
pub use leak::Leak;
pub use power::PowerModel;
pub use references::References;
pub use remover::{Removed, Remover, Tools};
pub use subtraction::{Ambient, remove_own_sound};
pub use transform::{Spectrum, Transform, Tuning};
