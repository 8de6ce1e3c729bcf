//! One file per message.

mod set_feeder;
mod set_prices;
mod update_params;

pub use set_feeder::set_feeder;
pub use set_prices::set_prices;
pub use update_params::{apply_pending, update_params};
