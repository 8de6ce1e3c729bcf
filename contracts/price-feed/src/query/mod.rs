//! One file per query.

mod config;
mod is_feeder;
mod prices;

pub use config::config;
pub use is_feeder::is_feeder;
pub use prices::prices;
