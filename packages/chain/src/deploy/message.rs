//! The messages that create the contracts. Each carries the addresses of the others, which are known
//! beforehand: so nobody has to connect them afterwards, and the authority is the final one from the
//! first block on.

use std::collections::BTreeMap;

use perp_interface::{feed, fund, lens, market, queue};
use serde::Serialize;
use serde_json::Value;

use super::config::Config;
use super::error::{DeployError, DeployResult};
use super::part::Part;

/// What the messages are made of.
#[derive(Debug)]
pub struct Suite<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// Who may change parameters.
    pub authority: &'a str,
    /// Where the contracts are, or will be.
    pub addresses: &'a BTreeMap<Part, String>,
    /// The code of the market, from which alone the fund may be drawn on.
    pub market_code_id: u64,
}

impl Suite<'_> {
    fn at(&self, part: Part) -> DeployResult<String> {
        let address = self.addresses.get(&part).cloned();
        address.ok_or_else(|| DeployError::Config(format!("no address of {part}")))
    }

    /// The `InstantiateMsg` of a contract.
    ///
    /// # Errors
    /// `Config`.
    pub fn message(&self, part: Part) -> DeployResult<Value> {
        let config = self.config;
        let authority = self.authority.to_owned();
        let guardian = config.guardian.clone();
        match part {
            Part::Market => json(&market::InstantiateMsg {
                authority,
                guardian,
                notice: config.notice,
                denom: config.denom.clone(),
                params: config.market.clone(),
                links: Some(market::Connect {
                    fund: self.at(Part::Fund)?,
                    queue: self.at(Part::Queue)?,
                    feed: self.at(Part::Feed)?,
                }),
            }),
            Part::Queue => json(&queue::InstantiateMsg {
                authority,
                guardian,
                notice: config.notice,
                params: config.queue.clone(),
                links: Some(queue::Connect {
                    market: self.at(Part::Market)?,
                    fund: self.at(Part::Fund)?,
                }),
            }),
            Part::Feed => json(&feed::InstantiateMsg {
                authority,
                guardian,
                notice: config.notice,
                feeders: config.feeders.clone(),
                params: config.feed.clone(),
            }),
            Part::Fund => json(&fund::InstantiateMsg {
                authority,
                guardian,
                notice: config.notice,
                denom: config.denom.clone(),
                params: config.fund.clone(),
                links: Some(fund::Connect {
                    market: self.at(Part::Market)?,
                    market_code_id: self.market_code_id,
                    queue: self.at(Part::Queue)?,
                }),
            }),
            Part::Lens => json(&lens::InstantiateMsg {
                market: self.at(Part::Market)?,
                fund: self.at(Part::Fund)?,
                queue: self.at(Part::Queue)?,
                feed: self.at(Part::Feed)?,
            }),
        }
    }
}

fn json(msg: &impl Serialize) -> DeployResult<Value> {
    serde_json::to_value(msg).map_err(|e| DeployError::Config(e.to_string()))
}
