//! One file per message.

mod approve_code;
mod book_bounty;
mod cancel_unstake;
mod claim_unstake;
mod connect;
mod contribute;
mod cover_deficit;
mod loss_closed;
mod pay_owed;
mod register_market;
mod remove_market;
mod request_unstake;
mod return_cover;
mod revenue;
mod set_pause;
mod stake;
mod update_params;
mod withdraw_capital;

pub use approve_code::approve_code;
pub use book_bounty::book_bounty;
pub use cancel_unstake::cancel_unstake;
pub use claim_unstake::claim_unstake;
pub use connect::{connect, connections};
pub use contribute::contribute;
pub use cover_deficit::cover_deficit;
pub use loss_closed::loss_closed;
pub use pay_owed::pay_owed;
pub use register_market::register_market;
pub use remove_market::remove_market;
pub use request_unstake::request_unstake;
pub use return_cover::return_cover;
pub use revenue::revenue;
pub use set_pause::set_pause;
pub use stake::stake;
pub use update_params::{apply_pending, update_params, validated};
pub use withdraw_capital::withdraw_capital;
