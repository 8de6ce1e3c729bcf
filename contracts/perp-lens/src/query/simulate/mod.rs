//! `SimulateParams`: what a change of parameters would do, asked before anybody votes on it.

mod exchange;
mod fund;
mod market;
mod selection;

use cosmwasm_std::{to_json_binary, Api, Binary, Deps, Env};
use perp_core::change::{Clock, ParamSet};
use perp_interface::lens::{
    Impact, ProposedChange, SampleLoss, SimulateCursor, SimulateQuery, SimulateResponse,
};
use perp_interface::{AccountId, MarketId, ParamError};

use crate::error::{ContractError, ContractResult};
use crate::plan::{outline, Outline};
use crate::suite::{Governed, Suite};

/// Everything is valued at this moment, also what holds only later: nobody knows the prices of then. The
/// change is refused here with the words with which its contract would refuse it.
pub fn simulate(deps: Deps, env: &Env, msg: SimulateQuery) -> ContractResult<Binary> {
    let now = env.block.time.seconds();
    let question = Question {
        api: deps.api,
        suite: Suite::load(deps)?,
        now,
        at: msg.at.unwrap_or(now),
        loss: msg.loss,
        cursor: msg.cursor,
        limit: msg.limit,
    };
    let answer = match *msg.change {
        ProposedChange::Market(change) => market::simulate(&question, change),
        ProposedChange::Exchange(change) => exchange::simulate(&question, change),
        ProposedChange::Fund(change) => fund::simulate(&question, change),
        ProposedChange::Queue(change) => selection::of_queue(&question, change),
        ProposedChange::Policy(change) => selection::of_market(&question, change),
    }?;
    let height = env.block.height;
    Ok(to_json_binary(&SimulateResponse { height, ..answer })?)
}

/// What is asked, but for the change.
struct Question<'a> {
    api: &'a dyn Api,
    suite: Suite<'a>,
    now: u64,
    at: u64,
    loss: Option<SampleLoss>,
    cursor: Option<SimulateCursor>,
    limit: Option<u32>,
}

impl Question<'_> {
    /// How the change would be made under the notice of its contract.
    fn outline<P>(
        &self,
        (of, market): (Governed, Option<MarketId>),
        now: P,
        proposed: P,
    ) -> ContractResult<Outline<P>>
    where
        P: ParamSet<Error = ParamError>,
    {
        let notice = self.suite.notice(of)?;
        let clock = Clock {
            now: self.at,
            notice: notice.notice_seconds,
            step: notice.step_seconds,
        };
        let mut outline = outline(now, proposed, &clock)?;
        outline.plan.replaces = self.suite.waits(of, market)?;
        Ok(outline)
    }

    fn limit(&self, default: u32, most: u32) -> ContractResult<u32> {
        match self.limit.unwrap_or(default) {
            limit if limit >= 1 && limit <= most => Ok(limit),
            limit => Err(ContractError::LimitOutOfRange { limit, most }),
        }
    }

    const fn after_account(&self) -> ContractResult<Option<AccountId>> {
        match self.cursor {
            None => Ok(None),
            Some(SimulateCursor::Account(account)) => Ok(Some(account)),
            Some(SimulateCursor::Market(_)) => Err(ContractError::WrongCursor { by: "market" }),
        }
    }

    const fn after_market(&self) -> ContractResult<Option<MarketId>> {
        match self.cursor {
            None => Ok(None),
            Some(SimulateCursor::Market(market)) => Ok(Some(market)),
            Some(SimulateCursor::Account(_)) => Err(ContractError::WrongCursor { by: "account" }),
        }
    }
}

fn answer<P>(
    (version, outline): (u64, Outline<P>),
    impact: Impact,
    next: Option<SimulateCursor>,
) -> SimulateResponse {
    SimulateResponse {
        version,
        height: 0,
        plan: outline.plan,
        impact,
        next,
    }
}
