//! One file per message.

pub mod cancel_order;
pub mod collect_fees;
pub mod connect;
pub mod cover;
pub mod deleverage;
pub mod deposit;
pub mod force_loss;
pub mod govern;
pub mod instantiate;
pub mod liquidate;
pub mod list_market;
pub mod open_losses;
pub mod place_order;
pub mod refresh;
pub mod resume_loss;
pub mod sell_down;
pub mod update_market;
pub mod update_params;
pub mod withdraw;
