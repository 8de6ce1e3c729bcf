//! One file per query.

mod audit;
mod classes;
mod config;
mod histograms;
mod index;
mod is_dirty;
mod jobs;
mod key;
mod lights;
mod pending;
mod policy;
mod rank;
mod top;

pub use audit::audit;
pub use classes::classes;
pub use config::config;
pub use histograms::histograms;
pub use index::index;
pub use is_dirty::is_dirty;
pub use jobs::jobs;
pub use key::key;
pub use lights::lights;
pub use pending::pending;
pub use policy::{own_policy, policy};
pub use rank::rank;
pub use top::top;
