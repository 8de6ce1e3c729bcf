//! A loss between its opening and its close.

use cosmwasm_std::{to_json_binary, BankMsg, Event, Storage, SubMsg, WasmMsg};
use perp_core::bankruptcy::bankruptcy_limit;
use perp_core::cover::{band_limit, BookClose};
use perp_core::settlement::Fold;
use perp_interface::event::{self, LossBookFill};
use perp_interface::fund;
use perp_interface::loss::LossTerms;
use perp_interface::{AccountId, LossId, Lots, MarketId, Price, Quote};

use crate::book::{self, Resting};
use crate::context::{payload, NOTIFY};
use crate::desk::{Desk, Maker};
use crate::error::{ContractError, ContractResult};
use crate::state::{Links, Loss, StoredFold, BANKRUPTCIES};

impl Loss {
    /// A loss of which nothing is worked off.
    pub fn new(
        terms: LossTerms,
        account: AccountId,
        (lots, need, bounty_left): (Lots, Quote, Quote),
        height: u64,
    ) -> Self {
        Self {
            terms,
            account,
            need,
            lots,
            slippage: Quote::ZERO,
            fund_used: Quote::ZERO,
            adl_taken: Quote::ZERO,
            haircut: Quote::ZERO,
            bad_debt: Quote::ZERO,
            book_lots: Lots::ZERO,
            adl_lots: Lots::ZERO,
            covered: false,
            fold: StoredFold::from(Fold::new(lots, need)),
            set_is_known: false,
            fills: 0,
            book_fills: 0,
            bounty_left,
            steps: 0,
            kept_rows: (0, 0),
            last_step: height,
            closed: false,
        }
    }

    /// Whether the fund has nothing more to do with it: lots and need are gone.
    pub fn is_done(&self) -> bool {
        Fold::from(self.fold).is_done()
    }

    /// Executed fills so far, on the book and by the queue.
    pub const fn executed(&self) -> u32 {
        self.fills + self.book_fills
    }

    /// Orders of the book that this loss may meet: at its bankruptcy price or better, or inside
    /// the band in which the fund pays.
    pub fn orders(
        &self,
        storage: &dyn Storage,
        desk: &Desk,
        limit: Option<Price>,
    ) -> ContractResult<Vec<Resting>> {
        let fold = Fold::from(self.fold);
        let Some(limit) = limit else {
            return Ok(vec![]);
        };
        if fold.lots.is_zero() {
            return Ok(vec![]);
        }
        let side = self.terms.side.opposite();
        // A closing long sells to bids; bids are stored under the long side.
        let bids = side.opposite();
        // Not only until they hold enough: some may turn out to be nobody's who could fill them.
        book::best(
            storage,
            (self.terms.market, bids),
            None,
            Some(limit),
            (Lots(u64::MAX), desk.params.max_fills),
        )
    }

    /// The limit of the first attempt, without the fund.
    pub fn bankruptcy_limit(&self) -> ContractResult<Option<Price>> {
        Ok(bankruptcy_limit(
            self.terms.side,
            self.terms.mark,
            self.need,
            self.lots,
        )?)
    }

    /// The limit of the second attempt, with the fund's money.
    pub fn band_limit(&self, desk: &Desk) -> ContractResult<Option<Price>> {
        let bps = desk
            .ledger
            .market(self.terms.market)?
            .listing
            .params
            .cover_band_bps;
        Ok(Some(band_limit(self.terms.side, self.terms.mark, bps)?))
    }

    /// Closes lots on the book as far as `escrow` can pay for it, then lets what is left of it
    /// reduce the need. Returns what is still left then.
    pub fn close_on_book(
        &mut self,
        desk: &mut Desk,
        orders: &[Resting],
        escrow: Quote,
    ) -> ContractResult<Quote> {
        let fold = Fold::from(self.fold);
        let (side, mark, market) = (self.terms.side, self.terms.mark, self.terms.market);
        let mut close = BookClose {
            lots: fold.lots,
            need: fold.need,
            escrow,
            slippage: Quote::ZERO,
            drawn: Quote::ZERO,
        };
        for order in orders {
            let available = desk.available(order)?;
            let lots = close.affordable_floor(side, mark, order.price, available)?;
            if lots.is_zero() || desk.fill(order, lots)? == Maker::Passed {
                continue;
            }
            close.fill(side, mark, order.price, lots)?;
            self.book_fills += 1;
            desk.ledger
                .trade(self.account, market, side.opposite(), lots, order.price)?;
            desk.events.push(
                LossBookFill {
                    loss_id: self.terms.loss_id,
                    maker: order.account,
                    order_id: order.id,
                    price: order.price,
                    lots,
                }
                .into(),
            );
        }
        let left = close.finish()?;
        desk.ledger
            .move_cash(self.account, market, side, close.drawn)?;
        self.slippage = self.slippage.plus(close.slippage)?;
        self.fund_used = self.fund_used.plus(close.drawn)?;
        self.book_lots = self.book_lots.plus(fold.lots.minus(close.lots)?)?;
        self.fold = StoredFold::from(Fold {
            set: fold.set,
            ..Fold::new(close.lots, close.need)
        });
        Ok(left)
    }
}

/// Closes a loss that is done. With the account's last loss its share has ended at exactly zero,
/// its markets open again, and it may be used as a new one.
pub fn close(
    storage: &mut dyn Storage,
    desk: &mut Desk,
    loss: &mut Loss,
    links: &Links,
) -> ContractResult<SubMsg> {
    loss.closed = true;
    desk.events.push(closed_event(loss));
    let mut bankruptcy = BANKRUPTCIES.load(storage, loss.account)?;
    bankruptcy.losses.retain(|id| *id != loss.terms.loss_id);
    if bankruptcy.losses.is_empty() {
        BANKRUPTCIES.remove(storage, loss.account);
        release(storage, desk, loss.account, &bankruptcy.gated)?;
    } else {
        BANKRUPTCIES.save(storage, loss.account, &bankruptcy)?;
    }
    notify_closed(links, loss.terms.loss_id)
}

fn release(
    storage: &dyn Storage,
    desk: &mut Desk,
    id: AccountId,
    gated: &[MarketId],
) -> ContractResult<()> {
    let account = desk.ledger.account_mut(id)?;
    if account.cash != Quote::ZERO || !account.positions.is_empty() {
        return Err(ContractError::Inexact {
            account: id,
            cash: account.cash,
        });
    }
    account.locked = false;
    for market in gated {
        desk.ledger.load_market(storage, *market)?;
        desk.ledger.market_mut(*market)?.state.gate = None;
    }
    Ok(())
}

fn closed_event(loss: &Loss) -> Event {
    event::LossClosed {
        loss_id: loss.terms.loss_id,
        account: loss.account,
        market: loss.terms.market,
        slippage: loss.slippage,
        fund_used: loss.fund_used,
        adl_taken: loss.adl_taken,
        haircut: loss.haircut,
        bad_debt: loss.bad_debt,
    }
    .into()
}

/// Tells the fund; a fund that cannot hear it does not stop the close.
pub fn notify_closed(links: &Links, loss_id: LossId) -> ContractResult<SubMsg> {
    let message = WasmMsg::Execute {
        contract_addr: links.fund.to_string(),
        msg: to_json_binary(&fund::ExecuteMsg::LossClosed(fund::LossClosed { loss_id }))?,
        funds: vec![],
    };
    Ok(SubMsg::reply_on_error(message, NOTIFY).with_payload(payload(&loss_id)?))
}

/// A bank transfer.
pub fn send(to: impl Into<String>, amount: Quote, denom: &str) -> BankMsg {
    BankMsg::Send {
        to_address: to.into(),
        amount: vec![crate::coins::coin_of(amount, denom)],
    }
}

/// Lots and need of a loss, for a message.
pub fn open_part(loss: &Loss) -> (Lots, Quote) {
    let fold = Fold::from(loss.fold);
    (fold.lots, fold.need)
}
