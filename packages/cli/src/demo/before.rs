//! The state before a row's liquidation, as far as its market goes.

use perp_interface::feed::{self, PricesResponse};
use perp_interface::market::{
    AccountByIdQuery, AccountResponse, MarketQuery, MarketResponse, QueryMsg,
};
use perp_interface::queue::{self, PolicyQuery};
use perp_interface::{AccountId, MarketId};
use perp_testkit::{Chain, ChainError};

use crate::verify::{Contracts, MarketPolicy, QueueState, State, FORMAT};

/// Reads one market and the accounts that take part in it. The stored ranking is not asked: whom
/// the loss was taken from must follow from the positions alone.
pub fn read(
    chain: &Chain,
    market: MarketId,
    mut accounts: Vec<AccountId>,
) -> Result<State, ChainError> {
    let all = &chain.addresses;
    accounts.sort_unstable();
    let accounts = accounts
        .into_iter()
        .map(|account| {
            let query = QueryMsg::AccountById(AccountByIdQuery { account });
            chain.query(&all.market, &query)
        })
        .collect::<Result<Vec<AccountResponse>, _>>()?;
    let query = QueryMsg::Market(MarketQuery { market });
    let listed: MarketResponse = chain.query(&all.market, &query)?;
    let query = feed::QueryMsg::Prices(feed::Prices {
        markets: vec![market],
        max_age: None,
    });
    let prices: PricesResponse = chain.query(&all.feed, &query)?;
    let config: queue::ConfigResponse = chain.query(&all.queue, &queue::QueryMsg::Config {})?;
    let query = queue::QueryMsg::Policy(PolicyQuery { market });
    let policy = chain.query(&all.queue, &query)?;
    let block = chain.app.block_info();
    Ok(State {
        format: FORMAT.to_owned(),
        height: block.height,
        time: block.time.seconds(),
        contracts: Contracts {
            market: all.market.to_string(),
            fund: all.fund.to_string(),
            queue: all.queue.to_string(),
            feed: all.feed.to_string(),
        },
        accounts,
        markets: vec![listed],
        prices: prices.prices,
        losses: Vec::new(),
        queue: QueueState {
            params: config.params,
            policies: vec![MarketPolicy { market, policy }],
            jobs: Vec::new(),
        },
        old_keys: Vec::new(),
    })
}
