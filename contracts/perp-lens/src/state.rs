//! Every storage key of the lens.

use cosmwasm_std::Addr;
use cw_storage_plus::Item;
use serde::{Deserialize, Serialize};

/// `c`: whom to ask.
pub const CONTRACTS: Item<Contracts> = Item::new("c");

/// The contracts that are asked.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct Contracts {
    /// perp-market.
    pub market: Addr,
    /// insurance-fund.
    pub fund: Addr,
    /// deleverage-queue.
    pub queue: Addr,
    /// price-feed.
    pub feed: Addr,
}
