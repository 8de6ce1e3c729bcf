//! Whether money may leave a tranche. Losses are booked before anybody can go.
//!
//! Emergency exit: no gate keeps stakers in for ever. A loss that the fund knows was paid at its first call and
//! draws no more: it keeps them in for `emergency_seconds` from when losses of the tranche began to be open
//! without a break. A loss that the fund was not told of keeps them in until somebody sends `ResumeLoss`, which
//! makes it a known one, or `ForceLoss`, which ends it, and for `emergency_seconds` after their cooldown at the most;
//! so does a market that does not answer, or that runs code which governance has not approved. The
//! protocol's seed has no emergency exit.

use cosmwasm_std::{Deps, Env, StdResult};
use perp_interface::fund;
use perp_interface::market::{GatesResponse, QueryMsg};

use crate::code;
use crate::error::{ContractError, ContractResult};
use crate::state::{Config, LOSSES, TERMS};
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
    let lasts = now < tranche.open_since.saturating_add(emergency);
    if tranche.open_losses > 0 && (lasts || matches!(leaver, Leaver::Protocol)) {
        return Err(open(id, tranche));
    }
    let until = match leaver {
        Leaver::Protocol => 0,
        Leaver::Staker(from) => from.saturating_add(emergency),
    };
    if until > 0 && now >= until {
        return Ok(());
    }
    all_booked(deps, config, id, until)
}

/// Refuses stakes while a loss is open: what it gives back would be shared with newcomers, and what is not
/// booked yet would be charged to them.
///
/// # Errors
/// `LossOpen`, `LossNotBooked`, `MarketSilent`.
pub fn let_in(
    deps: Deps,
    config: &Config,
    (id, tranche): (fund::Tranche, &Tranche),
) -> ContractResult<()> {
    if tranche.open_losses > 0 {
        return Err(open(id, tranche));
    }
    all_booked(deps, config, id, 0)
}

const fn open(tranche: fund::Tranche, stored: &Tranche) -> ContractError {
    ContractError::LossOpen {
        tranche,
        open_losses: stored.open_losses,
    }
}

/// Refuses if a market of the tranche is gated and one of the open losses is not booked here.
fn all_booked(deps: Deps, config: &Config, id: fund::Tranche, until: u64) -> ContractResult<()> {
    let Some(connections) = &config.connections else {
        return Ok(());
    };
    let silent = |reason: String| ContractError::MarketSilent { until, reason };
    if !code::is_approved(deps.querier, connections)? {
        return Err(silent("its code is not approved".to_owned()));
    }
    let gates: StdResult<GatesResponse> = deps
        .querier
        .query_wasm_smart(&connections.market, &QueryMsg::Gates {});
    let gates = gates.map_err(|error| silent(error.to_string()))?;
    if gates
        .losses
        .iter()
        .all(|loss| LOSSES.has(deps.storage, *loss))
    {
        return Ok(());
    }
    for market in &gates.markets {
        let terms = TERMS.may_load(deps.storage, *market)?;
        if terms.is_some_and(|terms| terms.0 == id.key()) {
            return Err(ContractError::LossNotBooked {
                market: *market,
                until,
            });
        }
    }
    Ok(())
}
