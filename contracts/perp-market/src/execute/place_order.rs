//! Trades against the book by price and time, and rests what is left of a limit order.

use cosmwasm_std::{Addr, Deps, DepsMut, Env, MessageInfo, Response, Storage};
use perp_core::position::Trade;
use perp_governance::is_paused;
use perp_interface::event::{OrderRested, Traded};
use perp_interface::governance::Operation;
use perp_interface::market::{OrderKind, PlaceOrder};
use perp_interface::{AccountId, Lots, Price, Quote};

use super::deposit::account_of;
use crate::book::{self, Resting};
use crate::coins::no_coins;
use crate::desk::{against, assert_healthy, taker_fee_ceil, Desk, Maker};
use crate::error::{ContractError, ContractResult};
use crate::ledger::Ledger;
use crate::ranking;
use crate::state::{links, NEXT, PARAMS};

/// Below this price a market only takes reductions.
pub const LEAST_OPENING_PRICE: u64 = 1_000;

/// What a taker's fills add up to.
#[derive(Clone, Copy, Debug)]
struct Filled {
    left: Lots,
    opened: bool,
    last: Option<Trade>,
    /// The last order that was looked at, filled or not.
    seen: Option<Resting>,
}

/// Load, match, check the taker, save, emit.
pub fn place_order(
    deps: DepsMut<'_>,
    env: &Env,
    info: &MessageInfo,
    msg: PlaceOrder,
) -> ContractResult<Response> {
    no_coins(info)?;
    let lots = Lots::new(msg.lots.0)?;
    Price::new(msg.price.0)?;
    let id = account_of(deps.storage, info, msg.subaccount)?;
    let links = links(deps.storage)?;
    let (_, params) = PARAMS.load(deps.storage)?;
    let now = env.block.time.seconds();
    let mut ledger = Ledger::new(now);
    ledger.load_account(deps.storage, id)?;
    ledger.load_market(deps.storage, msg.market)?;
    assert_may_trade(&ledger, id, &msg)?;
    assert_not_paused(deps.storage, &ledger, id, &msg)?;
    let wanted = clamp_to_position(&ledger, id, &msg, lots)?;
    let mut desk = Desk::new(ledger, params);
    let filled = match_book(deps.as_ref(), &links.feed, &mut desk, (id, &msg), wanted)?;
    let rested = rest(deps.storage, &mut desk, id, &msg, filled)?;
    desk.save(deps.storage)?;
    if let Some(order) = &rested {
        book::put(deps.storage, order)?;
        book::index(deps.storage, order)?;
    }
    // What opens fails with its ranking; what only reduces goes on without.
    let update = ranking::update(&desk.ledger, &links, None, filled.opened)?;
    Ok(Response::new()
        .add_submessages(update)
        .add_events(desk.events))
}

fn assert_may_trade(ledger: &Ledger, id: AccountId, msg: &PlaceOrder) -> ContractResult<()> {
    if ledger.account(id)?.locked {
        return Err(ContractError::AccountLocked { account: id });
    }
    if let Some(by) = ledger.market(msg.market)?.state.gate {
        return Err(ContractError::MarketDeleveraging {
            market: msg.market,
            by,
        });
    }
    Ok(())
}

/// A pause never stops what can only reduce: `reduce_only`, or no more than the position.
fn assert_not_paused(
    storage: &dyn Storage,
    ledger: &Ledger,
    id: AccountId,
    msg: &PlaceOrder,
) -> ContractResult<()> {
    if msg.reduce_only || msg.lots <= reduces(ledger, id, msg)? {
        return Ok(());
    }
    let stopped = [Operation::Opening, Operation::Market(msg.market)];
    if is_paused(storage, &stopped)? {
        let market = msg.market;
        return Err(ContractError::OpeningPaused { market });
    }
    Ok(())
}

fn reduces(ledger: &Ledger, id: AccountId, msg: &PlaceOrder) -> ContractResult<Lots> {
    let position = ledger.position(id, msg.market)?;
    Ok(match position.side() {
        Some(side) if side != msg.side => position.size(),
        _ => Lots::ZERO,
    })
}

fn clamp_to_position(
    ledger: &Ledger,
    id: AccountId,
    msg: &PlaceOrder,
    lots: Lots,
) -> ContractResult<Lots> {
    if !msg.reduce_only {
        return Ok(lots);
    }
    let most = reduces(ledger, id, msg)?;
    if most.is_zero() {
        return Err(ContractError::NothingToReduce {
            account: id,
            market: msg.market,
        });
    }
    Ok(lots.min(most))
}

/// Opening needs strict prices, reducing looser ones, nobody trades on a stale one.
fn assert_priced(desk: &Desk, id: AccountId, msg: &PlaceOrder) -> ContractResult<()> {
    let may_open = msg.lots > reduces(&desk.ledger, id, msg)? && !msg.reduce_only;
    let max = if may_open {
        desk.params.strict_price_age
    } else {
        desk.params.loose_price_age
    };
    desk.ledger.marks.assert_fresh(msg.market, max)?;
    desk.ledger.assert_fresh(id, max)?;
    let mark = desk.ledger.marks.of_any_age(msg.market)?;
    if !may_open {
        return Ok(());
    }
    if mark.0 < LEAST_OPENING_PRICE {
        return Err(ContractError::PriceTooLow {
            market: msg.market,
            price: mark,
            least: LEAST_OPENING_PRICE,
        });
    }
    assert_min_notional(desk, msg.market, mark.notional(msg.lots)?)
}

fn assert_min_notional(desk: &Desk, market: u16, notional: Quote) -> ContractResult<()> {
    let least = desk.ledger.market(market)?.listing.params.min_notional;
    if notional < least {
        return Err(ContractError::BelowMinNotional { notional, least });
    }
    Ok(())
}

/// Reads the book in parts until the order is filled or the message has matched enough: an order
/// that turns out not to be fillable must not hide what stands behind it.
fn match_book(
    deps: Deps<'_>,
    feed: &Addr,
    desk: &mut Desk,
    (id, msg): (AccountId, &PlaceOrder),
    wanted: Lots,
) -> ContractResult<Filled> {
    let mut filled = Filled {
        left: wanted,
        opened: false,
        last: None,
        seen: None,
    };
    let mut before = None;
    let mut most = desk.params.max_fills;
    loop {
        let orders = book::best(
            deps.storage,
            (msg.market, against(msg.side)),
            filled.seen.as_ref(),
            Some(msg.price),
            (filled.left, most),
        )?;
        for order in &orders {
            desk.ledger.load_account(deps.storage, order.account)?;
        }
        desk.ledger.price_loaded(deps.querier, feed)?;
        if before.is_none() {
            assert_priced(desk, id, msg)?;
            before = Some(desk.ledger.health(id)?);
        }
        most = most.saturating_sub(orders.len() as u32);
        match_orders(desk, id, msg, &orders, &mut filled)?;
        if orders.is_empty() || most == 0 || filled.left.is_zero() {
            break;
        }
    }
    if let (Some(last), Some(before)) = (filled.last, before) {
        let opened = if filled.opened { Lots(1) } else { Lots::ZERO };
        let whole = Trade { opened, ..last };
        assert_healthy(&desk.ledger, &desk.params, (id, msg.market), before, &whole)?;
        assert_limits(desk, id, msg, filled.opened)?;
    }
    Ok(filled)
}

fn match_orders(
    desk: &mut Desk,
    id: AccountId,
    msg: &PlaceOrder,
    orders: &[Resting],
    filled: &mut Filled,
) -> ContractResult<()> {
    let fee_bps = desk.ledger.market(msg.market)?.listing.params.taker_fee_bps;
    for order in orders {
        filled.seen = Some(*order);
        if order.account == id {
            desk.take_off(order, "own_order")?;
            continue;
        }
        let lots = desk.available(order)?.min(filled.left);
        if lots.is_zero() {
            continue;
        }
        let Maker::Filled(maker_fee) = desk.fill(order, lots)? else {
            continue;
        };
        let trade = desk
            .ledger
            .trade(id, msg.market, msg.side, lots, order.price)?;
        let taker_fee = taker_fee_ceil(order.price, lots, fee_bps)?;
        desk.ledger
            .charge_fee(id, msg.market, msg.side, taker_fee)?;
        filled.left = filled.left.minus(lots)?;
        filled.opened |= !trade.opened.is_zero();
        filled.last = Some(trade);
        desk.events.push(
            Traded {
                market: msg.market,
                order_id: order.id,
                maker: order.account,
                taker: id,
                side: msg.side,
                price: order.price,
                lots,
                maker_fee,
                taker_fee,
            }
            .into(),
        );
    }
    Ok(())
}

/// Open interest and the least position, after all fills.
fn assert_limits(desk: &Desk, id: AccountId, msg: &PlaceOrder, opened: bool) -> ContractResult<()> {
    let market = desk.ledger.market(msg.market)?;
    let (lots, most) = (
        market.state.open_interest,
        market.listing.params.max_open_interest,
    );
    if opened && lots > most {
        return Err(ContractError::OpenInterestExceeded { lots, most });
    }
    let position = desk.ledger.position(id, msg.market)?;
    if position.lots == 0 {
        return Ok(());
    }
    let mark = desk.ledger.marks.of_any_age(msg.market)?;
    if opened {
        return assert_min_notional(desk, msg.market, position.notional(mark)?);
    }
    Ok(())
}

/// What rests: the remainder of a limit order, unless it still crosses the book (more orders than
/// one message matches) or would only have reduced and nothing is left to reduce.
fn rest(
    storage: &mut dyn Storage,
    desk: &mut Desk,
    id: AccountId,
    msg: &PlaceOrder,
    filled: Filled,
) -> ContractResult<Option<Resting>> {
    if msg.kind == OrderKind::Ioc || filled.left.is_zero() {
        return Ok(None);
    }
    let crossing = book::best(
        storage,
        (msg.market, against(msg.side)),
        filled.seen.as_ref(),
        Some(msg.price),
        (Lots(1), 1),
    )?;
    if !crossing.is_empty() {
        return Ok(None);
    }
    let stopped = [Operation::Resting, Operation::Market(msg.market)];
    if !msg.reduce_only && is_paused(storage, &stopped)? {
        // What was filled stays filled; only the rest is dropped.
        return match filled.last {
            Some(_) => Ok(None),
            None => Err(ContractError::RestingPaused { market: msg.market }),
        };
    }
    // It may rest for longer than the position that it was meant to reduce.
    let reduce_only = msg.reduce_only || is_paused(storage, &[Operation::Opening])?;
    if !reduce_only {
        assert_could_open(desk, id, msg, filled.left)?;
    }
    make_room(storage, desk, msg)?;
    let most = desk.params.max_orders;
    let account = desk.ledger.account_mut(id)?;
    if account.orders >= most {
        return Err(ContractError::TooManyOrders { account: id, most });
    }
    account.orders += 1;
    desk.ledger.market_mut(msg.market)?.state.orders[usize::from(msg.side.bit())] += 1;
    let (account, order_id, loss) = NEXT.load(storage)?;
    NEXT.save(storage, &(account, order_id + 1, loss))?;
    let order = Resting {
        id: order_id,
        market: msg.market,
        side: msg.side,
        price: msg.price,
        account: id,
        lots: filled.left,
        reduce_only,
    };
    desk.events.push(
        OrderRested {
            account: id,
            market: msg.market,
            order_id,
            side: msg.side,
            price: msg.price,
            lots: filled.left,
        }
        .into(),
    );
    Ok(Some(order))
}

/// A full side keeps its best orders: far-off ones, which never fill, must not shut it for all.
fn make_room(storage: &dyn Storage, desk: &mut Desk, msg: &PlaceOrder) -> ContractResult<()> {
    let most = desk.params.max_side_orders;
    let count = desk.ledger.market(msg.market)?.state.orders[usize::from(msg.side.bit())];
    if count < most {
        return Ok(());
    }
    match book::worst(storage, (msg.market, msg.side))? {
        Some(worst) if book::is_before(msg.price, &worst) => {
            desk.ledger.load_account(storage, worst.account)?;
            desk.take_off(&worst, "evicted")
        }
        _ => Err(ContractError::BookFull {
            market: msg.market,
            most,
        }),
    }
}

/// An order that its account could not bear, were it filled whole at its price now, does not rest:
/// it would only stand in the way of others until it is met.
fn assert_could_open(
    desk: &Desk,
    id: AccountId,
    msg: &PlaceOrder,
    left: Lots,
) -> ContractResult<()> {
    let before = desk.ledger.health(id)?;
    let mut trial = desk.ledger.clone();
    let trade = trial.trade(id, msg.market, msg.side, left, msg.price)?;
    assert_healthy(&trial, &desk.params, (id, msg.market), before, &trade)
}
