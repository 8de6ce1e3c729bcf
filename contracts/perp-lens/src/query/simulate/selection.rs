//! Another selection policy: who would be chosen for a sample loss, and what each would give.

use std::collections::BTreeMap;

use perp_interface::lens::{
    Counterparty, Given, Impact, PolicyChange, QueueChange, SampleLoss, Selection, SelectionImpact,
    SimulateResponse,
};
use perp_interface::market::{PreviewQuery, PreviewResponse, PreviewTaking};
use perp_interface::params::OwnPolicy;
use perp_interface::{AccountId, Lots, Policy, Price};

use super::{answer, Question};
use crate::error::{ContractError, ContractResult};
use crate::query::exposure::checked_need;
use crate::suite::Governed;

/// Positions of the ranking that are looked at for each of two previews.
const DEFAULT_LIMIT: u32 = 100;
const MOST: u32 = 500;

/// The default of the queue reaches only markets without a policy of their own.
pub fn of_queue(question: &Question<'_>, change: QueueChange) -> ContractResult<SimulateResponse> {
    let config = question.suite.queue_config()?;
    let of = (Governed::Queue, None);
    let outline = question.outline(of, config.params, change.params)?;
    let policies = |loss: &SampleLoss| -> ContractResult<_> {
        let own = question.suite.own_policy(loss.market)?.policy;
        Ok(Policies {
            now: own.unwrap_or(outline.now.default_policy),
            at_target: own.unwrap_or(outline.target.default_policy),
        })
    };
    let impact = impact(question, policies)?;
    Ok(answer((config.version, outline), impact, None))
}

/// A market's own policy.
pub fn of_market(
    question: &Question<'_>,
    change: PolicyChange,
) -> ContractResult<SimulateResponse> {
    let suite = &question.suite;
    let market = change.market;
    suite.market(market)?;
    let own = suite.own_policy(market)?;
    let now = OwnPolicy { policy: own.policy };
    let proposed = OwnPolicy {
        policy: change.policy,
    };
    let of = (Governed::Queue, Some(market));
    let outline = question.outline(of, now, proposed)?;
    let policies = |loss: &SampleLoss| -> ContractResult<_> {
        let now = suite.policy(loss.market)?;
        if loss.market != market {
            let at_target = now;
            return Ok(Policies { now, at_target });
        }
        let at_target = match change.policy {
            Some(policy) => policy,
            None => suite.queue_config()?.params.default_policy,
        };
        Ok(Policies { now, at_target })
    };
    let impact = impact(question, policies)?;
    Ok(answer((own.version, outline), impact, None))
}

/// Under which a loss would be worked off.
struct Policies {
    now: Policy,
    at_target: Policy,
}

fn impact(
    question: &Question<'_>,
    policies: impl Fn(&SampleLoss) -> ContractResult<Policies>,
) -> ContractResult<Impact> {
    let limit = question.limit(DEFAULT_LIMIT, MOST)?;
    let Some(loss) = &question.loss else {
        return Ok(Impact::OnlyPlan {});
    };
    let need = checked_need(loss.need)?;
    let lots = Lots::new(loss.lots.0)?;
    let market = loss.market;
    let open = question.suite.market(market)?.open_interest;
    if lots > open {
        return Err(ContractError::ExceedsOpenInterest { lots, open, market });
    }
    let Policies { now, at_target } = policies(loss)?;
    let preview = |policy: Policy, mark: Option<Price>| {
        question.suite.preview(PreviewQuery {
            market,
            side: loss.side,
            lots,
            need,
            mark,
            account: None,
            policy: Some(policy),
            limit: Some(limit),
        })
    };
    let before = preview(now, loss.mark)?;
    let after = match at_target == now {
        true => before.clone(),
        false => preview(at_target, Some(before.mark))?,
    };
    let (given, takes) = (given(&before.takings)?, given(&after.takings)?);
    Ok(Impact::Selection(SelectionImpact {
        market,
        mark: before.mark,
        now: selection(now, &given, &before),
        at_target: selection(at_target, &takes, &after),
        counterparties: counterparties(&given, &takes),
    }))
}

/// What is taken from each account, all passes together.
type Takings = BTreeMap<AccountId, Given>;

fn given(takings: &[PreviewTaking]) -> ContractResult<Takings> {
    let mut sums = Takings::new();
    for taking in takings {
        let sum = sums.entry(taking.account).or_default();
        sum.lots = sum.lots.plus(taking.lots)?;
        sum.charge = sum.charge.plus(taking.charge)?;
    }
    Ok(sums)
}

fn selection(policy: Policy, given: &Takings, shown: &PreviewResponse) -> Selection {
    Selection {
        policy,
        accounts: given.len() as u32,
        raised: shown.raised,
        bad_debt: shown.bad_debt,
        lots_left: shown.lots_left,
        need_left: shown.need_left,
        complete: shown.complete,
    }
}

fn counterparties(now: &Takings, at_target: &Takings) -> Vec<Counterparty> {
    let mut all: BTreeMap<AccountId, (Given, Given)> = BTreeMap::new();
    for (account, given) in now {
        all.entry(*account).or_default().0 = *given;
    }
    for (account, given) in at_target {
        all.entry(*account).or_default().1 = *given;
    }
    let pairs = all.into_iter();
    pairs
        .map(|(account, (now, at_target))| Counterparty {
            account,
            now,
            at_target,
        })
        .collect()
}
