//! `CoverDeficit`: the market asks for the money of a loss.

use cosmwasm_std::{DepsMut, Env, Event, MessageInfo, Response};
use perp_interface::event::FundPaid;
use perp_interface::fund::CoverDeficit;
use perp_interface::loss::LossTerms;
use perp_interface::Quote;

use crate::coins;
use crate::error::{ContractError, ContractResult};
use crate::messages::Shortfall;
use crate::state::{Config, Connections, StoredLoss, CAPITAL, CONFIG, DRAWS, LOSSES, MARKETS};
use crate::trigger;

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
    let StoredLoss(recorded, .., closed, _) = loss;
    if recorded != terms.market {
        return Err(ContractError::LossMarketMismatch {
            loss_id,
            recorded,
            given: terms.market,
        });
    }
    if closed {
        return Err(ContractError::LossClosed { loss_id });
    }
    Ok(())
}

/// What the first call for a loss comes to.
struct Payment {
    asked: Quote,
    paid: Quote,
    /// Capital afterwards.
    capital: Quote,
    /// Whether the stop is to be looked at once the market has answered.
    near_line: bool,
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
    let payment = book(deps, env, config, &msg)?;
    let event = FundPaid {
        loss_id: msg.terms.loss_id,
        market: msg.terms.market,
        asked: payment.asked,
        paid: payment.paid,
        capital: payment.capital,
    };
    let shortfall = Shortfall::new(config, connections, msg.terms, msg.defer);
    let submessage = if payment.paid > Quote::ZERO {
        let coin = coins::coin(payment.paid, &config.denom);
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

/// Pays what all limits allow. The stop is looked at first, with what earlier losses have brought
/// back.
fn book(deps: DepsMut, env: &Env, config: &Config, msg: &CoverDeficit) -> ContractResult<Payment> {
    let (market, at) = (msg.terms.market, trigger::moment(env));
    let limits = config.params.limits();
    let asked = msg.need.plus(msg.slippage_allowance)?;
    let capital = CAPITAL.load(deps.storage)?;
    let before = capital.available()?;
    let mut draws = DRAWS.load(deps.storage)?;
    let mut window = MARKETS.may_load(deps.storage, market)?.unwrap_or_default();
    draws.drawdown.observe(at.time, before);
    let trigger = trigger::evaluate(&mut draws.drawdown, at.time, before, &limits)?;
    let headroom = draws.headroom(&window, before, at, &limits)?;
    let paid = headroom.payment(asked);
    draws.draw(&mut window, paid, at, &limits)?;
    let capital = capital.open_loss(paid)?;
    let after = capital.available()?;
    let near_line = draws.drawdown.clone().evaluate(at.time, after, &limits)?;
    let loss = StoredLoss(market, asked, paid, Quote::ZERO, false, at);

    LOSSES.save(deps.storage, msg.terms.loss_id, &loss)?;
    CAPITAL.save(deps.storage, &capital)?;
    DRAWS.save(deps.storage, &draws)?;
    if paid > Quote::ZERO {
        MARKETS.save(deps.storage, market, &window)?;
    }
    Ok(Payment {
        asked,
        paid,
        capital: after,
        near_line,
        trigger,
    })
}
