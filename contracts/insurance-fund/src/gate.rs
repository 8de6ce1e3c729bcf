//! Whether money may leave a tranche. Losses are booked before anybody can go.
//!
//! Emergency exit: no gate lasts for ever. A loss that stays open keeps stakers in for
//! `emergency_seconds` from when losses of the tranche began to be open without a break: it was paid at its
//! first call and draws no more. A market that does not answer keeps them in for as long after their
//! cooldown. A loss that the fund was not told of keeps them in until somebody sends `ResumeLoss`, which
//! makes it a known one, or `ForceLoss`, which ends it. The protocol's seed has no emergency exit.

use cosmwasm_std::{Deps, Env, StdResult};
use perp_interface::fund;
use perp_interface::market::{GatesResponse, QueryMsg};

use crate::error::{ContractError, ContractResult};
use crate::state::{Config, TERMS};
use crate::tranche::Tranche;

/// Who wants to leave.
#[derive(Clone, Copy, Debug)]
pub enum Leaver {
    /// The protocol, with its seed.
    Protocol,
    /// A staker whose cooldown was over then, in seconds.
    Staker(u64),
}

/// Refuses while a loss of the tranche is open.
///
/// # Errors
/// `LossOpen`, `LossNotBooked`, `MarketSilent`.
pub fn let_out(
    deps: Deps,
    env: &Env,
    config: &Config,
    (id, tranche): (fund::Tranche, &Tranche),
    leaver: Leaver,
) -> ContractResult<()> {
    let now = env.block.time.seconds();
    let emergency = config.params.emergency_seconds;
    if tranche.open_losses > 0 {
        let lasts = now < tranche.open_since.saturating_add(emergency);
        return match leaver {
            Leaver::Staker(_) if !lasts => Ok(()),
            _ => Err(open(id, tranche)),
        };
    }
    let Some(connections) = &config.connections else {
        return Ok(());
    };
    let gates: StdResult<GatesResponse> = deps
        .querier
        .query_wasm_smart(&connections.market, &QueryMsg::Gates {});
    let reason = match gates {
        Ok(gates) => return none_of_them(deps, id, &gates),
        Err(error) => error.to_string(),
    };
    let until = match leaver {
        Leaver::Protocol => 0,
        Leaver::Staker(from) => from.saturating_add(emergency),
    };
    if until > 0 && now >= until {
        return Ok(());
    }
    Err(ContractError::MarketSilent { until, reason })
}

/// Refuses stakes while a loss is open: what it gives back would be shared with newcomers.
///
/// # Errors
/// `LossOpen`.
pub fn let_in(id: fund::Tranche, tranche: &Tranche) -> ContractResult<()> {
    if tranche.open_losses > 0 {
        return Err(open(id, tranche));
    }
    Ok(())
}

const fn open(tranche: fund::Tranche, stored: &Tranche) -> ContractError {
    ContractError::LossOpen {
        tranche,
        open_losses: stored.open_losses,
    }
}

fn none_of_them(deps: Deps, id: fund::Tranche, gates: &GatesResponse) -> ContractResult<()> {
    for market in &gates.markets {
        let terms = TERMS.may_load(deps.storage, *market)?;
        if terms.is_some_and(|terms| terms.0 == id.key()) {
            return Err(ContractError::LossNotBooked { market: *market });
        }
    }
    Ok(())
}
