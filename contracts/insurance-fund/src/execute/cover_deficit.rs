//! `CoverDeficit`: the market asks for the money of a loss.

use cosmwasm_std::{DepsMut, Event, MessageInfo, Response};
use perp_core::cover::payment;
use perp_interface::event::FundPaid;
use perp_interface::fund::CoverDeficit;
use perp_interface::loss::LossTerms;
use perp_interface::Quote;

use crate::coins;
use crate::error::{ContractError, ContractResult};
use crate::messages::Shortfall;
use crate::state::{Config, Connections, StoredLoss, CAPITAL, CONFIG, LOSSES};

/// Pays at the first call for a loss; at every further call reports what is left to the queue.
///
/// The record of the first call is what keeps a loss from being paid twice: the market has
/// booked that payment, so what it asks for later is by definition beyond it.
pub fn cover_deficit(
    deps: DepsMut,
    info: &MessageInfo,
    msg: CoverDeficit,
) -> ContractResult<Response> {
    coins::refuse(info)?;
    let config = CONFIG.load(deps.storage)?;
    let connections = config.require_market(&info.sender)?;
    validate(&msg)?;
    match LOSSES.may_load(deps.storage, msg.terms.loss_id)? {
        None => pay(deps, &config, connections, msg),
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
    let StoredLoss(recorded, .., closed) = loss;
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

/// The first call. Everything is saved before the submessage leaves, because the market calls
/// `ReturnCover` and `LossClosed` from inside of it.
fn pay(
    deps: DepsMut,
    config: &Config,
    connections: &Connections,
    msg: CoverDeficit,
) -> ContractResult<Response> {
    let asked = msg.need.plus(msg.slippage_allowance)?;
    let capital = CAPITAL.load(deps.storage)?;
    let paid = payment(asked, config.params.per_loss_cap, capital.available()?);
    let capital = capital.open_loss(paid)?;
    let event = FundPaid {
        loss_id: msg.terms.loss_id,
        market: msg.terms.market,
        asked,
        paid,
        capital: capital.available()?,
    };
    let loss = StoredLoss(msg.terms.market, asked, paid, Quote::ZERO, false);

    LOSSES.save(deps.storage, msg.terms.loss_id, &loss)?;
    CAPITAL.save(deps.storage, &capital)?;
    let shortfall = Shortfall::new(config, connections, msg.terms, msg.defer);
    let submessage = if paid > Quote::ZERO {
        shortfall.cover(&connections.market, coins::coin(paid, &config.denom))?
    } else {
        shortfall.report(msg.lots, msg.need)?
    };
    Ok(Response::new()
        .add_event(Event::from(event))
        .add_submessage(submessage))
}
