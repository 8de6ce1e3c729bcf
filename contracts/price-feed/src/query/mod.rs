//! One file per query.

mod config;
mod is_feeder;
mod pending;
mod prices;

pub use config::config;
pub use is_feeder::is_feeder;
pub use pending::pending;
pub use prices::prices;
