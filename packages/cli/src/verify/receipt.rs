//! Receipts as the events write them, and as the definition gives them.

use perp_interface::{AccountId, LossId, Lots, MarketId, Pass, PerLot, Price, Quote};

use super::events::{EventsError, Record};

/// All passes.
pub const PASSES: [Pass; 7] = [
    Pass::Profit,
    Pass::Rest,
    Pass::Hedged,
    Pass::Equity,
    Pass::AtMark,
    Pass::Kept,
    Pass::Haircut,
];

/// The pass with a number.
pub fn pass_of(number: u8) -> Option<Pass> {
    PASSES.into_iter().find(|pass| pass.number() == number)
}

/// What was taken from one account at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The account.
    pub account: AccountId,
    /// The market.
    pub market: MarketId,
    /// Number of the pass.
    pub pass: u8,
    /// Place in the pass; 0 for kept profit, and for whom somebody named.
    pub rank: u32,
    /// Money taken.
    pub charge: Quote,
    /// Of a fill; none: a haircut.
    pub fill: Option<FillReceipt>,
}

/// What a fill's receipt says besides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FillReceipt {
    /// Number of the fill in its loss.
    pub seq: u32,
    /// The score in millionths.
    pub score_ppm: u32,
    /// `d`.
    pub profit_per_lot: PerLot,
    /// `m̂`.
    pub collateral: PerLot,
    /// Margin class.
    pub class: u16,
    /// Lots closed.
    pub lots: Lots,
    /// Price of the fill, for people.
    pub price: Price,
    /// Profit of them at the mark.
    pub profit: Quote,
    /// Frozen mark.
    pub mark: Price,
    /// Frozen funding.
    pub index: PerLot,
}

impl Receipt {
    /// Reads a receipt; none if the event is none.
    ///
    /// # Errors
    /// An attribute that is missing or no number.
    pub fn of(record: &Record) -> Result<Option<(LossId, Self)>, EventsError> {
        let (charge, fill) = match record.kind.as_str() {
            "adl_fill" => ("charge", Some(FillReceipt::of(record)?)),
            "adl_haircut" => ("amount", None),
            _ => return Ok(None),
        };
        let receipt = Self {
            account: record.number("account")?,
            market: record.number("market")?,
            pass: record.number("pass")?,
            rank: record.number("rank")?,
            charge: record.number(charge)?,
            fill,
        };
        Ok(Some((record.number("loss_id")?, receipt)))
    }

    /// Lots closed, none for a haircut.
    pub fn lots(&self) -> Lots {
        self.fill.as_ref().map_or(Lots::ZERO, |fill| fill.lots)
    }

    /// What tells receipts of one message apart: one account may be filled and then cut.
    pub fn identity(&self) -> (AccountId, bool) {
        (self.account, self.fill.is_some())
    }
}

impl FillReceipt {
    fn of(record: &Record) -> Result<Self, EventsError> {
        Ok(Self {
            seq: record.number("seq")?,
            score_ppm: record.number("score_ppm")?,
            profit_per_lot: record.number("profit_per_lot")?,
            collateral: record.number("collateral")?,
            class: record.number("class")?,
            lots: record.number("lots")?,
            price: record.number("price")?,
            profit: record.number("profit")?,
            mark: record.number("mark")?,
            index: record.number("index")?,
        })
    }
}
