//! What is sent next. Pure: a view and a memory give a list, always in the same order.

use std::collections::BTreeSet;

use perp_interface::queue::JobResponse;
use perp_interface::{LossId, Quote};

use super::memory::{Memory, Retry};
use super::view::View;
use super::work::{Kind, Work};

/// Most accounts of one `Refresh`.
pub(super) const MOST_REFRESHED: u32 = 50;

/// What a keeper does.
#[derive(Clone, Debug)]
pub struct Config {
    /// Kinds of work that it leaves to others.
    pub skip: BTreeSet<Kind>,
    /// Units of work of one step; none: as many as the queue allows.
    pub step_limit: Option<u32>,
    /// Whether it closes at the mark what the queue does not move.
    pub force: bool,
    /// Lights are published when they are this many blocks old; none: never.
    pub lights_blocks: Option<u64>,
    /// Fees are collected from this amount on, in quote units; at least 1.
    pub fees_from: Quote,
    /// What is owed is taken from this amount on, in quote units; at least 1.
    pub owed_from: Quote,
    /// Most works of one round, so that they are not decided by an old view.
    pub works: usize,
    /// How long works wait after a failure.
    pub retry: Retry,
}

impl Default for Config {
    /// Everything but forcing and lights.
    fn default() -> Self {
        Self {
            skip: BTreeSet::new(),
            step_limit: None,
            force: false,
            lights_blocks: None,
            fees_from: Quote(1_000_000),
            owed_from: Quote(1_000_000),
            works: 20,
            retry: Retry::default(),
        }
    }
}

/// A work, and what it would change: if that is the same afterwards, it was in vain.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// The work.
    pub work: Work,
    /// How what it changes stands now.
    pub from: String,
}

impl Planned {
    fn new(work: Work, from: impl ToString) -> Self {
        Self {
            work,
            from: from.to_string(),
        }
    }
}

/// What to send, the most urgent first. No two have the same key, and none is under way.
pub fn plan(view: &View, config: &Config, memory: &Memory) -> Vec<Planned> {
    let mut all = Vec::new();
    if !view.new_prices.is_empty() {
        all.push(Planned::new(Work::SetPrices(view.new_prices.clone()), ""));
    }
    all.extend(losses(view, config, memory));
    let ready = view.liquidatable.iter().filter(|l| !l.gated);
    all.extend(ready.map(|l| Planned::new(Work::Liquidate(l.account), &l.holdings)));
    all.extend(changes(view));
    all.extend(refresh(view, memory));
    all.extend(house(view, config));
    // A stable sort: within a kind the order is the one above.
    all.sort_by_key(|planned| planned.work.kind());
    let mut keys = BTreeSet::new();
    all.retain(|planned| {
        let key = planned.work.key();
        !config.skip.contains(&key.kind)
            && memory.admits(key, &planned.from, view.height)
            && keys.insert(key)
    });
    all.truncate(config.works);
    all
}

/// The queue works on its first job only; the others wait for it. A loss without a job waits for
/// the fund.
fn losses(view: &View, config: &Config, memory: &Memory) -> Vec<Planned> {
    let mut all: Vec<Planned> = forced(view, config, memory).into_iter().collect();
    if !view.queue_answers {
        return all;
    }
    if let Some(job) = view.jobs.first() {
        let loss_id = job.terms.loss_id;
        let most = config.step_limit.unwrap_or(view.step_limit);
        let limit = memory.size(Kind::ContinueDeleverage, most.min(view.step_limit));
        let limit = (limit < view.step_limit).then_some(limit.max(1));
        let work = Work::ContinueDeleverage { loss_id, limit };
        all.push(Planned::new(work, standing(job, view)));
    }
    let jobs: BTreeSet<LossId> = view.jobs.iter().map(|job| job.terms.loss_id).collect();
    for open in &view.losses {
        let loss_id = open.loss.terms.loss_id;
        if !jobs.contains(&loss_id) {
            let from = format!("{} {}", open.loss.lots_left, open.loss.need_left);
            all.push(Planned::new(Work::ResumeLoss(loss_id), from));
        }
    }
    let untold = view.untold.iter();
    all.extend(untold.map(|loss_id| Planned::new(Work::ResumeLoss(*loss_id), "untold")));
    all
}

/// How a job stands. Every step that the market has made counts there, also one that took nothing;
/// the walk before the first pass shows nowhere, but asks no other contract: it cannot fail unseen.
fn standing(job: &JobResponse, view: &View) -> String {
    let open = view.losses.iter().map(|open| &open.loss);
    let loss = open.clone().find(|l| l.terms.loss_id == job.terms.loss_id);
    let steps = loss.map_or(0, |loss| loss.steps);
    let walk = if job.set_is_known { 0 } else { view.height };
    let place = (job.pass.number(), job.visited, walk);
    format!("{} {} {place:?} {steps}", job.lots, job.need)
}

/// The first loss only: the market refuses the others before it.
fn forced(view: &View, config: &Config, memory: &Memory) -> Option<Planned> {
    let first = view.losses.first().filter(|_| config.force)?;
    let loss_id = first.loss.terms.loss_id;
    let is_still = memory.still_for(loss_id, view.height) >= view.force_after;
    if !is_still || first.counterparties.is_empty() {
        return None;
    }
    let work = Work::ForceLoss {
        loss_id,
        accounts: first.counterparties.clone(),
    };
    let from = format!("{} {}", first.loss.lots_left, first.loss.need_left);
    Some(Planned::new(work, from))
}

fn changes(view: &View) -> impl Iterator<Item = Planned> + '_ {
    let due = view.pending.iter().filter(|change| change.due <= view.time);
    due.map(|change| {
        let work = Work::ApplyPending {
            contract: change.contract,
            market: change.market,
        };
        Planned::new(work, format!("{} {}", change.version, change.due))
    })
}

/// While a job is open the queue keeps the order of its market: what it was not told of then is
/// told afterwards.
fn refresh(view: &View, memory: &Memory) -> Option<Planned> {
    if view.dirty.is_empty() || !view.jobs.is_empty() || !view.queue_answers {
        return None;
    }
    let most = memory.size(Kind::Refresh, MOST_REFRESHED).max(1);
    let accounts: Vec<_> = view.dirty.iter().copied().take(most as usize).collect();
    let from = format!("{accounts:?}");
    Some(Planned::new(Work::Refresh(accounts), from))
}

/// What nobody waits for.
fn house(view: &View, config: &Config) -> Vec<Planned> {
    let mut all = Vec::new();
    for market in &view.markets {
        if market.deleveraging.is_none() && market.fees >= config.fees_from.max(Quote(1)) {
            let work = Work::CollectFees(market.market);
            all.push(Planned::new(work, market.fees));
        }
    }
    for lights in &view.lights {
        let Some(blocks) = config.lights_blocks else {
            break;
        };
        if lights.published.is_none_or(|at| at + blocks <= view.height) {
            let work = Work::PublishLights(lights.market, lights.side);
            all.push(Planned::new(work, format!("{:?}", lights.published)));
        }
    }
    if let Some(me) = view
        .me
        .as_ref()
        .filter(|_| view.owed >= config.owed_from.max(Quote(1)))
    {
        all.push(Planned::new(Work::PayOwed(me.clone()), view.owed));
    }
    all
}
