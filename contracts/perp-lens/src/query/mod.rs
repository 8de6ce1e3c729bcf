//! One file per query.

mod config;
mod exposure;
mod stress;

pub use config::config;
pub use exposure::exposure;
pub use stress::stress;
