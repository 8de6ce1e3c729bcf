//! Typed events. Every movement of lots or money has one; attributes are decimal text.

mod attribute;
mod fund;
mod governance;

use cosmwasm_std::Event;

use attribute::Attribute;

pub use self::fund::*;
pub use self::governance::*;

use crate::{AccountId, LossId, Lots, MarketId, Pass, PerLot, Price, Quote, ScoreKind, Side};

macro_rules! events {
    ($all:ident: $($(#[doc = $doc:literal])+ $name:ident = $kind:literal { $($(#[doc = $field_doc:literal])+ $field:ident: $type:ty),* $(,)? })*) => {
        $(
            $(#[doc = $doc])+
            #[derive(Clone, Debug, PartialEq, Eq)]
            pub struct $name {
                $($(#[doc = $field_doc])+ pub $field: $type,)*
            }

            impl $name {
                /// The event's type, without the `wasm-` that the chain puts before it.
                pub const KIND: &'static str = $kind;
            }

            impl From<$name> for Event {
                fn from(event: $name) -> Event {
                    let out = Event::new($kind);
                    $(let out = event.$field.add(out, stringify!($field));)*
                    out
                }
            }
        )*

        /// These event types, for the table in the docs.
        pub const $all: &[EventDoc] = &[
            $(EventDoc {
                kind: $kind,
                meaning: concat!($($doc),+),
                attributes: &[$((stringify!($field), concat!($($field_doc),+))),*],
            }),*
        ];
    };
}
use events;

/// Every event type, for the table in the docs.
pub fn all() -> impl Iterator<Item = &'static EventDoc> {
    OF_EXCHANGE.iter().chain(OF_FUND).chain(OF_GOVERNANCE)
}

/// An event type as the docs list it.
#[derive(Clone, Copy, Debug)]
pub struct EventDoc {
    /// Its type, without the `wasm-` that the chain puts before it.
    pub kind: &'static str,
    /// What it says.
    pub meaning: &'static str,
    /// Its attributes and what they mean, in order.
    pub attributes: &'static [(&'static str, &'static str)],
}

events! { OF_EXCHANGE:
    /// Collateral came in.
    Deposited = "deposit" {
        /// The account.
        account: AccountId,
        /// Its owner.
        owner: String,
        /// Quote units.
        amount: Quote,
        /// Cash afterwards.
        cash: Quote,
    }

    /// Collateral went out.
    Withdrawn = "withdraw" {
        /// The account.
        account: AccountId,
        /// Quote units.
        amount: Quote,
        /// Cash afterwards.
        cash: Quote,
    }

    /// An order rests on the book.
    OrderRested = "order_rested" {
        /// The account.
        account: AccountId,
        /// The market.
        market: MarketId,
        /// The order.
        order_id: u64,
        /// Its side.
        side: Side,
        /// Its price.
        price: Price,
        /// What rests.
        lots: Lots,
    }

    /// An order left the book without a fill.
    OrderRemoved = "order_removed" {
        /// The account.
        account: AccountId,
        /// The market.
        market: MarketId,
        /// The order.
        order_id: u64,
        /// What was left of it.
        lots: Lots,
        /// `cancelled`, `liquidated`, `own_order`, `margin`, `stale_price`, `deleveraging`, `evicted` or
        /// `reduce_only`.
        reason: String,
    }

    /// A resting order was filled.
    Traded = "trade" {
        /// The market.
        market: MarketId,
        /// The resting order.
        order_id: u64,
        /// Its account.
        maker: AccountId,
        /// The account that met it.
        taker: AccountId,
        /// The taker's side.
        side: Side,
        /// Price of the fill.
        price: Price,
        /// Size of the fill.
        lots: Lots,
        /// Paid by the maker.
        maker_fee: Quote,
        /// Paid by the taker.
        taker_fee: Quote,
    }

    /// A solvent account under maintenance was sold down.
    Liquidated = "liquidation" {
        /// The account.
        account: AccountId,
        /// The market.
        market: MarketId,
        /// Lots sold.
        lots: Lots,
        /// Liquidation fee.
        fee: Quote,
        /// What of it the liquidator got.
        liquidator_fee: Quote,
        /// Equity afterwards.
        equity: Quote,
    }

    /// A bankrupt account is frozen; one event for each of its losses.
    LossOpened = "loss_opened" {
        /// The loss.
        loss_id: LossId,
        /// The account.
        account: AccountId,
        /// The market.
        market: MarketId,
        /// Side of the position.
        side: Side,
        /// Lots to close.
        lots: Lots,
        /// Frozen mark.
        mark: Price,
        /// Frozen funding.
        index: PerLot,
        /// Share of the deficit.
        need: Quote,
    }

    /// A loss was closed in part on the book.
    LossBookFill = "loss_book_fill" {
        /// The loss.
        loss_id: LossId,
        /// The counterparty.
        maker: AccountId,
        /// Its order.
        order_id: u64,
        /// Price of the fill.
        price: Price,
        /// Size of the fill.
        lots: Lots,
    }

    /// The fund paid for a loss.
    Covered = "cover" {
        /// The loss.
        loss_id: LossId,
        /// What came.
        paid: Quote,
        /// What went back.
        returned: Quote,
        /// Lots still open.
        lots_left: Lots,
        /// Money still needed.
        need_left: Quote,
    }

    /// The receipt of one fill of the queue.
    AdlFill = "adl_fill" {
        /// The loss.
        loss_id: LossId,
        /// Number of the fill, from 0.
        seq: u32,
        /// The account.
        account: AccountId,
        /// The market.
        market: MarketId,
        /// 1 profit, 6 profit whole, 7 hedges, 2 equity, 3 at the mark.
        pass: Pass,
        /// Place in this pass.
        rank: u32,
        /// The score as ranked, in millionths: `d/(d + m̂)`, `x/(d + m̂)` or `d/x`.
        score_ppm: u32,
        /// `d` as ranked.
        profit_per_lot: PerLot,
        /// `m̂` as ranked.
        collateral: PerLot,
        /// Margin class as ranked.
        class: u16,
        /// Lots closed.
        lots: Lots,
        /// Price of the fill: the mark moved by charge/lots, rounded against the counterparty.
        price: Price,
        /// Profit of them at the mark.
        profit: Quote,
        /// What of it went to the loss.
        charge: Quote,
        /// Frozen mark.
        mark: Price,
        /// Frozen funding.
        index: PerLot,
    }

    /// Profit was taken without closing.
    AdlHaircut = "adl_haircut" {
        /// The loss.
        loss_id: LossId,
        /// The account.
        account: AccountId,
        /// The market.
        market: MarketId,
        /// 4 kept by a fill of this loss, 5 open profit in rank order.
        pass: Pass,
        /// Place in this pass, 0 for what fills kept.
        rank: u32,
        /// What was taken.
        amount: Quote,
    }

    /// What no cap could bear.
    BadDebt = "bad_debt" {
        /// The loss.
        loss_id: LossId,
        /// The market.
        market: MarketId,
        /// Added to the market's bad debt.
        amount: Quote,
    }

    /// A loss is closed.
    LossClosed = "loss_closed" {
        /// The loss.
        loss_id: LossId,
        /// The account.
        account: AccountId,
        /// The market.
        market: MarketId,
        /// Of the book fills.
        slippage: Quote,
        /// Of the fund's money.
        fund_used: Quote,
        /// By fills of the queue.
        adl_taken: Quote,
        /// Of open profit.
        haircut: Quote,
        /// Recorded.
        bad_debt: Quote,
    }

    /// A submessage failed and its sender went on.
    SubmessageFailed = "submessage_failed" {
        /// `update`, `cover`, `report`, `continue`, or `clock`: a step in the hook of the chain.
        kind: String,
        /// The account or the loss.
        subject: u64,
        /// What the chain tells of it.
        error: String,
    }

    /// The third pass ended with lots left: keys are missing until a refresh.
    RankingIncomplete = "ranking_incomplete" {
        /// The loss.
        loss_id: LossId,
        /// Lots still open.
        lots: Lots,
    }

    /// Fees went to the fund, or repaid bad debt.
    FeesCollected = "fees_collected" {
        /// The market.
        market: MarketId,
        /// What repaid bad debt.
        to_bad_debt: Quote,
        /// What went to the fund.
        to_fund: Quote,
    }

    /// The queue took on a loss.
    JobOpened = "job_opened" {
        /// The loss.
        loss_id: LossId,
        /// The market.
        market: MarketId,
        /// Lots to close.
        lots: Lots,
        /// Money to raise.
        need: Quote,
        /// By what counterparties are ranked: `profit_leverage`, `leverage` or `profit`.
        score: ScoreKind,
        /// Over how many times the lots the loss is spread at the most.
        breadth: u32,
        /// Whether nobody is charged more than profit.
        protect_principal: bool,
        /// Least share in lots.
        min_fill: Lots,
    }

    /// The selection policy of a market was set, or is the default again.
    PolicySet = "policy_set" {
        /// The market.
        market: MarketId,
        /// Whether it is the default again.
        is_default: bool,
        /// By what counterparties are ranked: `profit_leverage`, `leverage` or `profit`.
        score: ScoreKind,
        /// Over how many times the lots the loss is spread at the most.
        breadth: u32,
        /// Whether nobody is charged more than profit.
        protect_principal: bool,
        /// Least share in lots.
        min_fill: Lots,
    }

    /// A step of a job.
    JobStep = "job_step" {
        /// The loss.
        loss_id: LossId,
        /// The pass of its candidates.
        pass: Pass,
        /// How many were sent.
        candidates: u32,
        /// Positions read, candidates among them.
        walked: u32,
    }

    /// A job is done.
    JobClosed = "job_closed" {
        /// The loss.
        loss_id: LossId,
    }

    /// The lights of a market and side, worked out anew.
    LightsPublished = "lights_published" {
        /// The market.
        market: MarketId,
        /// The side.
        side: Side,
        /// Ranked by this.
        score: ScoreKind,
        /// At this mark.
        mark: Price,
        /// And this cumulative funding.
        index: PerLot,
        /// Lots of the side.
        lots: Lots,
        /// Score in millionths behind which a position has light 4 at the most.
        score_5: u32,
        /// The same for light 3.
        score_4: u32,
        /// For light 2.
        score_3: u32,
        /// For light 1.
        score_2: u32,
    }

    /// A position came to another light, as of the published ones.
    LightChanged = "light_changed" {
        /// The account.
        account: AccountId,
        /// The market.
        market: MarketId,
        /// The side.
        side: Side,
        /// Its light so far, 0 to 5.
        from: u8,
        /// Its light now; 5 is deleveraged first.
        to: u8,
        /// Block height of the publication.
        height: u64,
    }

    /// A new price.
    PriceSet = "price_set" {
        /// The market.
        market: MarketId,
        /// Quote units per lot.
        price: Price,
        /// When it was observed.
        publish_time: u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_decimal_text_under_the_field_names() {
        let event: Event = BadDebt {
            loss_id: 7,
            market: 2,
            amount: Quote(-5),
        }
        .into();
        assert_eq!(event.ty, "bad_debt");
        let pairs: Vec<_> = event
            .attributes
            .iter()
            .map(|a| (a.key.as_str(), a.value.as_str()))
            .collect();
        assert_eq!(pairs, [("loss_id", "7"), ("market", "2"), ("amount", "-5")]);
    }

    #[test]
    fn no_two_events_share_a_type() {
        let mut kinds: Vec<_> = all().map(|event| event.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        assert_eq!(kinds.len(), all().count());
    }
}
