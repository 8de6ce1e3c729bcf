//! Every storage key of the fund.

use cosmwasm_std::Addr;
use cw_storage_plus::{Item, Map};
use perp_core::draw::{Draws, Moment, Window};
use perp_interface::fund::LossRecord;
use perp_interface::params::FundParams;
use perp_interface::{LossId, MarketId, Quote};
use serde::{Deserialize, Serialize};

use crate::capital::Capital;
use crate::error::{ContractError, ContractResult};

/// `c`: authority, denom, connections and parameters. One record, because a call for cover
/// reads all of them.
pub const CONFIG: Item<Config> = Item::new("c");

/// `s`: the sums.
pub const CAPITAL: Item<Capital> = Item::new("s");

/// `l`: what the fund knows of each loss it was asked about. Never removed: it is the history,
/// and it keeps a loss from being paid twice.
pub const LOSSES: Map<LossId, StoredLoss> = Map::new("l");

/// `d`: what was drawn lately, the peaks of the capital, and whether the fund has stopped.
pub const DRAWS: Item<Draws> = Item::new("d");

/// `m`: what was drawn lately for each market.
pub const MARKETS: Map<MarketId, Window> = Map::new("m");

/// Authority, denom, connections and parameters.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
pub struct Config {
    /// Who may change parameters and take capital out.
    pub authority: Addr,
    /// The one settlement denom.
    pub denom: String,
    /// The other contracts, once they are named.
    pub connections: Option<Connections>,
    /// Version of the parameters, from 1.
    pub version: u64,
    /// The parameters.
    pub params: FundParams,
}

/// The other contracts.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
pub struct Connections {
    /// The only one that may draw.
    pub market: Addr,
    /// Is told of shortfalls.
    pub queue: Addr,
}

impl Config {
    /// Lets only the authority pass.
    ///
    /// # Errors
    /// `Unauthorized`.
    pub fn require_authority(&self, sender: &Addr) -> ContractResult<()> {
        require("authority", &self.authority, sender)
    }

    /// Lets only the market pass, and answers with the connections.
    ///
    /// # Errors
    /// `NotConnected`, `Unauthorized`.
    pub fn require_market(&self, sender: &Addr) -> ContractResult<&Connections> {
        let connections = self
            .connections
            .as_ref()
            .ok_or(ContractError::NotConnected)?;
        require("market", &connections.market, sender)?;
        Ok(connections)
    }
}

fn require(role: &'static str, expected: &Addr, sender: &Addr) -> ContractResult<()> {
    if sender != expected {
        return Err(ContractError::Unauthorized {
            sender: sender.clone(),
            role,
            expected: expected.clone(),
        });
    }
    Ok(())
}

/// Market, asked, paid, returned, closed, and when it was paid.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredLoss(
    pub MarketId,
    pub Quote,
    pub Quote,
    pub Quote,
    pub bool,
    pub Moment,
);

impl StoredLoss {
    /// With its number and with names.
    pub fn record(self, loss_id: LossId) -> LossRecord {
        let Self(market, asked, paid, returned, closed, at) = self;
        LossRecord {
            loss_id,
            market,
            asked,
            paid,
            returned,
            closed,
            height: at.height,
            time: at.time,
        }
    }
}
