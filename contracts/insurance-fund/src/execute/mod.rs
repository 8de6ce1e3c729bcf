//! One file per message.

mod connect;
mod contribute;
mod cover_deficit;
mod loss_closed;
mod return_cover;
mod revenue;
mod update_params;
mod withdraw_capital;

pub use connect::connect;
pub use contribute::contribute;
pub use cover_deficit::cover_deficit;
pub use loss_closed::loss_closed;
pub use return_cover::return_cover;
pub use revenue::revenue;
pub use update_params::update_params;
pub use withdraw_capital::withdraw_capital;
