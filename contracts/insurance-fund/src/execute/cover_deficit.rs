//! `CoverDeficit`: the market asks for the money of a loss.

use cosmwasm_std::{DepsMut, Env, Event, MessageInfo, Response, Storage};
use perp_core::cover::insurable_floor;
use perp_core::tranche::ByLayer;
use perp_interface::event::FundPaid;
use perp_interface::fund::{CoverDeficit, Tranche};
use perp_interface::loss::LossTerms;
use perp_interface::Quote;

use crate::error::{ContractError, ContractResult};
use crate::messages::Shortfall;
use crate::state::{
    load_tranche, Config, Connections, StoredLoss, Terms, CONFIG, DRAWS, LOSSES, LOSSES_OF,
    MARKETS, TERMS, TRANCHES,
};
use crate::{code, coins, rules, trigger};

/// Pays at the first call for a loss; at every further call reports what is left to the queue.
///
/// The record of the first call is what keeps a loss from being paid twice: the market has
/// booked that payment, so what it asks for later is by definition beyond it.
pub fn cover_deficit(
    deps: DepsMut,
    env: &Env,
    info: &MessageInfo,
    msg: CoverDeficit,
) -> ContractResult<Response> {
    coins::refuse(info)?;
    let config = CONFIG.load(deps.storage)?;
    let connections = config.require_market(&info.sender)?;
    validate(&msg)?;
    match LOSSES.may_load(deps.storage, msg.terms.loss_id)? {
        None => pay(deps, env, (&config, connections), msg),
        Some(loss) => {
            require_same_and_open(loss, &msg.terms)?;
            let shortfall = Shortfall::new(&config, connections, msg.terms, msg.defer);
            Ok(Response::new().add_submessage(shortfall.report(msg.lots, msg.need)?))
        }
    }
}

fn validate(msg: &CoverDeficit) -> ContractResult<()> {
    let amounts = [
        ("need", msg.need),
        ("slippage_allowance", msg.slippage_allowance),
    ];
    if let Some((name, amount)) = amounts.into_iter().find(|(_, a)| *a < Quote::ZERO) {
        return Err(ContractError::NegativeAmount { name, amount });
    }
    if msg.lots.is_zero() && msg.need == Quote::ZERO {
        return Err(ContractError::NothingToCover {
            loss_id: msg.terms.loss_id,
        });
    }
    Ok(())
}

fn require_same_and_open(loss: StoredLoss, terms: &LossTerms) -> ContractResult<()> {
    let loss_id = terms.loss_id;
    let recorded = loss.market;
    if recorded != terms.market {
        return Err(ContractError::LossMarketMismatch {
            loss_id,
            recorded,
            given: terms.market,
        });
    }
    if loss.closed {
        return Err(ContractError::LossClosed { loss_id });
    }
    Ok(())
}

/// What the first call for a loss comes to.
struct Payment {
    loss: StoredLoss,
    /// Capital of the tranche afterwards.
    capital: Quote,
    /// The tranche, if its stop is to be looked at once the market has answered.
    near_line: Option<Tranche>,
    /// The stop, if it changed before the payment.
    trigger: Option<Event>,
}

/// The first call. Everything is saved before the submessage leaves, because the market calls
/// `ReturnCover` and `LossClosed` from inside of it.
fn pay(
    deps: DepsMut,
    env: &Env,
    (config, connections): (&Config, &Connections),
    msg: CoverDeficit,
) -> ContractResult<Response> {
    let payment = match terms(&deps, connections, &msg)? {
        Some(terms) => book(deps.storage, env, (config, &terms), &msg)?,
        None => book_nothing(deps.storage, env, &msg)?,
    };
    let loss = payment.loss;
    let event = FundPaid {
        loss_id: msg.terms.loss_id,
        market: loss.market,
        tranche: loss.tranche.map(Tranche::from_key),
        asked: loss.asked,
        insurable: loss.insurable,
        paid: loss.paid,
        from_seed: loss.borne.seed,
        from_staked: loss.borne.staked,
        capital: payment.capital,
    };
    let shortfall = Shortfall::new(config, connections, msg.terms, msg.defer);
    let submessage = if loss.paid > Quote::ZERO {
        let coin = coins::coin(loss.paid, &config.denom);
        let shortfall = shortfall.near_line(payment.near_line);
        shortfall.cover(&connections.market, coin)?
    } else {
        shortfall.report(msg.lots, msg.need)?
    };
    Ok(Response::new()
        .add_events(payment.trigger)
        .add_event(Event::from(event))
        .add_submessage(submessage))
}

/// How the market is registered. One that is not, or that runs code which governance has not approved, gets
/// nothing; its losses still go to the queue, because a crash does not wait for a proposal.
fn terms(
    deps: &DepsMut,
    connections: &Connections,
    msg: &CoverDeficit,
) -> ContractResult<Option<Terms>> {
    if !code::is_approved(deps.querier, connections)? {
        return Ok(None);
    }
    Ok(TERMS.may_load(deps.storage, msg.terms.market)?)
}

/// A loss that nothing is paid for: the record keeps it from being paid later.
fn book_nothing(
    storage: &mut dyn Storage,
    env: &Env,
    msg: &CoverDeficit,
) -> ContractResult<Payment> {
    let loss = StoredLoss {
        market: msg.terms.market,
        tranche: None,
        asked: msg.need.plus(msg.slippage_allowance)?,
        insurable: Quote::ZERO,
        paid: Quote::ZERO,
        borne: ByLayer::default(),
        closed: false,
        at: trigger::moment(env),
    };
    LOSSES.save(storage, msg.terms.loss_id, &loss)?;
    Ok(Payment {
        loss,
        capital: Quote::ZERO,
        near_line: None,
        trigger: None,
    })
}

/// Pays what all limits allow. The stop is looked at first, with what earlier losses have brought
/// back.
fn book(
    storage: &mut dyn Storage,
    env: &Env,
    (config, terms): (&Config, &Terms),
    msg: &CoverDeficit,
) -> ContractResult<Payment> {
    let (market, at) = (msg.terms.market, trigger::moment(env));
    let tranche = Tranche::from_key(terms.0);
    let limits = rules::limits(&config.params, terms);
    let asked = msg.need.plus(msg.slippage_allowance)?;
    let insurable = insurable_floor(asked, msg.lots, msg.same_owner_lots)?;
    let (key, stored) = load_tranche(storage, tranche)?;
    let before = stored.capital()?;
    let mut draws = DRAWS.load(storage, key)?;
    let mut book = MARKETS.may_load(storage, market)?.unwrap_or_default();
    draws.drawdown.observe(at.time, before);
    let trigger = trigger::evaluate(&mut draws.drawdown, tranche, (at.time, before), &limits)?;
    let mut headroom = draws.headroom(&book.window, before, at, &limits)?;
    headroom.paid_in = rules::paid_in_room(terms, &book)?;
    let paid = headroom.payment(insurable);
    draws.draw(&mut book.window, paid, at, &limits)?;
    book.drawn = book.drawn.plus(paid)?;
    let (stored, borne) = stored.open_loss(paid, at.time)?;
    let capital = stored.capital()?;
    let is_near_line = draws.drawdown.clone().evaluate(at.time, capital, &limits)?;
    let loss = StoredLoss {
        market,
        tranche: Some(key),
        asked,
        insurable,
        paid,
        borne,
        closed: false,
        at,
    };

    LOSSES.save(storage, msg.terms.loss_id, &loss)?;
    // What could be insured of the need is the size of the loss: the rule by value-at-risk reads it.
    let size = insurable_floor(msg.need, msg.lots, msg.same_owner_lots)?;
    if size > Quote::ZERO {
        LOSSES_OF.save(storage, (key, msg.terms.loss_id), &size)?;
    }
    TRANCHES.save(storage, key, &stored)?;
    DRAWS.save(storage, key, &draws)?;
    if paid > Quote::ZERO {
        MARKETS.save(storage, market, &book)?;
    }
    Ok(Payment {
        loss,
        capital,
        near_line: is_near_line.then_some(tranche),
        trigger,
    })
}
