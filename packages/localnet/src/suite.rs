//! A deployed suite: messages to its contracts, and what they answer.

use cosmwasm_std::Uint128;
use perp_interface::governance::{PendingQuery, PendingResponse};
use perp_interface::market::{
    AccountQuery, AccountResponse, Deposit, ExecuteMsg, LossQuery, LossResponse, MarketQuery,
    MarketResponse, OrderKind, PlaceOrder,
};
use perp_interface::params::MarketParams;
use perp_interface::{feed, fund, market, queue, LossId, Lots, MarketId, Price, Quote, Side};
use perps_chain::client::{msg, Any, TxOutcome};
use perps_chain::deploy::{Part, Record};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{PlayError, PlayResult};
use crate::net::{now, Letter, Net};
use crate::vote::Motion;

/// Price at which positions are opened, in quote units a lot.
pub const ENTRY: u64 = 10_000_000;

/// An order in short.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// Which of the sender's accounts.
    pub subaccount: u32,
    /// Market.
    pub market: MarketId,
    /// Side.
    pub side: Side,
    /// Lots.
    pub lots: u64,
    /// Worst price.
    pub price: u64,
    /// Limit or immediate-or-cancel.
    pub kind: OrderKind,
}

impl Order {
    /// An order that rests.
    pub const fn limit(market: MarketId, side: Side, lots: u64, price: u64) -> Self {
        Self {
            subaccount: 0,
            market,
            side,
            lots,
            price,
            kind: OrderKind::Limit,
        }
    }

    /// An order that takes.
    pub const fn ioc(market: MarketId, side: Side, lots: u64, price: u64) -> Self {
        Self {
            kind: OrderKind::Ioc,
            ..Self::limit(market, side, lots, price)
        }
    }

    /// The same of another account of its sender.
    pub const fn of(self, subaccount: u32) -> Self {
        Self { subaccount, ..self }
    }
}

impl From<Order> for ExecuteMsg {
    fn from(order: Order) -> Self {
        Self::PlaceOrder(PlaceOrder {
            subaccount: order.subaccount,
            market: order.market,
            side: order.side,
            lots: Lots(order.lots),
            price: Price(order.price),
            kind: order.kind,
            reduce_only: false,
        })
    }
}

/// What cw2 keeps under `contract_info`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Version {
    /// Its name.
    pub contract: String,
    /// Its version.
    pub version: String,
}

/// A deployed suite.
#[derive(Clone, Debug)]
pub struct Suite {
    /// Codes and addresses.
    pub record: Record,
}

impl Suite {
    /// Where a contract is.
    ///
    /// # Errors
    /// `Wrong` if it is not deployed.
    pub fn at(&self, part: Part) -> PlayResult<&str> {
        let address = self.record.address(part);
        address.ok_or_else(|| PlayError::Wrong(format!("{part} is not deployed")))
    }

    /// The codes of all contracts.
    pub fn codes(&self) -> Vec<u64> {
        self.record
            .codes
            .values()
            .map(|code| code.code_id)
            .collect()
    }

    /// A message of `sender`, an address.
    ///
    /// # Errors
    /// `Client` if it is no JSON.
    pub fn any(
        &self,
        net: &Net,
        (sender, part): (&str, Part),
        body: &impl Serialize,
        coins: u128,
    ) -> PlayResult<Any> {
        let coins = net.coins(coins);
        Ok(msg::execute(sender, self.at(part)?, body, &coins)?)
    }

    /// A transaction of one message of the account `by`.
    ///
    /// # Errors
    /// As [`Suite::any`].
    pub fn letter(
        &self,
        net: &Net,
        (by, part): (&str, Part),
        body: &impl Serialize,
        coins: u128,
    ) -> PlayResult<Letter> {
        let message = self.any(net, (&net.address(by)?, part), body, coins)?;
        let letter = Letter::plain(by, vec![message]).labelled(&label(part, body));
        Ok(Letter { coins, ..letter })
    }

    /// Sends it; it must succeed.
    ///
    /// # Errors
    /// What the chain answers.
    pub fn call(
        &self,
        net: &Net,
        who: (&str, Part),
        body: &impl Serialize,
        coins: u128,
    ) -> PlayResult<TxOutcome> {
        net.send(self.letter(net, who, body, coins)?)
    }

    /// Sends it; the chain must include it and refuse it, naming `code`.
    ///
    /// # Errors
    /// `NotRefused`, `RefusedOtherwise`.
    pub fn refused(
        &self,
        net: &Net,
        who: (&str, Part),
        body: &impl Serialize,
        code: &str,
    ) -> PlayResult<TxOutcome> {
        net.refused(self.letter(net, who, body, 0)?, code)
    }

    /// A message of the gov module account, for a proposal.
    ///
    /// # Errors
    /// As [`Suite::any`].
    pub fn decree(&self, net: &Net, part: Part, body: &impl Serialize) -> PlayResult<Any> {
        self.any(net, (&net.gov, part), body, 0)
    }

    /// A proposal of one message.
    ///
    /// # Errors
    /// As [`Suite::any`].
    pub fn motion(
        &self,
        net: &Net,
        title: &str,
        part: Part,
        body: &impl Serialize,
    ) -> PlayResult<Motion> {
        Ok(Motion::new(title, vec![self.decree(net, part, body)?]))
    }

    /// Asks a contract.
    ///
    /// # Errors
    /// Those of queries.
    pub fn ask<T: DeserializeOwned>(
        &self,
        net: &Net,
        part: Part,
        body: &impl Serialize,
    ) -> PlayResult<T> {
        Ok(net.client.query_smart(self.at(part)?, body)?)
    }

    /// Prices of this moment, by the account `by`.
    ///
    /// # Errors
    /// What the chain answers.
    pub fn set_prices(
        &self,
        net: &Net,
        by: &str,
        prices: &[(MarketId, u64)],
    ) -> PlayResult<TxOutcome> {
        self.call(net, (by, Part::Feed), &price_message(prices), 0)
    }

    /// Collateral for account 0 of `by`.
    ///
    /// # Errors
    /// What the chain answers.
    pub fn deposit(&self, net: &Net, by: &str, amount: u128) -> PlayResult<TxOutcome> {
        self.call(net, (by, Part::Market), &deposit(0), amount)
    }

    /// An order of `by`.
    ///
    /// # Errors
    /// What the chain answers.
    pub fn place(&self, net: &Net, by: &str, order: Order) -> PlayResult<TxOutcome> {
        self.call(net, (by, Part::Market), &ExecuteMsg::from(order), 0)
    }

    /// An account.
    ///
    /// # Errors
    /// Those of queries.
    pub fn account(&self, net: &Net, by: &str, subaccount: u32) -> PlayResult<AccountResponse> {
        let query = market::QueryMsg::Account(AccountQuery {
            owner: net.address(by)?,
            subaccount,
        });
        self.ask(net, Part::Market, &query)
    }

    /// A market.
    ///
    /// # Errors
    /// Those of queries.
    pub fn market(&self, net: &Net, market: MarketId) -> PlayResult<MarketResponse> {
        let query = market::QueryMsg::Market(MarketQuery { market });
        self.ask(net, Part::Market, &query)
    }

    /// A loss.
    ///
    /// # Errors
    /// Those of queries.
    pub fn loss(&self, net: &Net, loss_id: LossId) -> PlayResult<LossResponse> {
        let query = market::QueryMsg::Loss(LossQuery { loss_id });
        self.ask(net, Part::Market, &query)
    }

    /// A loss as the fund saw it.
    ///
    /// # Errors
    /// Those of queries.
    pub fn fund_loss(&self, net: &Net, loss_id: LossId) -> PlayResult<fund::LossRecord> {
        let query = fund::QueryMsg::Loss(fund::LossQuery { loss_id });
        self.ask(net, Part::Fund, &query)
    }

    /// Open jobs.
    ///
    /// # Errors
    /// Those of queries.
    pub fn jobs(&self, net: &Net) -> PlayResult<Vec<queue::JobResponse>> {
        let jobs: queue::JobsResponse = self.ask(net, Part::Queue, &queue::QueryMsg::Jobs {})?;
        Ok(jobs.jobs)
    }

    /// A contract's own parameters as JSON, with their version.
    ///
    /// # Errors
    /// Those of queries.
    pub fn params(&self, net: &Net, part: Part) -> PlayResult<(u64, Value)> {
        let config: Value = self.ask(net, part, &serde_json::json!({"config": {}}))?;
        let version = config.get("version").and_then(Value::as_u64);
        let params = config.get("params").cloned();
        match (version, params) {
            (Some(version), Some(params)) => Ok((version, params)),
            _ => Err(PlayError::Wrong(format!("{part} answers {config}"))),
        }
    }

    /// Name and version that a contract stores of itself, as cw2 has it.
    ///
    /// # Errors
    /// Those of queries.
    pub fn version(&self, net: &Net, part: Part) -> PlayResult<Version> {
        let raw = net.client.query_raw(self.at(part)?, b"contract_info")?;
        serde_json::from_slice(&raw).map_err(|e| PlayError::Wrong(format!("cw2 of {part}: {e}")))
    }

    /// What waits for its notice.
    ///
    /// # Errors
    /// Those of queries.
    pub fn pending(
        &self,
        net: &Net,
        part: Part,
        market: Option<MarketId>,
    ) -> PlayResult<PendingResponse> {
        // All contracts take this query in the same form.
        let query = queue::QueryMsg::PendingParams(PendingQuery { market });
        self.ask(net, part, &query)
    }
}

/// `perp-market/deposit`
fn label(part: Part, body: &impl Serialize) -> String {
    let value = serde_json::to_value(body).unwrap_or_default();
    let first = value.as_object().and_then(|fields| fields.keys().next());
    format!("{part}/{}", first.map_or("", String::as_str))
}

/// Collateral for an account of the sender.
pub const fn deposit(subaccount: u32) -> ExecuteMsg {
    ExecuteMsg::Deposit(Deposit { subaccount })
}

/// Prices of this moment.
pub fn price_message(prices: &[(MarketId, u64)]) -> feed::ExecuteMsg {
    let publish_time = now();
    let prices = prices.iter().map(|(market, price)| feed::PriceUpdate {
        market: *market,
        price: Price(*price),
        publish_time,
    });
    feed::ExecuteMsg::SetPrices(feed::SetPrices {
        prices: prices.collect(),
    })
}

/// The message that opens a market.
pub fn listing(market: MarketId, params: MarketParams) -> ExecuteMsg {
    ExecuteMsg::ListMarket(market::ListMarket {
        market,
        symbol: format!("M{market}"),
        params,
    })
}

/// The message that lets it draw from the shared tranche of the fund.
pub const fn registration(market: MarketId) -> fund::ExecuteMsg {
    fund::ExecuteMsg::RegisterMarket(fund::RegisterMarket {
        market,
        isolated: false,
        window_cap: None,
        paid_in_cap: None,
    })
}

/// A message to the fund's shared tranche that brings seed.
pub const fn contribution() -> fund::ExecuteMsg {
    fund::ExecuteMsg::Contribute(fund::Contribute {
        tranche: fund::Tranche::Shared,
        layer: fund::Layer::Seed,
    })
}

/// Quote units as coins; 0 for a negative amount.
pub fn coins_of(amount: Quote) -> u128 {
    u128::try_from(amount.0).unwrap_or_default()
}

/// A number of an attribute of the first event of a kind in a transaction.
pub fn number_in(outcome: &TxOutcome, kind: &str, key: &str) -> PlayResult<u128> {
    let value = outcome.attribute(&format!("wasm-{kind}"), key);
    let number = value.and_then(|value| value.parse::<Uint128>().ok());
    let number = number.ok_or_else(|| {
        PlayError::Wrong(format!(
            "{}: no number {key} in an event {kind}",
            outcome.hash
        ))
    })?;
    Ok(number.u128())
}
