//! One file per query.

mod capital;
mod config;
mod coverage;
mod headroom;
mod loss;
mod losses;
mod owed;
mod page;
mod pending;
mod registration;
mod solvency;
mod stake;
mod tranche;

pub use capital::capital;
pub use config::config;
pub use coverage::coverage;
pub use headroom::{headroom, headroom_under};
pub use loss::loss;
pub use losses::losses;
pub use owed::owed;
pub use pending::pending;
pub use registration::{registration, registrations};
pub use solvency::solvency;
pub use stake::stake;
pub use tranche::{tranche, tranches};
