//! Prices from the feed of another chain.

use perp_interface::feed::{Prices, PricesResponse, QueryMsg};
use perp_interface::MarketId;

use super::{Batch, PriceError, PriceSource};
use crate::client::{Client, ClientResult};
use crate::node::shown;

/// Connects to the other chain.
pub type Connect = Box<dyn Fn() -> ClientResult<Client>>;

/// Asks another chain's price-feed, and keeps the times at which its prices were observed.
pub struct Relay {
    connect: Connect,
    client: Option<Client>,
    feed: String,
    markets: Vec<MarketId>,
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Relay")
            .field("feed", &self.feed)
            .field("markets", &self.markets)
            .finish_non_exhaustive()
    }
}

impl Relay {
    /// The feed at `feed`; markets have the same numbers on both chains. Connects when it is asked first.
    pub fn new(connect: Connect, feed: String, markets: Vec<MarketId>) -> Self {
        Self {
            connect,
            client: None,
            feed,
            markets,
        }
    }

    fn client(&mut self) -> ClientResult<&Client> {
        let client = match self.client.take() {
            Some(client) => client,
            None => (self.connect)()?,
        };
        Ok(self.client.insert(client))
    }

    fn ask(&mut self) -> ClientResult<PricesResponse> {
        let query = QueryMsg::Prices(Prices {
            markets: self.markets.clone(),
            max_age: None,
        });
        let feed = self.feed.clone();
        self.client()?.query_smart(&feed, &query)
    }
}

impl PriceSource for Relay {
    fn poll(&mut self, _now: u64) -> Batch {
        let answer = self.ask();
        match answer {
            Ok(answer) => Batch {
                prices: answer.prices,
                complaint: None,
            },
            Err(error) => PriceError::Relay(shown(&error.to_string())).into(),
        }
    }
}
