//! What the lens asks the other contracts, one method each.

use std::collections::{BTreeMap, BTreeSet};

use cosmwasm_std::{Addr, Deps, QuerierWrapper};
use perp_core::draw::Headroom;
use perp_interface::governance::{GovernanceResponse, NoticeParams, PendingQuery, PendingResponse};
use perp_interface::market::{
    AccountResponse, AccountsQuery, AccountsResponse, MarketQuery, MarketResponse, MarketsQuery,
    MarketsResponse, PreviewQuery, PreviewResponse,
};
use perp_interface::params::FundParams;
use perp_interface::{feed, fund, market, queue};
use perp_interface::{AccountId, MarketId, Policy, Price};
use serde::de::DeserializeOwned;
use serde::Serialize;

use crate::error::{ContractError, ContractResult};
use crate::sheet::Market;
use crate::state::{Contracts, CONTRACTS};

/// Whose parameters are governed.
#[derive(Clone, Copy, Debug)]
pub enum Governed {
    /// perp-market.
    Market,
    /// insurance-fund.
    Fund,
    /// deleverage-queue.
    Queue,
}

/// The other contracts.
pub struct Suite<'a> {
    querier: QuerierWrapper<'a>,
    contracts: Contracts,
}

impl<'a> Suite<'a> {
    /// Those that were named at the instantiation.
    pub fn load(deps: Deps<'a>) -> ContractResult<Self> {
        Ok(Self::of(deps.querier, CONTRACTS.load(deps.storage)?))
    }

    /// These.
    pub const fn of(querier: QuerierWrapper<'a>, contracts: Contracts) -> Self {
        Self { querier, contracts }
    }

    fn ask<T: DeserializeOwned>(
        &self,
        (name, address): (&'static str, &Addr),
        query: &impl Serialize,
    ) -> ContractResult<T> {
        self.querier
            .query_wasm_smart(address, query)
            .map_err(|error| ContractError::QueryFailed {
                contract: name,
                reason: error.to_string(),
            })
    }

    fn ask_market<T: DeserializeOwned>(&self, query: &market::QueryMsg) -> ContractResult<T> {
        self.ask(("market", &self.contracts.market), query)
    }

    /// The market's configuration.
    pub fn market_config(&self) -> ContractResult<market::ConfigResponse> {
        self.ask_market(&market::QueryMsg::Config {})
    }

    /// One market, `UnknownMarket` if there is none of this number.
    ///
    /// Asked for as a page of one: a refusal would have to be told from others by its text.
    pub fn market(&self, id: MarketId) -> ContractResult<MarketResponse> {
        let page: MarketsResponse = self.ask_market(&market::QueryMsg::Markets(MarketsQuery {
            start_after: id.checked_sub(1),
            limit: Some(1),
        }))?;
        let found = page.markets.into_iter().find(|m| m.market == id);
        found.ok_or(ContractError::UnknownMarket { market: id })
    }

    /// One account, `UnknownAccount` if there is none of this number.
    pub fn account(&self, id: AccountId) -> ContractResult<AccountResponse> {
        let page = self.accounts(id.checked_sub(1), 1)?;
        let found = page.into_iter().find(|a| a.account == id);
        found.ok_or(ContractError::UnknownAccount { account: id })
    }

    /// A page of accounts, ascending.
    pub fn accounts(
        &self,
        start_after: Option<AccountId>,
        limit: u32,
    ) -> ContractResult<Vec<AccountResponse>> {
        let page: AccountsResponse =
            self.ask_market(&market::QueryMsg::Accounts(AccountsQuery {
                start_after,
                limit: Some(limit),
            }))?;
        Ok(page.accounts)
    }

    /// What these accounts need to be valued: their markets, each asked for once.
    pub fn markets_of(
        &self,
        accounts: &[AccountResponse],
        known: MarketResponse,
    ) -> ContractResult<BTreeMap<MarketId, Market>> {
        let wanted: BTreeSet<MarketId> = accounts
            .iter()
            .flat_map(|a| a.positions.iter().map(|p| p.market))
            .filter(|id| *id != known.market)
            .collect();
        let mut markets = BTreeMap::from([(known.market, Market::from(&known))]);
        for id in wanted {
            let query = market::QueryMsg::Market(MarketQuery { market: id });
            let answer: MarketResponse = self.ask_market(&query)?;
            markets.insert(id, Market::from(&answer));
        }
        Ok(markets)
    }

    /// The feed's prices, of any age, as the market's own health check takes them.
    pub fn prices(
        &self,
        markets: impl Iterator<Item = MarketId>,
    ) -> ContractResult<BTreeMap<MarketId, Price>> {
        let updates = self.price_updates(markets)?.into_iter();
        updates
            .map(|update| Ok((update.market, Price::new(update.price.0)?)))
            .collect()
    }

    /// The same with their times.
    pub fn price_updates(
        &self,
        markets: impl Iterator<Item = MarketId>,
    ) -> ContractResult<Vec<feed::PriceUpdate>> {
        let query = feed::QueryMsg::Prices(feed::Prices {
            markets: markets.collect(),
            max_age: None,
        });
        let answer: feed::PricesResponse = self.ask(("feed", &self.contracts.feed), &query)?;
        Ok(answer.prices)
    }

    /// What a loss would take now.
    pub fn preview(&self, query: PreviewQuery) -> ContractResult<PreviewResponse> {
        self.ask_market(&market::QueryMsg::Preview(query))
    }

    /// The selection policy in force.
    pub fn policy(&self, market: MarketId) -> ContractResult<Policy> {
        self.ask_queue(&queue::QueryMsg::Policy(queue::PolicyQuery { market }))
    }

    /// What could be drawn from the fund for a market now, and from which tranche.
    pub fn headroom(&self, market: MarketId) -> ContractResult<fund::HeadroomResponse> {
        self.ask_fund(&fund::QueryMsg::Headroom(fund::HeadroomQuery { market }))
    }

    /// The same for `market` and for those of `others` that draw from its tranche.
    pub fn headrooms(
        &self,
        market: MarketId,
        others: BTreeSet<MarketId>,
    ) -> ContractResult<BTreeMap<MarketId, Headroom>> {
        let own = self.headroom(market)?;
        let mut rooms = BTreeMap::from([(market, Headroom::from(&own))]);
        for other in others {
            let room = self.headroom(other)?;
            if room.tranche == own.tranche {
                rooms.insert(other, Headroom::from(&room));
            }
        }
        Ok(rooms)
    }

    /// What a market could draw if other parameters were in force.
    pub fn headroom_under(
        &self,
        market: MarketId,
        params: &FundParams,
    ) -> ContractResult<fund::HeadroomResponse> {
        let params = Box::new(params.clone());
        let query = fund::HeadroomUnderQuery { market, params };
        self.ask_fund(&fund::QueryMsg::HeadroomUnder(query))
    }

    fn ask_fund<T: DeserializeOwned>(&self, query: &fund::QueryMsg) -> ContractResult<T> {
        self.ask(("fund", &self.contracts.fund), query)
    }

    fn ask_queue<T: DeserializeOwned>(&self, query: &queue::QueryMsg) -> ContractResult<T> {
        self.ask(("queue", &self.contracts.queue), query)
    }

    /// The first markets, at most 100.
    pub fn first_markets(&self) -> ContractResult<Vec<MarketResponse>> {
        let page: MarketsResponse = self.ask_market(&market::QueryMsg::Markets(MarketsQuery {
            start_after: None,
            limit: Some(100),
        }))?;
        Ok(page.markets)
    }

    /// The fund's configuration.
    pub fn fund_config(&self) -> ContractResult<fund::ConfigResponse> {
        self.ask_fund(&fund::QueryMsg::Config {})
    }

    /// A page of the markets that may draw.
    pub fn registrations(
        &self,
        start_after: Option<MarketId>,
        limit: u32,
    ) -> ContractResult<Vec<MarketId>> {
        let query = fund::QueryMsg::Registrations(fund::RegistrationsQuery {
            start_after,
            limit: Some(limit),
        });
        let page: fund::RegistrationsResponse = self.ask_fund(&query)?;
        Ok(page.registrations.iter().map(|r| r.market).collect())
    }

    /// The queue's configuration.
    pub fn queue_config(&self) -> ContractResult<queue::ConfigResponse> {
        self.ask_queue(&queue::QueryMsg::Config {})
    }

    /// The policy that a market has of its own.
    pub fn own_policy(&self, market: MarketId) -> ContractResult<queue::OwnPolicyResponse> {
        self.ask_queue(&queue::QueryMsg::OwnPolicy(queue::PolicyQuery { market }))
    }

    /// How long changes of a contract wait.
    pub fn notice(&self, of: Governed) -> ContractResult<NoticeParams> {
        let answer: GovernanceResponse = match of {
            Governed::Market => self.ask_market(&market::QueryMsg::Governance {}),
            Governed::Fund => self.ask_fund(&fund::QueryMsg::Governance {}),
            Governed::Queue => self.ask_queue(&queue::QueryMsg::Governance {}),
        }?;
        Ok(answer.notice)
    }

    /// When a change is due that waits now: of a market, or of the contract's own parameters.
    pub fn waits(&self, of: Governed, market: Option<MarketId>) -> ContractResult<Option<u64>> {
        let query = PendingQuery { market };
        let answer: PendingResponse = match of {
            Governed::Market => self.ask_market(&market::QueryMsg::PendingParams(query)),
            Governed::Fund => self.ask_fund(&fund::QueryMsg::PendingParams(query)),
            Governed::Queue => self.ask_queue(&queue::QueryMsg::PendingParams(query)),
        }?;
        Ok(answer.due)
    }
}
