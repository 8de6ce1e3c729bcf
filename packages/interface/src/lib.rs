//! Messages, responses, parameters and events of the contracts.
//!
//! A contract depends on this and on `perp-core`, never on another contract.

pub mod event;
pub mod feed;
pub mod fund;
pub mod governance;
pub mod lens;
pub mod loss;
pub mod market;
pub mod params;
pub mod queue;

pub use params::ParamError;
pub use perp_core::policy::Policy;
pub use perp_core::score::ScoreKind;
pub use perp_core::settlement::Pass;
pub use perp_core::units::{Lots, PerLot, Price, Quote, Shares, Side};

/// Market number, given at listing.
pub type MarketId = u16;

/// Account number inside the market contract, for one `(owner, subaccount)`.
pub type AccountId = u64;

/// Loss number: one per frozen position of a bankrupt account, ascending.
pub type LossId = u64;
