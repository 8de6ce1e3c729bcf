//! What a verification found.

use perp_interface::{AccountId, LossId, Lots, MarketId, PerLot, Price, Quote, Side};
use serde::Serialize;

use super::receipt::Receipt;

/// What is wrong with a receipt, a step or a sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Came before or after somebody against the order.
    Order,
    /// Whose turn it was has no receipt.
    Missing,
    /// Has two receipts for one turn.
    Duplicate,
    /// Stands nowhere in this ranking.
    Foreign,
    /// Was taken although it was not its turn.
    NotDue,
    /// Lots closed.
    Lots,
    /// Money taken.
    Charge,
    /// Profit of the closed lots.
    Profit,
    /// Number of the pass.
    Pass,
    /// Place in the pass.
    Rank,
    /// The score.
    Score,
    /// `d`.
    ProfitPerLot,
    /// `m̂` or its class.
    Collateral,
    /// Price of a fill.
    Price,
    /// Frozen mark or funding.
    Terms,
    /// Number of the fill.
    Seq,
    /// A pass that ended, or a step that goes, otherwise than the ranking says.
    Step,
    /// What the books and the fund left of a loss.
    Cover,
    /// Bad debt that is not what no cap could bear.
    BadDebt,
    /// Sums of a loss.
    Sum,
    /// The stored ranking differs from the positions, and nothing explains why.
    Ranking,
}

impl Kind {
    /// As it is written in JSON.
    pub fn name(self) -> String {
        serde_json::to_value(self)
            .ok()
            .and_then(|value| value.as_str().map(str::to_owned))
            .unwrap_or_default()
    }

    /// Whether somebody was taken whose turn it was not, or not taken whose turn it was.
    pub const fn is_of_order(self) -> bool {
        matches!(
            self,
            Self::Order | Self::Missing | Self::Duplicate | Self::Foreign | Self::NotDue
        )
    }
}

/// One deviation from the definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Deviation {
    /// Which transaction, from 1.
    pub transaction: usize,
    /// The loss; none for what concerns the state alone.
    pub loss_id: Option<LossId>,
    /// What is wrong.
    pub kind: Kind,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// Number of the pass, as the receipt says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pass: Option<u8>,
    /// Rank, as the receipt says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank: Option<u32>,
    /// Lots, as the receipt says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lots: Option<Lots>,
    /// Charge, as the receipt says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charge: Option<Quote>,
    /// By the definition.
    pub expected: String,
    /// By the events.
    pub got: String,
    /// The rule behind it.
    pub why: String,
}

impl Deviation {
    /// Of a loss as a whole.
    pub fn of_loss(
        loss_id: LossId,
        kind: Kind,
        expected: impl ToString,
        got: impl ToString,
        why: impl Into<String>,
    ) -> Self {
        Self {
            transaction: 0,
            loss_id: Some(loss_id),
            kind,
            account: None,
            pass: None,
            rank: None,
            lots: None,
            charge: None,
            expected: expected.to_string(),
            got: got.to_string(),
            why: why.into(),
        }
    }

    /// Of a receipt.
    #[must_use]
    pub fn at(self, receipt: &Receipt) -> Self {
        Self {
            account: Some(receipt.account),
            pass: Some(receipt.pass),
            rank: Some(receipt.rank),
            lots: Some(receipt.lots()),
            charge: Some(receipt.charge),
            ..self
        }
    }
}

/// A position that the ranking holds under an older key than the state gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OldKeyNote {
    /// Which transaction, from 1.
    pub transaction: usize,
    /// The account.
    pub account: AccountId,
    /// The market.
    pub market: MarketId,
    /// Why that may be.
    pub reason: &'static str,
}

/// What was checked of one loss.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LossReport {
    /// The loss.
    pub loss_id: LossId,
    /// Its market.
    pub market: MarketId,
    /// Side of the bankrupt position.
    pub side: Side,
    /// Frozen mark.
    pub mark: Price,
    /// Frozen funding.
    pub index: PerLot,
    /// Receipts re-checked.
    pub receipts: u32,
    /// Lots at the opening.
    pub lots: Lots,
    /// Need at the opening.
    pub need: Quote,
    /// Closed on the book.
    pub book_lots: Lots,
    /// Closed by the queue.
    pub adl_lots: Lots,
    /// Of the book fills.
    pub slippage: Quote,
    /// Of the fund's money.
    pub fund_used: Quote,
    /// By fills, and of what they kept.
    pub adl_taken: Quote,
    /// Of open profit.
    pub haircut: Quote,
    /// Recorded.
    pub bad_debt: Quote,
    /// Worked off in these transactions.
    pub closed: bool,
    /// Parts of it were forced: there the caller chose the order.
    pub forced: bool,
}

/// The whole result.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Transactions replayed.
    pub transactions: usize,
    /// Receipts re-checked.
    pub receipts: u32,
    /// One for each loss that the transactions touch.
    pub losses: Vec<LossReport>,
    /// Places that were taken from the ranking and not from the positions.
    pub old_keys: Vec<OldKeyNote>,
    /// What is not as defined. The first of a loss is the cause, later ones may follow from it.
    pub deviations: Vec<Deviation>,
}

impl Report {
    /// Whether everything is as defined.
    pub fn is_clean(&self) -> bool {
        self.deviations.is_empty()
    }
}
