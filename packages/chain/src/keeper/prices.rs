//! New prices: where they come from, and which of them the feed would accept.

mod file;
mod relay;

use std::collections::{BTreeMap, VecDeque};

use perp_interface::feed::PriceUpdate;
use perp_interface::params::FeedParams;
use perp_interface::MarketId;
use thiserror::Error;

pub use self::file::{FilePrices, Mode};
pub use self::relay::Relay;

/// Prices that cannot be read.
#[derive(Debug, Error)]
pub enum PriceError {
    /// The file cannot be read.
    #[error("price_file: {0}")]
    File(#[from] std::io::Error),
    /// A line is no price.
    #[error("price_line: line {line}: {what}")]
    Line {
        /// Its number, from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// The other chain does not answer.
    #[error("price_relay: {0}")]
    Relay(String),
}

/// What a source has.
#[derive(Debug, Default)]
pub struct Batch {
    /// What has come since the last time, in the order of observation.
    pub prices: Vec<PriceUpdate>,
    /// What is wrong with a part of it, which is left out.
    pub complaint: Option<PriceError>,
}

impl From<PriceError> for Batch {
    fn from(error: PriceError) -> Self {
        Self {
            prices: Vec::new(),
            complaint: Some(error),
        }
    }
}

/// Where prices come from.
pub trait PriceSource {
    /// What has come since the last time. `now` is the time of the newest block, in seconds.
    fn poll(&mut self, now: u64) -> Batch;
}

/// Most prices of a market that wait for their moment.
const MOST_WAITING: usize = 256;

/// Most prices of one message: a part of what the feed takes, so that it fits into a block.
const MOST_SENT: usize = 100;

/// Prices that were not sent yet.
#[derive(Debug, Default)]
pub struct Waiting(BTreeMap<MarketId, VecDeque<PriceUpdate>>);

impl Waiting {
    /// Takes new prices. What is older than one that waits already is late, and dropped.
    pub fn put(&mut self, prices: impl IntoIterator<Item = PriceUpdate>) {
        for price in prices {
            let waiting = self.0.entry(price.market).or_default();
            let is_late = |last: &PriceUpdate| last.publish_time > price.publish_time;
            if waiting.back().is_some_and(is_late) || price.price.0 == 0 {
                continue;
            }
            if waiting.len() == MOST_WAITING {
                waiting.pop_front();
            }
            waiting.push_back(price);
        }
    }

    /// Markets of which prices wait.
    pub fn markets(&self) -> impl Iterator<Item = MarketId> + '_ {
        let waiting = self.0.iter().filter(|(_, prices)| !prices.is_empty());
        waiting.map(|(market, _)| *market)
    }

    /// The newest price of each market that the feed accepts at a block of time `now`, if it is
    /// newer than the stored one. A price from the future waits; one that is too old is dropped.
    pub fn admissible(
        &mut self,
        stored: &BTreeMap<MarketId, PriceUpdate>,
        params: &FeedParams,
        now: u64,
    ) -> Vec<PriceUpdate> {
        let latest = now.saturating_add(params.max_future);
        // It is some seconds older when it arrives.
        let earliest = now.saturating_sub(params.max_age / 2);
        let mut chosen = Vec::new();
        for (market, waiting) in &mut self.0 {
            let after = stored.get(market).map(|price| price.publish_time);
            let is_new = |price: &PriceUpdate| {
                price.publish_time >= earliest && after.is_none_or(|t| price.publish_time > t)
            };
            waiting.retain(is_new);
            let ready = waiting.iter().rev().find(|p| p.publish_time <= latest);
            chosen.extend(ready.cloned());
        }
        chosen.truncate(MOST_SENT);
        chosen
    }
}

#[cfg(test)]
mod tests {
    use perp_interface::Price;

    use super::*;

    fn price(market: MarketId, publish_time: u64, price: u64) -> PriceUpdate {
        PriceUpdate {
            market,
            price: Price(price),
            publish_time,
        }
    }

    #[test]
    fn only_what_the_feed_accepts_is_chosen() {
        let params = FeedParams {
            max_future: 5,
            max_age: 60,
        };
        let stored = BTreeMap::from([(1, price(1, 1_000, 7))]);
        let mut waiting = Waiting::default();
        waiting.put([
            price(1, 999, 1),
            price(1, 1_000, 2),
            price(1, 1_004, 3),
            price(1, 1_003, 4),
            price(1, 1_005, 0),
            price(1, 1_009, 5),
            price(2, 960, 6),
            price(3, 980, 8),
        ]);
        let mut at = |now| waiting.admissible(&stored, &params, now);
        assert_eq!(at(995), [price(3, 980, 8)], "the rest is from the future");
        assert_eq!(at(1_000), [price(1, 1_004, 3), price(3, 980, 8)]);
        assert_eq!(at(1_004), [price(1, 1_009, 5), price(3, 980, 8)]);
        assert_eq!(at(1_040), [], "too old");
    }
}
