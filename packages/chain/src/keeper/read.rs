//! Reads a view of the chain, at a bounded number of questions.

use std::collections::{BTreeMap, BTreeSet};

use perp_interface::feed::PriceUpdate;
use perp_interface::market::{AccountResponse, ConfigResponse, MarketResponse};
use perp_interface::queue::JobsResponse;
use perp_interface::{feed, fund, market, queue, AccountId, LossId, MarketId};
use perps_cli::verify::{Querier, QueryError};

use super::book::{Book, Marks};
use super::look::{by_market, Look, MOST_FORCED, MOST_PAGES, PAGE};
use super::plan::Config;
use super::view::{Lights, Liquidatable, Pending, View};
use super::work::{Contract, Contracts};

/// How much is read at one look.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Accounts of one page. At most 1 000.
    pub page: u32,
    /// Pages of accounts, apart from the one with new accounts.
    pub pages: u32,
    /// Accounts near their requirement that are read again.
    pub near: usize,
    /// Accounts of which the queue is asked whether it was told of them.
    pub dirty: usize,
    /// Blocks between two looks at what nobody waits for: changes, lights, bounties, the queue's
    /// knowledge of accounts.
    pub slow_blocks: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            page: 100,
            pages: 2,
            near: 20,
            dirty: 20,
            slow_blocks: 10,
        }
    }
}

/// Most pages of accounts that were never read: a keeper that starts reads all soon.
const MOST_NEW_PAGES: usize = 10;
/// Reads views, and keeps what need not be asked for again.
#[derive(Debug)]
pub struct Reader {
    contracts: Contracts,
    bounds: Bounds,
    me: Option<String>,
    book: Book,
    dirty_from: Option<AccountId>,
    /// All losses up to here are closed, as the fund knows.
    told_to: Option<LossId>,
    slow: Slow,
}

/// What is not read at every look.
#[derive(Clone, Debug, Default)]
struct Slow {
    read_at: Option<u64>,
    pending: Vec<Pending>,
    lights: Vec<Lights>,
    dirty: BTreeSet<AccountId>,
}

impl Contracts {
    /// The market contract names the others.
    ///
    /// # Errors
    /// What the market answers, or that it is not connected.
    pub fn of_market(querier: &impl Querier, market: &str) -> Result<Self, QueryError> {
        let config: ConfigResponse = querier.ask(market, &market::QueryMsg::Config {})?;
        match (config.fund, config.queue, config.feed) {
            (Some(fund), Some(queue), Some(feed)) => Ok(Self {
                market: market.to_owned(),
                fund,
                queue,
                feed,
            }),
            _ => Err(QueryError(format!(
                "not_connected: the market contract {market} does not name the others"
            ))),
        }
    }
}

impl Reader {
    /// Reads for a keeper at this address.
    pub fn new(contracts: Contracts, bounds: Bounds, me: Option<String>) -> Self {
        Self {
            contracts,
            bounds,
            me,
            book: Book::default(),
            dirty_from: None,
            told_to: None,
            slow: Slow::default(),
        }
    }

    /// Prices that the feed has of these markets, listed or not. One has none before its first price.
    pub fn prices(
        &self,
        querier: &impl Querier,
        markets: Vec<MarketId>,
    ) -> BTreeMap<MarketId, PriceUpdate> {
        let look = Look::new(querier, &self.contracts);
        let each = markets.into_iter().map(|market| look.stored(vec![market]));
        by_market(each.flat_map(Result::unwrap_or_default))
    }

    /// What the chain says now.
    ///
    /// `waiting`: accounts whose liquidation was tried and waits; the others are looked at before them.
    ///
    /// # Errors
    /// If the node does not answer, or the market does not.
    pub fn read(
        &mut self,
        querier: &impl Querier,
        config: &Config,
        waiting: &BTreeSet<AccountId>,
    ) -> Result<View, QueryError> {
        let block = querier.block()?;
        let contracts = self.contracts.clone();
        let mut look = Look::new(querier, &contracts);
        let markets = look.markets()?;
        let exchange: ConfigResponse = look.ask(Contract::Market, &market::QueryMsg::Config {})?;
        let params: Option<feed::ConfigResponse> =
            look.try_ask(Contract::Feed, &feed::QueryMsg::Config {});
        // Liquidation and `ForceLoss` need no queue.
        let policy: Option<queue::ConfigResponse> =
            look.try_ask(Contract::Queue, &queue::QueryMsg::Config {});
        let jobs: Option<JobsResponse> = look.try_ask(Contract::Queue, &queue::QueryMsg::Jobs {});
        let mut view = View {
            height: block.height,
            time: block.time,
            prices: look.prices(&markets),
            feed: params.map(|config| config.params).unwrap_or_default(),
            losses: look.losses(config)?,
            queue_answers: policy.is_some() && jobs.is_some(),
            jobs: jobs.map(|jobs| jobs.jobs).unwrap_or_default(),
            step_limit: policy.map_or(1, |policy| policy.params.step_limit),
            force_after: exchange.params.force_after_blocks,
            me: self.me.clone(),
            markets,
            ..View::default()
        };
        self.read_fund(&mut look, &mut view);
        self.read_accounts(&mut look, &mut view, waiting);
        self.read_slow(&mut look, &mut view, config);
        if config.force {
            self.name_counterparties(&mut view);
        }
        view.complaints = look.complaints;
        // Half a view would be taken for a whole one.
        look.silent.map_or(Ok(view), Err)
    }

    /// The fund's record of losses: since when they are open, and of whose end it was not told.
    fn read_fund<Q: Querier>(&mut self, look: &mut Look<'_, Q>, view: &mut View) {
        let mut after = self.told_to;
        let mut all_closed = true;
        for _ in 0..MOST_PAGES {
            let query = fund::QueryMsg::Losses(fund::LossesQuery {
                start_after: after,
                limit: Some(PAGE),
            });
            let page: Option<fund::LossesResponse> = look.try_ask(Contract::Fund, &query);
            let losses = page.map(|page| page.losses).unwrap_or_default();
            for record in &losses {
                all_closed &= record.closed;
                if all_closed {
                    self.told_to = Some(record.loss_id);
                }
                let mut open = view.losses.iter_mut();
                match open.find(|open| open.loss.terms.loss_id == record.loss_id) {
                    Some(open) => open.since = Some(record.height),
                    None if !record.closed => view.untold.push(record.loss_id),
                    None => {}
                }
            }
            if losses.len() < PAGE as usize {
                break;
            }
            after = losses.last().map(|record| record.loss_id);
        }
    }

    /// Without the queue the largest positions of the other side are the counterparties: a forced loss has no ranks.
    fn name_counterparties(&self, view: &mut View) {
        for open in view.losses.iter_mut().take(1) {
            if open.counterparties.is_empty() {
                let (terms, loser) = (&open.loss.terms, open.loss.account);
                let holders = self.book.holders(terms.market, terms.side.opposite());
                let others = holders.into_iter().filter(|account| *account != loser);
                open.counterparties = others.take(MOST_FORCED as usize).collect();
            }
        }
    }

    fn read_accounts<Q: Querier>(
        &mut self,
        look: &mut Look<'_, Q>,
        view: &mut View,
        waiting: &BTreeSet<AccountId>,
    ) {
        for _ in 0..MOST_NEW_PAGES {
            let (new, next) = look.page(self.book.last(), self.bounds.page);
            let is_last = new.is_empty() || next.is_none();
            self.book.put(new);
            if is_last {
                break;
            }
        }
        for _ in 0..self.bounds.pages {
            let (accounts, next) = look.page(self.book.cursor(), self.bounds.page);
            self.book.put(accounts);
            self.book.move_to(next);
            if next.is_none() {
                break;
            }
        }
        let marks = Marks::new(&view.markets, &view.prices);
        let mut near = self.book.near(&marks);
        // Accounts that nobody can liquidate now must not keep those from being seen that somebody can. A stable
        // sort: the worst stay first.
        let is_gated_now = |id: AccountId| {
            let account = self.book.get(id);
            account.is_some_and(|account| is_gated(account, &view.markets))
        };
        near.sort_by_key(|value| {
            (
                is_gated_now(value.account),
                waiting.contains(&value.account),
            )
        });
        let rest = near.iter().skip(self.bounds.near);
        view.unread = rest
            .filter(|value| value.is_below() && !is_gated_now(value.account))
            .count();
        for value in near.iter().take(self.bounds.near) {
            // It may have traded since: what is sent is decided by the market's own answer.
            let account = look.account(value.account);
            self.book.put(account);
            let Some(account) = self.book.get(value.account) else {
                continue;
            };
            let below = marks.value(account);
            if below.is_none_or(|value| !value.is_below()) {
                continue;
            }
            let (gated, holdings) = (is_gated(account, &view.markets), holdings(account));
            let health = look.health(value.account);
            let found = health.filter(|health| health.liquidatable);
            view.liquidatable.extend(found.map(|health| Liquidatable {
                account: value.account,
                equity: health.equity,
                maintenance: health.maintenance,
                gated,
                holdings,
            }));
        }
        let cushion = |l: &Liquidatable| l.equity.0.saturating_sub(l.maintenance.0);
        view.liquidatable.sort_by_key(|l| (cushion(l), l.account));
        view.known = self.book.len();
    }

    fn read_slow<Q: Querier>(&mut self, look: &mut Look<'_, Q>, view: &mut View, config: &Config) {
        let due = self.slow.read_at.map(|at| at + self.bounds.slow_blocks);
        if due.is_none_or(|due| view.height >= due) {
            self.slow = Slow {
                read_at: Some(view.height),
                pending: look.pending(&view.markets),
                lights: match config.lights_blocks {
                    Some(_) => look.lights(&view.markets),
                    None => Vec::new(),
                },
                dirty: self.dirty(look),
            };
        }
        if let Some(me) = &self.me {
            let query = fund::QueryMsg::Owed(fund::OwedQuery { to: me.clone() });
            let owed: Option<fund::OwedResponse> = look.try_ask(Contract::Fund, &query);
            view.owed = owed.map(|owed| owed.amount).unwrap_or_default();
        }
        let Slow {
            pending,
            lights,
            dirty,
            ..
        } = self.slow.clone();
        (view.pending, view.lights, view.dirty) = (pending, lights, dirty);
    }

    /// The next accounts in the circle, and those that were dirty the last time.
    fn dirty<Q: Querier>(&mut self, look: &mut Look<'_, Q>) -> BTreeSet<AccountId> {
        let next = self.book.after(self.dirty_from, self.bounds.dirty);
        self.dirty_from = next.last().copied();
        let asked = self.slow.dirty.iter().copied().chain(next);
        let asked: BTreeSet<AccountId> = asked.collect();
        asked.into_iter().filter(|a| look.is_dirty(*a)).collect()
    }

    /// What was sent may have changed what is read slowly: it is read again at the next look.
    pub fn refresh(&mut self) {
        self.slow.read_at = None;
    }
}

fn is_gated(account: &AccountResponse, markets: &[MarketResponse]) -> bool {
    let gated = |market: MarketId| {
        let found = markets.iter().find(|of| of.market == market);
        found.is_some_and(|of| of.deleveraging.is_some())
    };
    account.locked
        || account.positions.iter().any(|held| gated(held.market))
        || account.debts.iter().any(|debt| gated(debt.market))
}

fn holdings(account: &AccountResponse) -> String {
    let lots: Vec<_> = account.positions.iter().map(|p| p.lots.0).collect();
    format!("{} {lots:?}", account.cash)
}
