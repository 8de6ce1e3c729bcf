//! Reads a [`State`] from whatever answers smart queries: an embedded chain or a node.

use std::collections::{BTreeMap, BTreeSet};

use perp_interface::feed::{self, PricesResponse};
use perp_interface::market::{
    self, AccountByIdQuery, AccountResponse, AccountsQuery, AccountsResponse, LossResponse,
    LossesQuery, LossesResponse, MarketResponse, MarketsQuery, MarketsResponse,
};
use perp_interface::queue::{self, IndexEntry, IndexQuery, IndexResponse, PolicyQuery};
use perp_interface::{AccountId, MarketId, Side};
use perp_testkit::order::standing_in;
use perp_testkit::Chain;
use serde::de::DeserializeOwned;
use serde::Serialize;
use thiserror::Error;

use super::state::{Contracts, MarketPolicy, OldKey, QueueState, State, StateError, FORMAT};

/// Most pages of one list: what goes on beyond is no answer of this suite.
const MOST_PAGES: usize = 100_000;

/// Height and time of the state that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its height.
    pub height: u64,
    /// Its time in seconds.
    pub time: u64,
}

/// A question that was not answered.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0}")]
pub struct QueryError(pub String);

/// Answers smart queries, all at one height.
pub trait Querier {
    /// Sends a JSON message to a contract; the answer is JSON.
    ///
    /// # Errors
    /// Whatever went wrong, in words.
    fn smart(&self, contract: &str, msg: &[u8]) -> Result<Vec<u8>, QueryError>;

    /// The block whose state is answered.
    ///
    /// # Errors
    /// Whatever went wrong, in words.
    fn block(&self) -> Result<Block, QueryError>;

    /// Sends a typed message.
    ///
    /// # Errors
    /// What [`Self::smart`] answers, or that the answer is of another shape.
    fn ask<T: DeserializeOwned>(
        &self,
        contract: &str,
        msg: &impl Serialize,
    ) -> Result<T, QueryError> {
        let msg = serde_json::to_vec(msg).map_err(|e| QueryError(e.to_string()))?;
        let answer = self.smart(contract, &msg)?;
        serde_json::from_slice(&answer).map_err(|e| {
            let msg = String::from_utf8_lossy(&msg);
            QueryError(format!("{contract} answered {msg} in another shape: {e}"))
        })
    }
}

impl Querier for Chain {
    fn smart(&self, contract: &str, msg: &[u8]) -> Result<Vec<u8>, QueryError> {
        use cosmwasm_std::{Empty, QueryRequest, WasmQuery};
        let request: QueryRequest<Empty> = WasmQuery::Smart {
            contract_addr: contract.to_owned(),
            msg: msg.into(),
        }
        .into();
        let request = cosmwasm_std::to_json_vec(&request).map_err(|e| QueryError(e.to_string()))?;
        let answer = cosmwasm_std::Querier::raw_query(&*self.app.wrap(), &request);
        let answer = answer
            .into_result()
            .map_err(|e| QueryError(e.to_string()))?;
        let answer = answer.into_result().map_err(QueryError)?;
        Ok(answer.to_vec())
    }

    fn block(&self) -> Result<Block, QueryError> {
        let block = self.app.block_info();
        Ok(Block {
            height: block.height,
            time: block.time.seconds(),
        })
    }
}

/// Why there is no export.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ExportError {
    /// A contract did not answer.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The market is not connected.
    #[error("the market contract {0} is not connected to the others")]
    NotConnected(String),
    /// A list without an end.
    #[error("the list of {0} does not end or does not move on")]
    Endless(&'static str),
    /// The answers are no state of this suite.
    #[error(transparent)]
    State(#[from] StateError),
}

/// Reads the whole state, starting from the market contract, which knows the others.
///
/// # Errors
/// [`ExportError`].
pub fn export(querier: &impl Querier, market: &str) -> Result<State, ExportError> {
    let block = querier.block()?;
    let contracts = connections(querier, market)?;
    let accounts = accounts(querier, market)?;
    let markets = markets(querier, market)?;
    let config: queue::ConfigResponse =
        querier.ask(&contracts.queue, &queue::QueryMsg::Config {})?;
    let jobs: queue::JobsResponse = querier.ask(&contracts.queue, &queue::QueryMsg::Jobs {})?;
    let mut policies = Vec::with_capacity(markets.len());
    for listed in &markets {
        let market = listed.market;
        let query = queue::QueryMsg::Policy(PolicyQuery { market });
        let policy = querier.ask(&contracts.queue, &query)?;
        policies.push(MarketPolicy { market, policy });
    }
    let mut state = State {
        format: FORMAT.to_owned(),
        height: block.height,
        time: block.time,
        accounts,
        prices: prices(querier, &contracts.feed, &markets)?,
        losses: open_losses(querier, market)?,
        markets,
        queue: QueueState {
            params: config.params,
            policies,
            jobs: jobs.jobs,
        },
        old_keys: Vec::new(),
        contracts,
    };
    state.validate()?;
    state.old_keys = old_keys(querier, &state)?;
    Ok(state)
}

fn connections(querier: &impl Querier, market: &str) -> Result<Contracts, ExportError> {
    let config: market::ConfigResponse = querier.ask(market, &market::QueryMsg::Config {})?;
    match (config.fund, config.queue, config.feed) {
        (Some(fund), Some(queue), Some(feed)) => Ok(Contracts {
            market: market.to_owned(),
            fund,
            queue,
            feed,
        }),
        _ => Err(ExportError::NotConnected(market.to_owned())),
    }
}

/// All pages of a list. A page that is empty, or does not move on, is the last.
fn pages<T>(
    what: &'static str,
    mut page: impl FnMut(Option<&T>) -> Result<Vec<T>, QueryError>,
) -> Result<Vec<T>, ExportError> {
    let mut all: Vec<T> = Vec::new();
    for _ in 0..MOST_PAGES {
        let next = page(all.last())?;
        if next.is_empty() {
            return Ok(all);
        }
        all.extend(next);
    }
    Err(ExportError::Endless(what))
}

fn accounts(querier: &impl Querier, market: &str) -> Result<Vec<AccountResponse>, ExportError> {
    pages("accounts", |last: Option<&AccountResponse>| {
        let query = AccountsQuery {
            start_after: last.map(|a| a.account),
            limit: Some(1_000),
        };
        let page: AccountsResponse = querier.ask(market, &market::QueryMsg::Accounts(query))?;
        moves_on(
            last.map(|a| a.account),
            page.accounts.iter().map(|a| a.account),
        )?;
        Ok(page.accounts)
    })
}

fn markets(querier: &impl Querier, market: &str) -> Result<Vec<MarketResponse>, ExportError> {
    pages("markets", |last: Option<&MarketResponse>| {
        let query = MarketsQuery {
            start_after: last.map(|m| m.market),
            limit: Some(100),
        };
        let page: MarketsResponse = querier.ask(market, &market::QueryMsg::Markets(query))?;
        moves_on(
            last.map(|m| m.market),
            page.markets.iter().map(|m| m.market),
        )?;
        Ok(page.markets)
    })
}

fn open_losses(querier: &impl Querier, market: &str) -> Result<Vec<LossResponse>, ExportError> {
    let mut losses = pages("losses", |last: Option<&LossResponse>| {
        let query = LossesQuery {
            start_after: last.map(|l| l.terms.loss_id),
            limit: Some(100),
        };
        let page: LossesResponse = querier.ask(market, &market::QueryMsg::Losses(query))?;
        let numbers = page.losses.iter().map(|l| l.terms.loss_id);
        moves_on(last.map(|l| l.terms.loss_id), numbers)?;
        Ok(page.losses)
    })?;
    losses.retain(|loss| !loss.closed);
    Ok(losses)
}

fn moves_on<T: PartialOrd>(
    last: Option<T>,
    mut numbers: impl Iterator<Item = T>,
) -> Result<(), QueryError> {
    let next = numbers.next();
    if last.is_some() && next.is_some() && next <= last {
        return Err(QueryError(
            "a page begins where the last one began".to_owned(),
        ));
    }
    Ok(())
}

fn prices(
    querier: &impl Querier,
    feed: &str,
    markets: &[MarketResponse],
) -> Result<Vec<feed::PriceUpdate>, ExportError> {
    let mut all = Vec::new();
    for some in markets.chunks(50) {
        let query = feed::QueryMsg::Prices(feed::Prices {
            markets: some.iter().map(|m| m.market).collect(),
            max_age: None,
        });
        let page: PricesResponse = querier.ask(feed, &query)?;
        all.extend(page.prices);
    }
    Ok(all)
}

/// A record of the ranking with its market and side.
type Records = BTreeMap<(AccountId, MarketId), (Side, IndexEntry)>;

/// Compares the stored ranking with what the positions give; what differs is listed.
fn old_keys(querier: &impl Querier, state: &State) -> Result<Vec<OldKey>, ExportError> {
    let mut stored = Records::new();
    for listed in &state.markets {
        for side in [Side::Long, Side::Short] {
            for entry in index(querier, &state.contracts.queue, (listed.market, side))? {
                stored.insert((entry.account, listed.market), (side, entry));
            }
        }
    }
    let mut differing = Vec::new();
    let mut seen = BTreeSet::new();
    for account in &state.accounts {
        for position in &account.positions {
            let place = (account.account, position.market);
            seen.insert(place);
            let now = standing_in(&state.markets, account, position);
            let record = stored.get(&place);
            let is_current = record.is_some_and(|(side, entry)| {
                *side == position.side
                    && (entry.class, entry.entry.0, entry.lots.0)
                        == (now.class, now.entry, now.lots)
            });
            if !is_current {
                let side = record.map_or(position.side, |(side, _)| *side);
                differing.push((place, side, record.map(|(_, entry)| entry.clone())));
            }
        }
    }
    for (place, (side, entry)) in &stored {
        if !seen.contains(place) {
            differing.push((*place, *side, Some(entry.clone())));
        }
    }
    differing.sort_by_key(|(place, ..)| *place);
    differing
        .into_iter()
        .map(|((account, market), side, stored)| {
            Ok(OldKey {
                account,
                market,
                side,
                stored,
                dirty: is_dirty(querier, &state.contracts, account)?,
            })
        })
        .collect()
}

fn index(
    querier: &impl Querier,
    queue: &str,
    (market, side): (MarketId, Side),
) -> Result<Vec<IndexEntry>, ExportError> {
    pages("the ranking", |last: Option<&IndexEntry>| {
        let query = IndexQuery {
            market,
            side,
            start_after: last.cloned(),
            limit: Some(1_000),
        };
        let page: IndexResponse = querier.ask(queue, &queue::QueryMsg::Index(query))?;
        Ok(page.entries)
    })
}

fn is_dirty(
    querier: &impl Querier,
    contracts: &Contracts,
    account: AccountId,
) -> Result<bool, QueryError> {
    let query = market::QueryMsg::IsDirty(AccountByIdQuery { account });
    if querier.ask(&contracts.market, &query)? {
        return Ok(true);
    }
    let query = queue::QueryMsg::IsDirty(queue::IsDirty { account });
    querier.ask(&contracts.queue, &query)
}
