//! The questions of one look at the chain.

use std::collections::BTreeMap;

use perp_interface::feed::{self, PriceUpdate, Prices, PricesResponse};
use perp_interface::governance::{PendingQuery, PendingResponse};
use perp_interface::market::{
    AccountByIdQuery, AccountResponse, AccountsQuery, AccountsResponse, GatesResponse, HealthQuery,
    HealthResponse, LossQuery, LossResponse, MarketResponse, MarketsQuery, MarketsResponse,
};
use perp_interface::queue::{IsDirty, LightsQuery, LightsResponse, Top, TopResponse};
use perp_interface::{fund, market, queue, AccountId, MarketId, Side};
use perps_cli::verify::{Querier, QueryError};
use serde::de::DeserializeOwned;
use serde::Serialize;

use super::plan::Config;
use super::view::{Lights, OpenLoss, Pending};
use super::work::{Contract, Contracts};

/// Most pages of a list that the chain makes longer.
pub(super) const MOST_PAGES: usize = 100;
/// Most markets and losses of a page.
pub(super) const PAGE: u32 = 100;
/// Most accounts of a `ForceLoss`.
pub(super) const MOST_FORCED: u32 = 100;

/// One look.
pub(super) struct Look<'a, Q> {
    pub querier: &'a Q,
    pub contracts: &'a Contracts,
    pub complaints: Vec<String>,
    /// What a node said that could not be reached: it is not asked any further.
    pub silent: Option<QueryError>,
}

/// Whether the node itself is away, in the words of [`crate::client::ClientError::Unreachable`].
fn is_away(error: &QueryError) -> bool {
    error.0.starts_with("node_unreachable")
}

impl<'a, Q: Querier> Look<'a, Q> {
    pub const fn new(querier: &'a Q, contracts: &'a Contracts) -> Self {
        Self {
            querier,
            contracts,
            complaints: Vec::new(),
            silent: None,
        }
    }

    pub fn ask<T: DeserializeOwned>(
        &self,
        contract: Contract,
        msg: &impl Serialize,
    ) -> Result<T, QueryError> {
        self.querier.ask(self.contracts.of(contract), msg)
    }

    /// Something without which the rest is still worth doing.
    pub fn try_ask<T: DeserializeOwned>(
        &mut self,
        contract: Contract,
        msg: &impl Serialize,
    ) -> Option<T> {
        if self.silent.is_some() {
            return None;
        }
        match self.ask(contract, msg) {
            Ok(answer) => Some(answer),
            Err(error) => {
                self.complain(error);
                None
            }
        }
    }

    fn complain(&mut self, error: QueryError) {
        if is_away(&error) {
            self.silent = Some(error);
        } else {
            self.complaints.push(error.to_string());
        }
    }

    pub fn markets(&self) -> Result<Vec<MarketResponse>, QueryError> {
        let mut markets: Vec<MarketResponse> = Vec::new();
        for _ in 0..MOST_PAGES {
            let query = market::QueryMsg::Markets(MarketsQuery {
                start_after: markets.last().map(|market| market.market),
                limit: Some(PAGE),
            });
            let page: MarketsResponse = self.ask(Contract::Market, &query)?;
            let is_last = page.markets.len() < PAGE as usize;
            markets.extend(page.markets);
            if is_last {
                break;
            }
        }
        Ok(markets)
    }

    /// What the feed has of all these markets; refused if it has none of one.
    pub fn stored(&self, markets: Vec<MarketId>) -> Result<Vec<PriceUpdate>, QueryError> {
        let query = feed::QueryMsg::Prices(Prices {
            markets,
            max_age: None,
        });
        let answer: PricesResponse = self.ask(Contract::Feed, &query)?;
        Ok(answer.prices)
    }

    /// One question for all; if that is refused, one for each: a market without a price must not
    /// hide the others'.
    pub fn prices(&mut self, markets: &[MarketResponse]) -> BTreeMap<MarketId, PriceUpdate> {
        let all: Vec<MarketId> = markets.iter().map(|market| market.market).collect();
        if all.is_empty() {
            return BTreeMap::new();
        }
        if let Ok(prices) = self.stored(all.clone()) {
            return by_market(prices);
        }
        let mut prices = Vec::new();
        for market in all {
            match self.stored(vec![market]) {
                Ok(price) => prices.extend(price),
                Err(error) => self.complain(error),
            }
            if self.silent.is_some() {
                break;
            }
        }
        by_market(prices)
    }

    pub fn losses(&mut self, config: &Config) -> Result<Vec<OpenLoss>, QueryError> {
        let gates: GatesResponse = self.ask(Contract::Market, &market::QueryMsg::Gates {})?;
        let mut losses = Vec::new();
        for loss_id in gates.losses {
            let query = market::QueryMsg::Loss(LossQuery { loss_id });
            let loss: LossResponse = self.ask(Contract::Market, &query)?;
            let is_first = losses.is_empty();
            let counterparties = if config.force && is_first {
                self.counterparties(&loss)
            } else {
                Vec::new()
            };
            losses.push(OpenLoss {
                loss,
                since: None,
                counterparties,
            });
        }
        Ok(losses)
    }

    /// By their ranks; none if the queue does not answer.
    fn counterparties(&mut self, loss: &LossResponse) -> Vec<AccountId> {
        let terms = &loss.terms;
        let query = queue::QueryMsg::Top(Top {
            market: terms.market,
            side: terms.side.opposite(),
            mark: terms.mark,
            index: terms.index,
            score: None,
            pass: None,
            limit: Some(MOST_FORCED),
        });
        let top: Option<TopResponse> = self.try_ask(Contract::Queue, &query);
        let positions = top.map(|top| top.positions).unwrap_or_default();
        let others = positions.iter().map(|position| position.account);
        others.filter(|account| *account != loss.account).collect()
    }

    pub fn account(&mut self, account: AccountId) -> Option<AccountResponse> {
        let query = market::QueryMsg::AccountById(AccountByIdQuery { account });
        self.try_ask(Contract::Market, &query)
    }

    pub fn health(&mut self, account: AccountId) -> Option<HealthResponse> {
        let query = market::QueryMsg::Health(HealthQuery { account });
        self.try_ask(Contract::Market, &query)
    }

    /// A page of accounts, and where the next begins; none at the end.
    pub fn page(
        &mut self,
        start_after: Option<AccountId>,
        limit: u32,
    ) -> (Vec<AccountResponse>, Option<AccountId>) {
        let query = market::QueryMsg::Accounts(AccountsQuery {
            start_after,
            limit: Some(limit),
        });
        let answer: Option<AccountsResponse> = self.try_ask(Contract::Market, &query);
        let Some(answer) = answer else {
            return (Vec::new(), start_after);
        };
        let is_last = answer.accounts.len() < limit as usize;
        let last = answer.accounts.last().map(|account| account.account);
        (answer.accounts, last.filter(|_| !is_last))
    }

    pub fn pending(&mut self, markets: &[MarketResponse]) -> Vec<Pending> {
        let own = [
            Contract::Market,
            Contract::Fund,
            Contract::Queue,
            Contract::Feed,
        ];
        let of_markets = markets.iter().flat_map(|market| {
            [Contract::Market, Contract::Queue].map(|of| (of, Some(market.market)))
        });
        let all = own.into_iter().map(|contract| (contract, None));
        let mut pending = Vec::new();
        for (contract, market) in all.chain(of_markets) {
            let query = PendingQuery { market };
            let answer: Option<PendingResponse> = match contract {
                Contract::Market => self.try_ask(contract, &market::QueryMsg::PendingParams(query)),
                Contract::Fund => self.try_ask(contract, &fund::QueryMsg::PendingParams(query)),
                Contract::Queue => self.try_ask(contract, &queue::QueryMsg::PendingParams(query)),
                Contract::Feed => self.try_ask(contract, &feed::QueryMsg::PendingParams(query)),
            };
            let due = answer.and_then(|answer| Some((answer.due?, answer.version)));
            pending.extend(due.map(|(due, version)| Pending {
                contract,
                market,
                due,
                version,
            }));
        }
        pending
    }

    pub fn lights(&mut self, markets: &[MarketResponse]) -> Vec<Lights> {
        let mut lights = Vec::new();
        for market in markets.iter().filter(|market| market.open_interest.0 > 0) {
            for side in [Side::Long, Side::Short] {
                let market = market.market;
                let query = queue::QueryMsg::Lights(LightsQuery { market, side });
                let answer: Option<Option<LightsResponse>> = self.try_ask(Contract::Queue, &query);
                lights.extend(answer.map(|answer| Lights {
                    market,
                    side,
                    published: answer.map(|lights| lights.height),
                }));
            }
        }
        lights
    }

    pub fn is_dirty(&mut self, account: AccountId) -> bool {
        let of_market = market::QueryMsg::IsDirty(AccountByIdQuery { account });
        let of_queue = queue::QueryMsg::IsDirty(IsDirty { account });
        self.try_ask(Contract::Market, &of_market) == Some(true)
            || self.try_ask(Contract::Queue, &of_queue) == Some(true)
    }
}

pub(super) fn by_market(
    prices: impl IntoIterator<Item = PriceUpdate>,
) -> BTreeMap<MarketId, PriceUpdate> {
    let prices = prices.into_iter();
    prices.map(|price| (price.market, price)).collect()
}
