//! New prices: where they come from, and which of them the feed would accept.

mod file;
mod relay;

use std::collections::{BTreeMap, VecDeque};

use perp_interface::feed::PriceUpdate;
use perp_interface::params::FeedParams;
use perp_interface::{MarketId, Price};
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
    /// A price that no feed would take.
    #[error("price_refused: market {market}: {what}")]
    Price {
        /// The market.
        market: MarketId,
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

/// Seconds that a price may lie ahead. Beyond are other units than seconds.
const MOST_AHEAD: u64 = 86_400;

/// Most prices of a market that wait for their moment.
const MOST_WAITING: usize = 256;

/// Most prices of one message: a part of what the feed takes, so that it fits into a block.
const MOST_SENT: usize = 100;

/// Prices that were not sent yet.
#[derive(Debug, Default)]
pub struct Waiting(BTreeMap<MarketId, VecDeque<PriceUpdate>>);

impl Waiting {
    /// Takes new prices, by their times. Tells what is wrong with the first that no feed would take: it is left
    /// out, or it would take all others of its message with it.
    pub fn put(
        &mut self,
        prices: impl IntoIterator<Item = PriceUpdate>,
        now: u64,
    ) -> Option<PriceError> {
        let mut complaint = None;
        for update in prices {
            if let Err(error) = admit(&update, now) {
                complaint = complaint.or(Some(error));
                continue;
            }
            let waiting = self.0.entry(update.market).or_default();
            let after = waiting.partition_point(|other| other.publish_time <= update.publish_time);
            waiting.insert(after, update);
            if waiting.len() > MOST_WAITING {
                waiting.pop_front();
            }
        }
        complaint
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

fn admit(update: &PriceUpdate, now: u64) -> Result<(), PriceError> {
    let market = update.market;
    let refuse = |what| Err(PriceError::Price { market, what });
    if let Err(error) = Price::new(update.price.0) {
        return refuse(error.to_string());
    }
    if update.publish_time > now.saturating_add(MOST_AHEAD) {
        let time = update.publish_time;
        return refuse(format!(
            "{time} is no time in seconds, or more than a day ahead"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
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
        let prices = [
            price(1, 999, 1),
            price(1, 1_000, 2),
            price(1, 1_004, 3),
            price(1, 1_003, 4),
            price(1, 1_009, 5),
            price(2, 960, 6),
            price(3, 980, 8),
        ];
        assert!(waiting.put(prices, 995).is_none());
        let mut at = |now| waiting.admissible(&stored, &params, now);
        assert_eq!(at(995), [price(3, 980, 8)], "the rest is from the future");
        assert_eq!(at(1_000), [price(1, 1_004, 3), price(3, 980, 8)]);
        assert_eq!(at(1_004), [price(1, 1_009, 5), price(3, 980, 8)]);
        assert_eq!(at(1_040), [], "too old");
    }
    #[test]
    fn bug_one_bad_line_stopped_its_market_and_all_others() {
        let params = FeedParams {
            max_future: 5,
            max_age: 60,
        };
        let mut waiting = Waiting::default();
        let bad = [
            price(1, 1_000_000, 3),
            price(2, 1_000, 1 << 40),
            price(2, 1_000, 0),
        ];
        let complaint = waiting.put(bad, 1_000).expect("complains").to_string();
        assert!(
            complaint.starts_with("price_refused: market 1: "),
            "{complaint}"
        );
        // An hour ahead by mistake: what comes in time is not late.
        assert!(waiting
            .put([price(1, 4_600, 4), price(1, 1_001, 5)], 1_000)
            .is_none());
        let chosen = waiting.admissible(&BTreeMap::new(), &params, 1_001);
        assert_eq!(chosen, [price(1, 1_001, 5)]);
    }
}
