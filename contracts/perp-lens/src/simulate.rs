//! What other margin tiers do to accounts: one after the other, nothing read and nothing asked.

use std::collections::BTreeMap;

use perp_core::margin::Tier;
use perp_interface::lens::{AccountImpact, MarketTotals, Requirements};
use perp_interface::market::AccountResponse;
use perp_interface::params::MarketParams;
use perp_interface::{MarketId, Price, Quote};

use crate::error::ContractResult;
use crate::plan::Outline;
use crate::sheet::{Market, Sheet};

/// The margin tiers of a market on their way.
#[derive(Clone, Debug)]
pub struct Tiers {
    now: Vec<Tier>,
    at: u64,
    at_once: Vec<Tier>,
    later: Vec<(u64, Vec<Tier>)>,
    target: Vec<Tier>,
}

impl From<&Outline<MarketParams>> for Tiers {
    fn from(outline: &Outline<MarketParams>) -> Self {
        let of = |params: &MarketParams| params.tiers.iter().map(Tier::from).collect();
        Self {
            now: of(&outline.now),
            at: outline.plan.at,
            at_once: of(&outline.at_once),
            later: (outline.later.iter())
                .map(|(due, params)| (*due, of(params)))
                .collect(),
            target: of(&outline.target),
        }
    }
}

/// One page: what it finds, and its sums.
#[derive(Debug)]
pub struct Page {
    market: MarketId,
    tiers: Tiers,
    /// Accounts with a position in the market.
    pub accounts: Vec<AccountImpact>,
    /// Sums over them.
    pub totals: MarketTotals,
}

impl Page {
    /// An empty page.
    pub fn new(market: MarketId, tiers: Tiers) -> Self {
        Self {
            market,
            tiers,
            accounts: Vec::new(),
            totals: MarketTotals::default(),
        }
    }

    /// Adds the next account.
    ///
    /// # Errors
    /// `Overflow`; `UnknownMarket` if a market or its price is missing.
    pub fn add(
        &mut self,
        account: &AccountResponse,
        markets: &BTreeMap<MarketId, Market>,
        prices: &BTreeMap<MarketId, Price>,
    ) -> ContractResult<()> {
        // Far fewer than 2^64 accounts are on a page.
        self.totals.accounts += 1;
        if account.locked {
            self.totals.locked += 1;
            return Ok(());
        }
        if !account.positions.iter().any(|p| p.market == self.market) {
            return Ok(());
        }
        let sheet = Sheet::new(account, markets, prices)?;
        let Some(leg) = sheet.leg(self.market) else {
            return Ok(());
        };
        let Some(side) = leg.position.side() else {
            return Ok(());
        };
        let held = Held {
            equity: sheet.equity()?,
            usable: sheet.usable_equity()?,
        };
        let with = |tiers: &[Tier]| sheet.requirements_with(self.market, tiers);
        let (now, at_once) = (with(&self.tiers.now)?, with(&self.tiers.at_once)?);
        let mut moments = vec![(self.tiers.at, at_once)];
        for (due, tiers) in &self.tiers.later {
            moments.push((*due, with(tiers)?));
        }
        let first = |is_low: &dyn Fn(&Requirements) -> bool| {
            let low = moments.iter().find(|(_, required)| is_low(required));
            low.map(|(from, _)| *from).filter(|_| !is_low(&now))
        };
        let impact = AccountImpact {
            account: account.account,
            side,
            lots: leg.position.size(),
            equity: held.equity,
            usable: held.usable,
            now,
            at_once,
            at_target: with(&self.tiers.target)?,
            liquidatable: held.is_liquidatable(&now),
            liquidatable_from: first(&|required| held.is_liquidatable(required)),
            below_initial: held.is_below_initial(&now),
            below_initial_from: first(&|required| held.is_below_initial(required)),
        };
        sum(&mut self.totals, &impact)?;
        self.accounts.push(impact);
        Ok(())
    }
}

/// What an account has, to hold against what it must have.
#[derive(Clone, Copy)]
struct Held {
    equity: Quote,
    usable: Quote,
}

impl Held {
    /// By the rule of `Liquidate`.
    fn is_liquidatable(&self, required: &Requirements) -> bool {
        self.equity < required.maintenance || self.equity < Quote::ZERO
    }

    /// By the rule for opening.
    fn is_below_initial(&self, required: &Requirements) -> bool {
        self.usable < required.initial
    }
}

fn sum(totals: &mut MarketTotals, impact: &AccountImpact) -> ContractResult<()> {
    let add = |sums: &mut Requirements, more: &Requirements| -> ContractResult<()> {
        sums.initial = sums.initial.plus(more.initial)?;
        sums.maintenance = sums.maintenance.plus(more.maintenance)?;
        Ok(())
    };
    totals.positions += 1;
    totals.liquidatable += u64::from(impact.liquidatable);
    totals.becomes_liquidatable += u64::from(impact.liquidatable_from.is_some());
    totals.below_initial += u64::from(impact.below_initial);
    totals.becomes_below_initial += u64::from(impact.below_initial_from.is_some());
    add(&mut totals.now, &impact.now)?;
    add(&mut totals.at_once, &impact.at_once)?;
    add(&mut totals.at_target, &impact.at_target)
}
