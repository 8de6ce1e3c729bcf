//! Every storage key of the feed.

use cosmwasm_std::{Addr, Empty};
use cw_storage_plus::{Item, Map};
use perp_governance::{Slot, Versioned};
use perp_interface::params::FeedParams;
use perp_interface::{MarketId, Price};
use serde::{Deserialize, Serialize};

/// `c`: the parameters.
pub const CONFIG: Item<Config> = Item::new("c");

/// `gq`: the change of the parameters that waits.
pub const PENDING: Slot<FeedParams> = Slot::own("gq");

/// `f`: who may feed. A feeder that is not allowed has no record.
pub const FEEDERS: Map<&Addr, Empty> = Map::new("f");

/// `p`: the last price of each market.
pub const PRICES: Map<MarketId, StoredPrice> = Map::new("p");

/// The parameters.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
pub struct Config {
    /// Version of the parameters, from 1.
    pub version: u64,
    /// The parameters.
    pub params: FeedParams,
}

impl From<Config> for Versioned<FeedParams> {
    fn from(config: Config) -> Self {
        let Config { version, params } = config;
        Self { version, params }
    }
}

impl From<Versioned<FeedParams>> for Config {
    fn from(versioned: Versioned<FeedParams>) -> Self {
        let Versioned { version, params } = versioned;
        Self { version, params }
    }
}

/// Price and publish time in seconds.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredPrice(pub Price, pub u64);
