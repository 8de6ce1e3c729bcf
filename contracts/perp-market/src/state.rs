//! Every storage key of this contract. Values are stored as tuples: 31 bytes where named fields
//! take 49.

use cosmwasm_std::{Addr, Storage};
use cw_storage_plus::{Item, Map};
use perp_core::allocation::SharingSet;
use perp_core::position::Position;
use perp_core::settlement::Fold;
use perp_governance::Slot;
use perp_interface::loss::LossTerms;
use perp_interface::params::{ExchangeParams, MarketParams};
use perp_interface::{AccountId, LossId, Lots, MarketId, Pass, PerLot, Price, Quote, Side};
use serde::{Deserialize, Serialize};

use crate::error::{ContractError, ContractResult};

/// The settlement denom.
pub const CONFIG: Item<Config> = Item::new("c");
/// The other contracts.
pub const LINKS: Item<Links> = Item::new("l");
/// Version and parameters of the exchange.
pub const PARAMS: Item<(u64, ExchangeParams)> = Item::new("p");
/// The change of the exchange's parameters that waits.
pub const PENDING: Slot<ExchangeParams> = Slot::own("gq");
/// Next account, order and loss number.
pub const NEXT: Item<(AccountId, u64, LossId)> = Item::new("n");
/// Name, version and parameters of a market.
pub const LISTINGS: Map<MarketId, Listing> = Map::new("ml");
/// What trading changes in a market.
pub const MARKETS: Map<MarketId, MarketState> = Map::new("m");
/// (owner, subaccount) → account.
pub const ACCOUNT_OF: Map<(&Addr, u32), AccountId> = Map::new("o");
/// account → (owner, subaccount).
pub const OWNER_OF: Map<AccountId, (Addr, u32)> = Map::new("w");
/// Cash, positions and what hangs on them.
pub const ACCOUNTS: Map<AccountId, Account> = Map::new("a");
/// (market and side, price and order number) → order; ascending is price-time priority.
pub const BOOK: Map<(u32, [u8; 16]), RestingOrder> = Map::new("b");
/// (account, order) → where it rests.
pub const ORDERS: Map<(AccountId, u64), (MarketId, u8, u64)> = Map::new("r");
/// All losses, open and closed.
pub const LOSSES: Map<LossId, Loss> = Map::new("x");
/// (loss, row) → (account, profit kept by a fill), in fill order.
pub const KEPT: Map<(LossId, u32), (AccountId, Quote)> = Map::new("k");
/// Bankrupt account → its open losses, all markets that they gate, and who liquidated it.
pub const BANKRUPTCIES: Map<AccountId, Bankruptcy> = Map::new("z");
/// Account → markets of which the queue was not told.
pub const DIRTY: Map<AccountId, Vec<MarketId>> = Map::new("d");

/// The change of a market's parameters that waits.
pub const fn pending_market(market: MarketId) -> Slot<MarketParams> {
    Slot::of("gm", market)
}

/// The settlement denom.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Config {
    /// The one settlement denom.
    pub denom: String,
}

/// The other contracts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Links {
    /// insurance-fund.
    pub fund: Addr,
    /// deleverage-queue.
    pub queue: Addr,
    /// price-feed.
    pub feed: Addr,
}

/// A market as governance opened it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Listing {
    /// Name.
    pub symbol: String,
    /// Version of the parameters.
    pub version: u64,
    /// Parameters.
    pub params: MarketParams,
}

/// What trading changes in a market.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredMarket", into = "StoredMarket")]
pub struct MarketState {
    /// Cumulative funding per lot.
    pub index: PerLot,
    /// Until when funding is accrued, in seconds.
    pub accrued_at: u64,
    /// Lots open on each side.
    pub open_interest: Lots,
    /// Settled funding that is not yet received by the other side.
    pub pool: Quote,
    /// Fees and surplus not yet sent to the fund.
    pub fees: Quote,
    /// Recorded bad debt.
    pub bad_debt: Quote,
    /// The bankrupt account whose losses gate this market.
    pub gate: Option<AccountId>,
    /// Resting orders: bids, asks.
    pub orders: [u32; 2],
}

type StoredMarket = (
    PerLot,
    u64,
    Lots,
    Quote,
    Quote,
    Quote,
    Option<AccountId>,
    [u32; 2],
);

impl From<StoredMarket> for MarketState {
    fn from(s: StoredMarket) -> Self {
        let (index, accrued_at, open_interest, pool, fees, bad_debt, gate, orders) = s;
        Self {
            index,
            accrued_at,
            open_interest,
            pool,
            fees,
            bad_debt,
            gate,
            orders,
        }
    }
}

impl From<MarketState> for StoredMarket {
    fn from(m: MarketState) -> Self {
        (
            m.index,
            m.accrued_at,
            m.open_interest,
            m.pool,
            m.fees,
            m.bad_debt,
            m.gate,
            m.orders,
        )
    }
}

/// A realised loss that cash could not pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(MarketId, Quote, u8)", into = "(MarketId, Quote, u8)")]
pub struct Debt {
    /// The market that made it.
    pub market: MarketId,
    /// Quote units, positive.
    pub amount: Quote,
    /// Side of the position that made it last: its counterparties answer for it.
    pub side: Side,
}

impl From<(MarketId, Quote, u8)> for Debt {
    fn from((market, amount, side): (MarketId, Quote, u8)) -> Self {
        Self {
            market,
            amount,
            side: Side::from_bit(side),
        }
    }
}

impl From<Debt> for (MarketId, Quote, u8) {
    fn from(d: Debt) -> Self {
        (d.market, d.amount, d.side.bit())
    }
}

/// A bankrupt account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    from = "(Vec<LossId>, Vec<MarketId>, String)",
    into = "(Vec<LossId>, Vec<MarketId>, String)"
)]
pub struct Bankruptcy {
    /// Its open losses.
    pub losses: Vec<LossId>,
    /// All markets that they gate.
    pub gated: Vec<MarketId>,
    /// Who liquidated it, or resumed a loss last: earns the bounties of steps that nobody else calls for.
    pub keeper: String,
}

impl From<(Vec<LossId>, Vec<MarketId>, String)> for Bankruptcy {
    fn from((losses, gated, keeper): (Vec<LossId>, Vec<MarketId>, String)) -> Self {
        Self {
            losses,
            gated,
            keeper,
        }
    }
}

impl From<Bankruptcy> for (Vec<LossId>, Vec<MarketId>, String) {
    fn from(b: Bankruptcy) -> Self {
        (b.losses, b.gated, b.keeper)
    }
}

/// An account: one record, read once and written once per message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredAccount", into = "StoredAccount")]
pub struct Account {
    /// Cash; what it is below zero is the sum of `debts`.
    pub cash: Quote,
    /// Open positions, ascending by market.
    pub positions: Vec<(MarketId, Position)>,
    /// Realised losses that cash could not pay, ascending by market.
    pub debts: Vec<Debt>,
    /// Profit of fills that cannot leave before their loss closes.
    pub holds: Vec<(LossId, Quote)>,
    /// Resting orders.
    pub orders: u32,
    /// Frozen: its losses are being worked off.
    pub locked: bool,
}

type StoredPosition = (MarketId, i64, Quote, PerLot);
type StoredAccount = (
    Quote,
    Vec<StoredPosition>,
    Vec<Debt>,
    Vec<(LossId, Quote)>,
    u32,
    bool,
);

impl From<StoredAccount> for Account {
    fn from((cash, positions, debts, holds, orders, locked): StoredAccount) -> Self {
        let positions = positions
            .into_iter()
            .map(|(market, lots, cost, index)| (market, Position { lots, cost, index }))
            .collect();
        Self {
            cash,
            positions,
            debts,
            holds,
            orders,
            locked,
        }
    }
}

impl From<Account> for StoredAccount {
    fn from(a: Account) -> Self {
        let positions = a
            .positions
            .into_iter()
            .map(|(market, p)| (market, p.lots, p.cost, p.index))
            .collect();
        (a.cash, positions, a.debts, a.holds, a.orders, a.locked)
    }
}

/// A resting order; side, price and number are in its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestingOrder(
    /// Account.
    pub AccountId,
    /// Lots left.
    pub u64,
    /// Reduce-only.
    pub bool,
);

/// A loss with all its sums.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "StoredLoss", into = "StoredLoss")]
pub struct Loss {
    /// Frozen terms.
    pub terms: LossTerms,
    /// The bankrupt account.
    pub account: AccountId,
    /// Need at the opening.
    pub need: Quote,
    /// Lots at the opening.
    pub lots: Lots,
    /// `Σ (mark − price)·lots` of the book fills.
    pub slippage: Quote,
    /// What of the fund's money was used.
    pub fund_used: Quote,
    /// Charged to fills of the queue.
    pub adl_taken: Quote,
    /// Taken from open profit.
    pub haircut: Quote,
    /// Beyond all caps.
    pub bad_debt: Quote,
    /// Closed on the book.
    pub book_lots: Lots,
    /// Closed by the queue.
    pub adl_lots: Lots,
    /// Whether the fund has sent money, which it does once.
    pub covered: bool,
    /// Where the fold stands: pass, lots, need, set lots, set weight.
    pub fold: StoredFold,
    /// Whether the sharing set is known.
    pub set_is_known: bool,
    /// Fills of the queue.
    pub fills: u32,
    /// Fills of the book.
    pub book_fills: u32,
    /// What further fills may bring in bounties.
    pub bounty_left: Quote,
    /// Calls of the queue.
    pub steps: u32,
    /// Rows of kept profit written, and the next one to visit.
    pub kept_rows: (u32, u32),
    /// Height of the last step.
    pub last_step: u64,
    /// Whether it is closed.
    pub closed: bool,
}

type StoredTerms = (LossId, MarketId, u8, Price, PerLot);
type StoredSums = (Quote, Quote, Quote, Quote, Quote, Quote, Quote);
type StoredLots = (Lots, Lots, Lots);
type StoredProgress = (
    bool,
    StoredFold,
    bool,
    (u32, u32),
    u32,
    (u32, u32),
    u64,
    bool,
);
type StoredLoss = (
    StoredTerms,
    AccountId,
    StoredSums,
    StoredLots,
    StoredProgress,
);

impl From<StoredLoss> for Loss {
    fn from((terms, account, sums, all_lots, progress): StoredLoss) -> Self {
        let (loss_id, market, side, mark, index) = terms;
        let (need, slippage, fund_used, adl_taken, haircut, bad_debt, bounty_left) = sums;
        let (lots, book_lots, adl_lots) = all_lots;
        let (covered, fold, set_is_known, all_fills, steps, kept_rows, last_step, closed) =
            progress;
        let (fills, book_fills) = all_fills;
        let terms = LossTerms {
            loss_id,
            market,
            side: Side::from_bit(side),
            mark,
            index,
        };
        Self {
            terms,
            account,
            need,
            lots,
            slippage,
            fund_used,
            adl_taken,
            haircut,
            bad_debt,
            book_lots,
            adl_lots,
            covered,
            fold,
            set_is_known,
            fills,
            book_fills,
            bounty_left,
            steps,
            kept_rows,
            last_step,
            closed,
        }
    }
}

impl From<Loss> for StoredLoss {
    fn from(l: Loss) -> Self {
        let t = l.terms;
        (
            (t.loss_id, t.market, t.side.bit(), t.mark, t.index),
            l.account,
            (
                l.need,
                l.slippage,
                l.fund_used,
                l.adl_taken,
                l.haircut,
                l.bad_debt,
                l.bounty_left,
            ),
            (l.lots, l.book_lots, l.adl_lots),
            (
                l.covered,
                l.fold,
                l.set_is_known,
                (l.fills, l.book_fills),
                l.steps,
                l.kept_rows,
                l.last_step,
                l.closed,
            ),
        )
    }
}

/// A [`Fold`] in storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFold(
    /// Pass.
    pub Pass,
    /// Lots left.
    pub Lots,
    /// Need left.
    pub Quote,
    /// Lots of the sharing set still to come.
    pub cosmwasm_std::Uint128,
    /// Their weight.
    pub cosmwasm_std::Uint128,
    /// Whether somebody was passed over for a hedge.
    pub bool,
);

impl From<Fold> for StoredFold {
    fn from(f: Fold) -> Self {
        Self(
            f.pass,
            f.lots,
            f.need,
            f.set.lots.into(),
            f.set.weight.into(),
            f.held_back,
        )
    }
}

impl From<StoredFold> for Fold {
    fn from(s: StoredFold) -> Self {
        Self {
            pass: s.0,
            lots: s.1,
            need: s.2,
            set: SharingSet {
                lots: s.3.u128(),
                weight: s.4.u128(),
            },
            held_back: s.5,
        }
    }
}

/// The other contracts, or a typed error before they are named.
pub fn links(storage: &dyn Storage) -> ContractResult<Links> {
    LINKS.may_load(storage)?.ok_or(ContractError::NotConnected)
}

/// Refuses everybody but `expected`.
pub fn assert_is(sender: &Addr, role: &'static str, expected: &Addr) -> ContractResult<()> {
    if sender == expected {
        return Ok(());
    }
    Err(ContractError::Unauthorized {
        sender: sender.to_string(),
        role,
        expected: expected.to_string(),
    })
}

/// An open loss.
pub fn open_loss(storage: &dyn Storage, loss_id: LossId) -> ContractResult<Loss> {
    let loss = LOSSES
        .may_load(storage, loss_id)?
        .ok_or(ContractError::UnknownLoss { loss_id })?;
    if loss.closed {
        return Err(ContractError::LossClosed { loss_id });
    }
    Ok(loss)
}
