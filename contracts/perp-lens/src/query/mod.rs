//! One file per query.

mod config;
mod exposure;
mod simulate;
mod stress;

pub use config::config;
pub use exposure::exposure;
pub use simulate::simulate;
pub use stress::stress;
