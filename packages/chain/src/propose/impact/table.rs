//! The lens's answers as tables. Amounts are in quote units.

use perp_interface::lens::{
    AccountImpact, ExchangeImpact, FundImpact, HeadroomImpact, Impact, MarketImpact, MarketTotals,
    Requirements, Selection, SelectionImpact,
};

use super::super::show::date;

/// All pages of one question.
pub(super) fn lines(pages: &[Impact]) -> Vec<String> {
    let mut markets = Vec::new();
    let mut lines = Vec::new();
    for page in pages {
        match page {
            Impact::Market(impact) => markets.push(impact),
            Impact::Exchange(impact) => lines.extend(exchange(impact)),
            Impact::Fund(impact) => lines.extend(fund(impact)),
            Impact::Selection(impact) => lines.extend(selection(impact)),
            Impact::OnlyPlan {} => lines.push(
                "  whom a loss would reach: name one with --loss MARKET:SIDE:LOTS[:NEED]"
                    .to_owned(),
            ),
        }
    }
    lines.extend(market(&markets));
    lines
}

fn row(name: &str, cells: [String; 3]) -> String {
    let [now, at_once, at_target] = cells;
    format!("  {name:<24} {now:>20} {at_once:>20} {at_target:>20}")
}

fn header(name: &str) -> String {
    row(name, ["now", "at once", "in the end"].map(str::to_owned))
}

fn market(pages: &[&MarketImpact]) -> Vec<String> {
    let Some(first) = pages.first() else {
        return Vec::new();
    };
    let totals = sum(pages);
    let mut lines = vec![
        format!(
            "  mark {}, {} lots open on each side; {} accounts looked at, {} with a position here, {} left out",
            first.mark, first.open_interest, totals.accounts, totals.positions, totals.locked
        ),
        header("requirements"),
    ];
    let of = |get: fn(&Requirements) -> String| {
        [&totals.now, &totals.at_once, &totals.at_target].map(get)
    };
    lines.push(row("initial", of(|r| r.initial.to_string())));
    lines.push(row("maintenance", of(|r| r.maintenance.to_string())));
    lines.push(format!(
        "  liquidatable: {} now, {} more by the change; below initial: {} now, {} more",
        totals.liquidatable,
        totals.becomes_liquidatable,
        totals.below_initial,
        totals.becomes_below_initial
    ));
    let accounts = || pages.iter().flat_map(|page| &page.accounts);
    for account in accounts() {
        if let Some(from) = account.liquidatable_from {
            lines.push(becomes(account, "liquidatable", from));
        }
    }
    for account in accounts().filter(|account| account.liquidatable_from.is_none()) {
        if let Some(from) = account.below_initial_from {
            lines.push(becomes(account, "below initial", from));
        }
    }
    lines
}

fn becomes(account: &AccountImpact, what: &str, from: u64) -> String {
    format!(
        "  account {} ({} {} lots, equity {}, maintenance {} -> {}): {what} from {}",
        account.account,
        account.side,
        account.lots,
        account.equity,
        account.now.maintenance,
        account.at_target.maintenance,
        date(from)
    )
}

fn sum(pages: &[&MarketImpact]) -> MarketTotals {
    let mut sum = MarketTotals::default();
    let add = |to: &mut Requirements, more: Requirements| {
        to.initial.0 = to.initial.0.saturating_add(more.initial.0);
        to.maintenance.0 = to.maintenance.0.saturating_add(more.maintenance.0);
    };
    for MarketTotals {
        accounts,
        locked,
        positions,
        liquidatable,
        becomes_liquidatable,
        below_initial,
        becomes_below_initial,
        now,
        at_once,
        at_target,
    } in pages.iter().map(|page| page.totals)
    {
        sum.accounts += accounts;
        sum.locked += locked;
        sum.positions += positions;
        sum.liquidatable += liquidatable;
        sum.becomes_liquidatable += becomes_liquidatable;
        sum.below_initial += below_initial;
        sum.becomes_below_initial += becomes_below_initial;
        add(&mut sum.now, now);
        add(&mut sum.at_once, at_once);
        add(&mut sum.at_target, at_target);
    }
    sum
}

fn exchange(page: &ExchangeImpact) -> Vec<String> {
    let mut lines = vec![format!(
        "  {} accounts looked at, {} with too many positions",
        page.looked_at,
        page.above_max_positions.len()
    )];
    for account in &page.above_max_positions {
        let already = if account.already { ", already now" } else { "" };
        let (account, positions) = (account.account, account.positions);
        lines.push(format!(
            "  account {account}: {positions} positions{already}"
        ));
    }
    for price in &page.prices {
        let opens = (price.opens, price.opens_at_target);
        let reduces = (price.reduces, price.reduces_at_target);
        let shown = |(now, then): (bool, bool)| format!("{now} -> {then}");
        lines.push(format!(
            "  market {}: price {} s old; opens {}, reduces {}",
            price.market,
            price.age,
            shown(opens),
            shown(reduces)
        ));
    }
    lines
}

fn fund(page: &FundImpact) -> Vec<String> {
    page.markets.iter().flat_map(headroom).collect()
}

fn headroom(of: &HeadroomImpact) -> Vec<String> {
    let all = [&of.now, &of.at_once, &of.at_target];
    vec![
        header(&format!("market {} may draw", of.market)),
        row("one loss, all limits", all.map(|h| h.payable.to_string())),
        row("per loss", all.map(|h| h.per_loss.to_string())),
        row("block", all.map(|h| h.block.to_string())),
        row("window", all.map(|h| h.window.to_string())),
        row("market's window", all.map(|h| h.market.to_string())),
        row("down to the trip line", all.map(|h| h.drawdown.to_string())),
        row("stopped", all.map(|h| h.tripped.to_string())),
    ]
}

fn selection(of: &SelectionImpact) -> Vec<String> {
    let policy = |name: &str, s: &Selection| {
        format!(
            "  {name}: breadth {}, {} accounts reached, {} raised, {} bad debt, {} lots left{}",
            s.policy.breadth,
            s.accounts,
            s.raised,
            s.bad_debt,
            s.lots_left,
            if s.complete {
                ""
            } else {
                " (and perhaps more)"
            }
        )
    };
    let mut lines = vec![
        format!("  a loss in market {} at {}", of.market, of.mark),
        policy("now", &of.now),
        policy("in the end", &of.at_target),
    ];
    for c in &of.counterparties {
        let (now, then) = (c.now, c.at_target);
        lines.push(format!(
            "  account {}: {} -> {} lots, charged {} -> {}",
            c.account, now.lots, then.lots, now.charge, then.charge
        ));
    }
    lines
}
