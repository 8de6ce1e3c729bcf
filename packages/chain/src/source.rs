//! Where places come from.

use perp_interface::market::{self, AccountByIdQuery, AccountResponse};
use perp_interface::queue::{self, RankQuery, RankResponse};
use perp_interface::{AccountId, MarketId};
use perps_cli::verify::{Block, Querier};

use crate::account::Contracts;
use crate::node::Node;
use crate::place::Place;

/// Whatever went wrong, in words.
pub type SourceError = Box<dyn std::error::Error + Send + Sync>;

/// Most markets of an account: the contracts allow 16.
const MOST_MARKETS: usize = 64;

/// Answers where an account stands.
pub trait Source {
    /// The newest block.
    ///
    /// # Errors
    /// In words.
    fn latest(&self) -> Result<Block, SourceError>;

    /// All places of an account at a block.
    ///
    /// # Errors
    /// In words.
    fn places(
        &self,
        account: AccountId,
        at: Block,
    ) -> Result<Vec<(MarketId, Option<Place>)>, SourceError>;
}

/// The contracts behind a node.
#[derive(Clone, Debug)]
pub struct OnChain {
    /// The node.
    pub node: Node,
    /// The contracts.
    pub contracts: Contracts,
}

impl Source for OnChain {
    fn latest(&self) -> Result<Block, SourceError> {
        Ok(self.node.latest()?)
    }

    fn places(
        &self,
        account: AccountId,
        at: Block,
    ) -> Result<Vec<(MarketId, Option<Place>)>, SourceError> {
        let state = self.node.at(at);
        let query = market::QueryMsg::AccountById(AccountByIdQuery { account });
        let held: AccountResponse = state.ask(&self.contracts.market, &query)?;
        if held.account != account || held.positions.len() > MOST_MARKETS {
            return Err(
                "the market answers another account, or one with absurdly many positions".into(),
            );
        }
        let mut places = Vec::with_capacity(held.positions.len());
        for position in &held.positions {
            let query = queue::QueryMsg::Rank(RankQuery {
                account,
                market: position.market,
                mark: None,
                index: None,
            });
            let rank: Option<RankResponse> = state.ask(&self.contracts.queue, &query)?;
            let place = rank
                .map(|rank| Place::of(position.market, &rank))
                .transpose()?;
            places.push((position.market, place));
        }
        Ok(places)
    }
}
