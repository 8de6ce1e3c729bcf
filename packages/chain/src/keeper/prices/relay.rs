//! Prices from the feed of another chain.

use perp_interface::feed::{Prices, PricesResponse, QueryMsg};
use perp_interface::MarketId;

use super::{Batch, PriceError, PriceSource};
use crate::client::Client;
use crate::node::shown;

/// Asks another chain's price-feed, and keeps the times at which its prices were observed.
#[derive(Debug)]
pub struct Relay {
    client: Client,
    feed: String,
    markets: Vec<MarketId>,
}

impl Relay {
    /// The feed at `feed`; markets have the same numbers on both chains.
    pub const fn new(client: Client, feed: String, markets: Vec<MarketId>) -> Self {
        Self {
            client,
            feed,
            markets,
        }
    }
}

impl PriceSource for Relay {
    fn poll(&mut self, _now: u64) -> Batch {
        let query = QueryMsg::Prices(Prices {
            markets: self.markets.clone(),
            max_age: None,
        });
        let answer = self
            .client
            .query_smart::<PricesResponse>(&self.feed, &query);
        match answer {
            Ok(answer) => Batch {
                prices: answer.prices,
                complaint: None,
            },
            Err(error) => PriceError::Relay(shown(&error.to_string())).into(),
        }
    }
}
