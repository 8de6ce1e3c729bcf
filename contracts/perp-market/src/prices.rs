//! Marks: the feed's prices, asked for once per message.

use std::collections::{BTreeMap, BTreeSet};

use cosmwasm_std::{Addr, QuerierWrapper};
use perp_interface::feed::{Prices, PricesResponse, QueryMsg};
use perp_interface::{MarketId, Price};

use crate::error::{ContractError, ContractResult};

/// Prices with their times. Who uses one says how old it may be.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    prices: BTreeMap<MarketId, (Price, u64)>,
    now: u64,
}

impl Marks {
    /// Asks the feed once for all `markets`, of any age.
    pub fn query(
        querier: QuerierWrapper<'_>,
        feed: &Addr,
        markets: &BTreeSet<MarketId>,
        now: u64,
    ) -> ContractResult<Self> {
        let mut marks = Self {
            prices: BTreeMap::new(),
            now,
        };
        if markets.is_empty() {
            return Ok(marks);
        }
        let request = QueryMsg::Prices(Prices {
            markets: markets.iter().copied().collect(),
            max_age: None,
        });
        let response: PricesResponse =
            querier
                .query_wasm_smart(feed, &request)
                .map_err(|e| ContractError::Feed {
                    reason: e.to_string(),
                })?;
        for update in response.prices {
            let price = Price::new(update.price.0)?;
            marks
                .prices
                .insert(update.market, (price, update.publish_time));
        }
        Ok(marks)
    }

    /// The price of a market, however old.
    pub fn of_any_age(&self, market: MarketId) -> ContractResult<Price> {
        self.entry(market).map(|(price, _)| price)
    }

    /// Refuses a price older than `max` seconds.
    pub fn assert_fresh(&self, market: MarketId, max: u64) -> ContractResult<()> {
        let (_, time) = self.entry(market)?;
        let age = self.now.saturating_sub(time);
        if age > max {
            return Err(ContractError::StalePrice { market, age, max });
        }
        Ok(())
    }

    /// Whether there is a price for a market.
    pub fn has(&self, market: MarketId) -> bool {
        self.prices.contains_key(&market)
    }

    /// Adds the prices of another query.
    pub fn extend(&mut self, other: Self) {
        self.prices.extend(other.prices);
    }

    /// Values a market at a frozen mark.
    pub fn freeze(&mut self, market: MarketId, mark: Price) {
        self.prices.insert(market, (mark, self.now));
    }

    fn entry(&self, market: MarketId) -> ContractResult<(Price, u64)> {
        self.prices
            .get(&market)
            .copied()
            .ok_or_else(|| ContractError::Feed {
                reason: format!("no price for market {market}"),
            })
    }
}
