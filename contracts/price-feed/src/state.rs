//! Every storage key of the feed.

use cosmwasm_std::{Addr, Empty};
use cw_storage_plus::{Item, Map};
use perp_interface::params::FeedParams;
use perp_interface::{MarketId, Price};
use serde::{Deserialize, Serialize};

use crate::error::{ContractError, ContractResult};

/// `c`: authority and parameters, which are read together.
pub const CONFIG: Item<Config> = Item::new("c");

/// `f`: who may feed. A feeder that is not allowed has no record.
pub const FEEDERS: Map<&Addr, Empty> = Map::new("f");

/// `p`: the last price of each market.
pub const PRICES: Map<MarketId, StoredPrice> = Map::new("p");

/// Authority and parameters.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
pub struct Config {
    /// Who may change parameters and feeders.
    pub authority: Addr,
    /// Version of the parameters, from 1.
    pub version: u64,
    /// The parameters.
    pub params: FeedParams,
}

impl Config {
    /// Lets only the authority pass.
    ///
    /// # Errors
    /// `NotAuthority`.
    pub fn require_authority(&self, sender: &Addr) -> ContractResult<()> {
        if *sender != self.authority {
            return Err(ContractError::NotAuthority {
                sender: sender.clone(),
                expected: self.authority.clone(),
            });
        }
        Ok(())
    }
}

/// Price and publish time in seconds.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredPrice(pub Price, pub u64);
