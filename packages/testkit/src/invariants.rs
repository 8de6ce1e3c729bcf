//! The invariants of the suite, by the numbers of the design. One list for tests, fuzzer and demo.

mod books;
mod draws;
mod fund;
mod outflow;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use cosmwasm_std::Event;
use perp_core::units::FIXED;
use perp_interface::market::LossResponse;
use perp_interface::{queue, LossId, MarketId, PerLot, Side};

use crate::chain::{Chain, ChainResult};
use crate::order::standing;
use crate::receipts;
use crate::scan::{self, Scan};

/// A violated invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Its number in the design.
    pub invariant: u8,
    /// What is wrong, with the numbers.
    pub text: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invariant {}: {}", self.invariant, self.text)
    }
}

/// Collects violations.
#[derive(Debug, Default)]
struct Findings(Vec<Violation>);

impl Findings {
    fn check(&mut self, invariant: u8, holds: bool, text: impl FnOnce() -> String) {
        if !holds {
            self.0.push(Violation {
                invariant,
                text: text(),
            });
        }
    }
}

/// Panics with every violation.
///
/// # Panics
/// If there is one.
pub fn assert_all(chain: &Chain) {
    let found = violations(chain).expect("the contracts answer");
    assert!(
        found.is_empty(),
        "{}",
        found
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    );
}

/// 8, as far as receipts show it: a fill takes from the profit of the lots that it closes and never
/// more (unless the policy of its loss does not protect principal), one at the mark takes nothing,
/// and a haircut takes something.
pub fn receipt_violations(events: &[Event], unprotected: &BTreeSet<LossId>) -> Vec<Violation> {
    let mut found = Findings::default();
    for fill in receipts::of_kind(events, "adl_fill") {
        let (profit, charge) = (fill.number("profit"), fill.number("charge"));
        let fair = match fill.number("pass") {
            1 | 2 | 6 | 7 if unprotected.contains(&(fill.number("loss_id") as LossId)) => {
                charge >= 0
            }
            1 | 2 | 6 | 7 => profit > 0 && (0..=profit).contains(&charge),
            _ => charge == 0,
        };
        found.check(8, fair && fill.number("lots") > 0, || format!("{fill:?}"));
    }
    for haircut in receipts::of_kind(events, "adl_haircut") {
        found.check(8, haircut.number("amount") > 0, || format!("{haircut:?}"));
    }
    found.0
}

/// Every violation of the invariants that a state alone can show.
///
/// # Errors
/// What a contract answers.
pub fn violations(chain: &Chain) -> ChainResult<Vec<Violation>> {
    let scan = Scan::take(chain)?;
    let mut found = Findings(violations_but_audit(chain, &scan)?);
    for market in &scan.markets {
        audit(chain, market.market, &mut found)?;
    }
    Ok(found.0)
}

/// The same without the queue's own audit, which looks at all accounts once for each market: too long with
/// hundreds of them. What it finds of 3 and 4 is checked here by a scan.
///
/// # Errors
/// What a contract answers.
pub fn violations_but_audit(chain: &Chain, scan: &Scan) -> ChainResult<Vec<Violation>> {
    let mut found = Findings::default();
    conservation(scan, &mut found);
    open_interest(scan, &mut found);
    ranking(chain, scan, &mut found)?;
    fund::fund(chain, scan, &mut found)?;
    losses(scan, &mut found);
    accounts(scan, &mut found);
    outflow::margins(chain, scan, &mut found)?;
    books::books(chain, scan, &mut found)?;
    Ok(found.0)
}

/// 1: coins, and the funding pool of each market.
fn conservation(scan: &Scan, found: &mut Findings) {
    found.check(1, scan.conservation_error() == 0, || {
        format!(
            "the market holds {} and books {}",
            scan.market_balance,
            scan.booked()
        )
    });
    for market in &scan.markets {
        let open: i128 = scan
            .positions(market.market)
            .map(|(_, p)| p.side.sign() * i128::from(p.lots.0) * (market.index.0 - p.index.0))
            .sum();
        let dust = market.funding_pool.0 * FIXED + open;
        found.check(1, dust >= 0, || {
            format!("market {}: funding dust {dust}", market.market)
        });
    }
}

/// 2: long lots equal short lots.
fn open_interest(scan: &Scan, found: &mut Findings) {
    for market in &scan.markets {
        let sum = |side| -> u64 {
            scan.positions(market.market)
                .filter(|(_, p)| p.side == side)
                .map(|(_, p)| p.lots.0)
                .sum()
        };
        let (long, short) = (sum(Side::Long), sum(Side::Short));
        found.check(2, long == short && long == market.open_interest.0, || {
            format!(
                "market {}: {long} long, {short} short, {} recorded",
                market.market, market.open_interest
            )
        });
    }
}

/// 3 and 4: every open position of a clean account has exactly one key with its inputs, nothing
/// else has one, and totals and histograms of the classes are those of a full scan.
fn ranking(chain: &Chain, scan: &Scan, found: &mut Findings) -> ChainResult<()> {
    for market in &scan.markets {
        for side in [Side::Long, Side::Short] {
            let index = scan::index(chain, market.market, side)?;
            keys(chain, scan, (market.market, side), &index, found)?;
            let mut totals: BTreeMap<u16, (u64, u64)> = BTreeMap::new();
            for entry in &index {
                let total = totals.entry(entry.class).or_default();
                total.0 += 1;
                total.1 += entry.lots.0;
            }
            let stored = scan::classes(chain, market.market, side)?;
            let stored: BTreeMap<_, _> = stored
                .classes
                .iter()
                .map(|c| (c.class, (c.positions, c.lots.0)))
                .collect();
            found.check(4, stored == totals, || {
                format!(
                    "market {} {side}: totals {stored:?}, scan {totals:?}",
                    market.market
                )
            });
            histograms(chain, (market.market, side), &index, found)?;
        }
    }
    Ok(())
}

/// 3 and 4 as the queue sees them: its own audit finds nothing but accounts that are known to be
/// behind.
fn audit(chain: &Chain, market: MarketId, found: &mut Findings) -> ChainResult<()> {
    for finding in scan::audit(chain, market)? {
        let expected = match &finding {
            queue::AuditFinding::Dirty { account } => is_dirty(chain, *account)?,
            queue::AuditFinding::CollateralSinceTouch { .. } => true,
            _ => false,
        };
        found.check(3, expected, || {
            format!("audit of market {market}: {finding:?}")
        });
    }
    Ok(())
}

/// 4: every class has the histogram of its records at its shift, by the definition of a bucket.
fn histograms(
    chain: &Chain,
    (market, side): (MarketId, Side),
    index: &[queue::IndexEntry],
    found: &mut Findings,
) -> ChainResult<()> {
    let mut classes: BTreeMap<u16, Vec<(i128, u64)>> = BTreeMap::new();
    for entry in index {
        let record = (side.sign() * entry.entry.0, entry.lots.0);
        classes.entry(entry.class).or_default().push(record);
    }
    for stored in scan::histograms(chain, market, side)? {
        let width = 1i128 << stored.shift;
        let mut buckets: BTreeMap<i128, u64> = BTreeMap::new();
        for (order, lots) in classes.remove(&stored.class).unwrap_or_default() {
            *buckets.entry(order.div_euclid(width) * width).or_default() += lots;
        }
        let kept = stored.buckets.iter().map(|b| (b.low.0, b.lots.0));
        let agrees = kept.eq(buckets.clone()) && !buckets.is_empty() && buckets.len() <= 16;
        found.check(4, agrees, || {
            format!("market {market} {side}: histogram {stored:?}, scan {buckets:?}")
        });
    }
    found.check(4, classes.is_empty(), || {
        format!("market {market} {side}: no histograms of {classes:?}")
    });
    Ok(())
}

fn keys(
    chain: &Chain,
    scan: &Scan,
    (market, side): (MarketId, Side),
    index: &[queue::IndexEntry],
    found: &mut Findings,
) -> ChainResult<()> {
    let mut keys: BTreeMap<u64, Vec<&queue::IndexEntry>> = BTreeMap::new();
    for entry in index {
        keys.entry(entry.account).or_default().push(entry);
    }
    for (account, position) in scan.positions(market).filter(|(_, p)| p.side == side) {
        let own = keys.remove(&account.account).unwrap_or_default();
        if is_dirty(chain, account.account)? {
            continue;
        }
        let want = standing(scan, account, position);
        let name = || format!("account {} in market {market} {side}", account.account);
        found.check(3, own.len() == 1, || {
            format!("{} has {} keys", name(), own.len())
        });
        let Some(key) = own.first() else { continue };
        // A fill rewrites the key of its own market only: the others keep the collateral of their
        // last touch.
        let collateral_is_known = account.positions.len() == 1
            && !account.locked
            && !chain.collateral_is_stale(account.account);
        let agrees = key.entry == PerLot(want.entry)
            && key.lots.0 == want.lots
            && (key.class == want.class || !collateral_is_known);
        found.check(3, agrees, || {
            format!("{}: key {key:?}, position {want:?}", name())
        });
    }
    for (account, left) in keys {
        let dirty = is_dirty(chain, account)?;
        found.check(3, dirty, || {
            format!("account {account} has no position in market {market} {side} but {left:?}")
        });
    }
    Ok(())
}

/// Whether the market or the queue knows that an account's keys are out of date.
fn is_dirty(chain: &Chain, account: u64) -> ChainResult<bool> {
    let query =
        perp_interface::market::QueryMsg::IsDirty(perp_interface::market::AccountByIdQuery {
            account,
        });
    if chain.query::<bool>(&chain.addresses.market, &query)? {
        return Ok(true);
    }
    let query = queue::QueryMsg::IsDirty(queue::IsDirty { account });
    chain.query(&chain.addresses.queue, &query)
}

/// 7: per loss, lots and money exact at every moment.
fn losses(scan: &Scan, found: &mut Findings) {
    for loss in &scan.losses {
        found.check(7, is_exact(loss), || format!("{loss:?}"));
        let left = loss.lots_left.0 > 0 || loss.need_left.0 > 0;
        found.check(7, loss.closed != left, || {
            format!(
                "loss {} closed {} with {left} left",
                loss.terms.loss_id, loss.closed
            )
        });
    }
}

/// The two equations of a loss.
pub fn is_exact(loss: &LossResponse) -> bool {
    let raised = loss.fund_used.0 + loss.adl_taken.0 + loss.haircut.0 + loss.bad_debt.0;
    loss.need.0 + loss.slippage.0 == raised + loss.need_left.0
        && loss.lots.0 == loss.book_lots.0 + loss.adl_lots.0 + loss.lots_left.0
}

/// Debts are what cash is below zero; gates stand exactly while losses are open.
fn accounts(scan: &Scan, found: &mut Findings) {
    for account in &scan.accounts {
        let debts: i128 = account.debts.iter().map(|d| d.amount.0).sum();
        found.check(1, debts == (-account.cash.0).max(0), || {
            format!(
                "account {}: cash {}, debts {debts}",
                account.account, account.cash
            )
        });
        let open = scan
            .losses
            .iter()
            .any(|l| l.account == account.account && !l.closed);
        found.check(10, open == account.locked, || {
            format!(
                "account {} locked {}, open losses {open}",
                account.account, account.locked
            )
        });
    }
    for market in &scan.markets {
        let gates = scan
            .losses
            .iter()
            .any(|l| l.terms.market == market.market && !l.closed);
        found.check(10, !gates || market.deleveraging.is_some(), || {
            format!("market {} is open beside an open loss", market.market)
        });
        if let Some(by) = market.deleveraging {
            let open = scan.losses.iter().any(|l| l.account == by && !l.closed);
            found.check(10, open, || {
                format!(
                    "market {} is gated by account {by} without a loss",
                    market.market
                )
            });
        }
    }
}
