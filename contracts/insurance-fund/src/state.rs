//! Every storage key of the fund.

use cosmwasm_std::{Addr, Storage};
use cw_storage_plus::{Item, Map};
use perp_core::draw::{Draws, Moment, Window};
use perp_core::tranche::ByLayer;
use perp_governance::{Slot, Versioned};
use perp_interface::fund::{self, LossRecord};
use perp_interface::params::{FundParams, PaidInCap};
use perp_interface::{LossId, MarketId, Quote, Shares};
use serde::{Deserialize, Serialize};

use crate::error::{ContractError, ContractResult};
use crate::tranche::Tranche;

/// `c`: authority, denom, connections and parameters. One record, because a call for cover
/// reads all of them.
pub const CONFIG: Item<Config> = Item::new("c");

/// `gq`: the change of the parameters that waits.
pub const PENDING: Slot<FundParams> = Slot::own("gq");

/// `s`: number of a tranche → its layers and sums.
pub const TRANCHES: Map<u32, Tranche> = Map::new("s");

/// `d`: number of a tranche → what was drawn of it lately, the peaks of its capital, and whether it has
/// stopped.
pub const DRAWS: Map<u32, Draws> = Map::new("d");

/// `t`: how a market is registered. Who has no row draws nothing.
pub const TERMS: Map<MarketId, Terms> = Map::new("t");

/// `m`: what a market has drawn lately and in all, and paid in.
pub const MARKETS: Map<MarketId, MarketBook> = Map::new("m");

/// `l`: what the fund knows of each loss it was asked about. Never removed: it is the history,
/// and it keeps a loss from being paid twice.
pub const LOSSES: Map<LossId, StoredLoss> = Map::new("l");

/// `h`: (number of a tranche, loss) → what could be insured of its need. The rule by value-at-risk reads the
/// last ones; losses without a need are none.
pub const LOSSES_OF: Map<(u32, LossId), Quote> = Map::new("h");

/// `b`: loss → bounties for its fills. Also of losses that the fund was never asked about.
pub const BOUNTIES: Map<LossId, Quote> = Map::new("b");

/// `k`: (number of a tranche, staker) → shares.
pub const STAKES: Map<(u32, &Addr), Stake> = Map::new("k");

/// `r`: (number of a tranche, staker, request) → an open request.
pub const REQUESTS: Map<(u32, &Addr, u64), Request> = Map::new("r");

/// `o`: what is booked for an address.
pub const OWED: Map<&Addr, Quote> = Map::new("o");

/// `w`: the sum of it.
pub const OWED_TOTAL: Item<Quote> = Item::new("w");

/// Authority, denom, connections and parameters.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
pub struct Config {
    /// The one settlement denom.
    pub denom: String,
    /// The other contracts, once they are named.
    pub connections: Option<Connections>,
    /// Version of the parameters, from 1.
    pub version: u64,
    /// The parameters.
    pub params: FundParams,
}

/// The other contracts.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
pub struct Connections {
    /// The only one that may draw.
    pub market: Addr,
    /// The code that it may run.
    pub code_id: u64,
    /// Is told of shortfalls.
    pub queue: Addr,
}

impl Config {
    /// Parameters and their version.
    pub fn versioned(&self) -> Versioned<FundParams> {
        Versioned {
            version: self.version,
            params: self.params.clone(),
        }
    }

    /// The other contracts.
    ///
    /// # Errors
    /// `NotConnected`.
    pub fn connected(&self) -> ContractResult<&Connections> {
        self.connections.as_ref().ok_or(ContractError::NotConnected)
    }

    /// Lets only the market pass, and answers with the connections.
    ///
    /// # Errors
    /// `NotConnected`, `Unauthorized`.
    pub fn require_market(&self, sender: &Addr) -> ContractResult<&Connections> {
        let connections = self.connected()?;
        require("market", &connections.market, sender)?;
        Ok(connections)
    }
}

fn require(role: &'static str, expected: &Addr, sender: &Addr) -> ContractResult<()> {
    if sender != expected {
        return Err(ContractError::Unauthorized {
            sender: sender.clone(),
            role,
            expected: expected.clone(),
        });
    }
    Ok(())
}

/// A tranche that governance has opened, with its number.
///
/// # Errors
/// `UnknownTranche`.
pub fn load_tranche(
    storage: &dyn Storage,
    tranche: fund::Tranche,
) -> ContractResult<(u32, Tranche)> {
    let key = tranche.key();
    let stored = TRANCHES.may_load(storage, key)?;
    let stored = stored.ok_or(ContractError::UnknownTranche { tranche })?;
    Ok((key, stored))
}

/// Books an amount for an address.
///
/// # Errors
/// `Overflow`.
pub fn owe(storage: &mut dyn Storage, to: &Addr, amount: Quote) -> ContractResult<()> {
    let owed = OWED.may_load(storage, to)?.unwrap_or_default();
    let total = OWED_TOTAL.load(storage)?;
    OWED.save(storage, to, &owed.plus(amount)?)?;
    OWED_TOTAL.save(storage, &total.plus(amount)?)?;
    Ok(())
}

/// Number of its tranche, its own cap of the window, its cap by what it has paid in.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
pub struct Terms(pub u32, pub Option<Quote>, pub Option<PaidInCap>);

/// What a market has moved.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(
    from = "(Window, Quote, Quote, Quote)",
    into = "(Window, Quote, Quote, Quote)"
)]
pub struct MarketBook {
    /// Drawn lately.
    pub window: Window,
    /// All its revenue.
    pub paid_in: Quote,
    /// Drawn in all, less what came back.
    pub drawn: Quote,
    /// Notional of its open interest as of its last revenue.
    pub open_interest: Quote,
}

impl From<(Window, Quote, Quote, Quote)> for MarketBook {
    fn from((window, paid_in, drawn, open_interest): (Window, Quote, Quote, Quote)) -> Self {
        Self {
            window,
            paid_in,
            drawn,
            open_interest,
        }
    }
}

impl From<MarketBook> for (Window, Quote, Quote, Quote) {
    fn from(m: MarketBook) -> Self {
        (m.window, m.paid_in, m.drawn, m.open_interest)
    }
}

/// Shares without a request, open requests, number of the next one.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stake(pub Shares, pub u32, pub u64);

/// An open request. Its times are its own: parameters that change later neither keep a staker in for longer
/// nor let one out sooner.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(
    from = "(Shares, Quote, u64, u64, u64)",
    into = "(Shares, Quote, u64, u64, u64)"
)]
pub struct Request {
    /// Its shares.
    pub shares: Shares,
    /// What they were worth when it was made.
    pub value: Quote,
    /// When it was made, in seconds.
    pub at: u64,
    /// From when it may be claimed.
    pub from: u64,
    /// Until when.
    pub until: u64,
}

impl From<(Shares, Quote, u64, u64, u64)> for Request {
    fn from((shares, value, at, from, until): (Shares, Quote, u64, u64, u64)) -> Self {
        Self {
            shares,
            value,
            at,
            from,
            until,
        }
    }
}

impl From<Request> for (Shares, Quote, u64, u64, u64) {
    fn from(r: Request) -> Self {
        (r.shares, r.value, r.at, r.from, r.until)
    }
}

/// A loss that the fund was asked about.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(from = "StoredRow", into = "StoredRow")]
pub struct StoredLoss {
    /// Its market.
    pub market: MarketId,
    /// Number of the tranche that it drew from, if its market might draw.
    pub tranche: Option<u32>,
    /// Need and allowance.
    pub asked: Quote,
    /// What of it could be insured.
    pub insurable: Quote,
    /// What was paid.
    pub paid: Quote,
    /// What the layers have borne: what was paid less what came back.
    pub borne: ByLayer,
    /// Whether the market has closed it.
    pub closed: bool,
    /// When it was paid.
    pub at: Moment,
}

type StoredRow = (
    (MarketId, Option<u32>),
    (Quote, Quote, Quote),
    (Quote, Quote),
    bool,
    Moment,
);

impl From<StoredRow> for StoredLoss {
    fn from((of, sums, borne, closed, at): StoredRow) -> Self {
        Self {
            market: of.0,
            tranche: of.1,
            asked: sums.0,
            insurable: sums.1,
            paid: sums.2,
            borne: ByLayer {
                seed: borne.0,
                staked: borne.1,
            },
            closed,
            at,
        }
    }
}

impl From<StoredLoss> for StoredRow {
    fn from(l: StoredLoss) -> Self {
        (
            (l.market, l.tranche),
            (l.asked, l.insurable, l.paid),
            (l.borne.seed, l.borne.staked),
            l.closed,
            l.at,
        )
    }
}

impl StoredLoss {
    /// With its number and with names.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn record(self, storage: &dyn Storage, loss_id: LossId) -> ContractResult<LossRecord> {
        let bounties = BOUNTIES.may_load(storage, loss_id)?.unwrap_or_default();
        Ok(LossRecord {
            loss_id,
            market: self.market,
            tranche: self.tranche.map(fund::Tranche::from_key),
            asked: self.asked,
            insurable: self.insurable,
            paid: self.paid,
            returned: self.paid.minus(self.borne.total()?)?,
            from_seed: self.borne.seed,
            from_staked: self.borne.staked,
            bounties,
            closed: self.closed,
            height: self.at.height,
            time: self.at.time,
        })
    }
}
