//! The stop at a drawdown: when it is looked at, and what is told of it.
//!
//! It is looked at before a payment and after the market's answer to it, when capital comes in, and
//! when parameters change. Not while a payment is out: what comes back of it was never lost. That
//! nothing is looked at in between costs nothing, since no payment goes below the line.

use cosmwasm_std::{Env, Event, Storage};
use perp_core::draw::{Drawdown, Limits, Moment};
use perp_core::error::MathResult;
use perp_interface::event::FundTrigger;
use perp_interface::fund::Tranche;
use perp_interface::Quote;

use crate::error::ContractResult;
use crate::state::DRAWS;

/// Height and time of the block.
pub fn moment(env: &Env) -> Moment {
    Moment {
        height: env.block.height,
        time: env.block.time.seconds(),
    }
}

/// Stops or resumes; the event if that changed something.
///
/// # Errors
/// `Overflow`.
pub fn evaluate(
    drawdown: &mut Drawdown,
    tranche: Tranche,
    (now, capital): (u64, Quote),
    limits: &Limits,
) -> ContractResult<Option<Event>> {
    if !drawdown.evaluate(now, capital, limits)? {
        return Ok(None);
    }
    let (tripped, peak) = (drawdown.tripped(), drawdown.peak(now, capital));
    let line = if tripped {
        limits.trip_line_ceil(peak)?
    } else {
        limits.resume_line_ceil(peak)?
    };
    Ok(Some(Event::from(FundTrigger {
        tranche,
        tripped,
        capital,
        peak,
        line,
    })))
}

/// The same on what is stored; writes only if something changed.
///
/// # Errors
/// `Std`, `Overflow`.
pub fn look(
    storage: &mut dyn Storage,
    env: &Env,
    (tranche, capital): (Tranche, Quote),
    limits: &Limits,
) -> ContractResult<Option<Event>> {
    let mut draws = DRAWS.load(storage, tranche.key())?;
    let now = env.block.time.seconds();
    let event = evaluate(&mut draws.drawdown, tranche, (now, capital), limits)?;
    if event.is_some() {
        DRAWS.save(storage, tranche.key(), &draws)?;
    }
    Ok(event)
}

/// Money that stakers or the protocol take out is no loss: the peaks shrink with it.
///
/// # Errors
/// `Std`, `Overflow`.
pub fn shrink(
    storage: &mut dyn Storage,
    env: &Env,
    tranche: Tranche,
    (before, after): (Quote, Quote),
) -> ContractResult<()> {
    rescale(storage, env, tranche, before, |drawdown| {
        drawdown.scale_floor(before, after)
    })
}

/// Money that stakers bring is no recovery, since they may take it out again: the peaks grow with it. Into
/// an empty tranche it is the only money there is.
///
/// # Errors
/// `Std`, `Overflow`.
pub fn grow(
    storage: &mut dyn Storage,
    env: &Env,
    tranche: Tranche,
    (before, after): (Quote, Quote),
) -> ContractResult<()> {
    rescale(storage, env, tranche, before, |drawdown| {
        drawdown.scale_ceil(before, after)
    })
}

fn rescale(
    storage: &mut dyn Storage,
    env: &Env,
    tranche: Tranche,
    before: Quote,
    scale: impl FnOnce(&mut Drawdown) -> MathResult<()>,
) -> ContractResult<()> {
    if before == Quote::ZERO {
        return Ok(());
    }
    let mut draws = DRAWS.load(storage, tranche.key())?;
    draws.drawdown.observe(env.block.time.seconds(), before);
    scale(&mut draws.drawdown)?;
    DRAWS.save(storage, tranche.key(), &draws)?;
    Ok(())
}
