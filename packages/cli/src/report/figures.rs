//! Totals, checks, settings and the full list of losses.

use crate::amount::{grouped, Amount};
use crate::result::{DemoResult, LossRow, Params, SolventRow, Totals};
use crate::summary::plural;

use super::markup::{
    amount_cell, check_list, escaped, header, money, number_cell, percent, ratio, scrolling,
    swatch, Part,
};
use super::waterfall::{bar, parts};

/// The figures under the first sentence, and the whole waterfall as one bar.
pub(super) fn overview(result: &DemoResult) -> String {
    let totals = &result.totals;
    format!(
        "{}{}",
        headline((totals.needed, totals.slippage), parts(totals)),
        bar("bar total", "The whole waterfall", totals)
    )
}

/// What was owed, need and slippage, and who paid it.
pub(super) fn headline((needed, slippage): (Amount, Amount), paid: [(Part, Amount); 4]) -> String {
    let owed = Amount(needed.0.saturating_add(slippage.0));
    let mut items = item("Needed", needed, "");
    items.push_str(&item("Book slippage", slippage, ""));
    for (part, amount) in paid {
        let name = format!("{}{}", swatch(part.class), part.name);
        let share = format!("<small>{}</small>", percent(ratio(amount, owed)));
        items.push_str(&item(&name, amount, &share));
    }
    format!(r#"<dl class="figures">{items}</dl>"#)
}

fn item(name: &str, amount: Amount, below: &str) -> String {
    format!(
        r#"<div><dt>{name}</dt><dd title="{} USDC">{}{below}</dd></div>"#,
        amount.exact(),
        money(amount)
    )
}

pub(super) fn totals(result: &DemoResult) -> String {
    let totals = &result.totals;
    let amounts = [
        ("Needed by bankrupt accounts", totals.needed),
        ("Book slippage", totals.slippage),
        ("Paid by the insurance fund", totals.fund_used),
        ("Taken from deleveraged counterparties", totals.adl_taken),
        ("Taken by the profit haircut", totals.haircut),
        ("Left as bad debt", totals.bad_debt),
    ];
    let counts = [
        ("Lots of bankrupt positions", totals.lots.0),
        ("Lots closed on the book", totals.book_lots.0),
        ("Lots closed by deleveraging", totals.adl_lots.0),
        ("Fills", totals.fills.into()),
        ("Steps", totals.steps.into()),
    ];
    let mut rows = String::new();
    for (name, amount) in amounts {
        rows.push_str(&format!(
            r#"<tr><th scope="row">{name}</th><td class="n">{}</td></tr>"#,
            amount.exact().replace('-', "\u{2212}")
        ));
    }
    for (name, count) in counts {
        rows.push_str(&format!(
            r#"<tr><th scope="row">{name}</th><td class="n">{}</td></tr>"#,
            grouped(count)
        ));
    }
    let table = format!(
        "<table><caption>Amounts in USDC, all six decimals</caption>{}<tbody>{rows}</tbody></table>",
        header(&["Over all losses", "#Total"])
    );
    format!(
        r#"<h2>Totals and checks</h2><div class="loss">{}{}</div>"#,
        scrolling("Totals", &table),
        checks(result)
    )
}

fn checks(result: &DemoResult) -> String {
    let balanced = result.losses.iter().filter(|loss| loss.balances()).count();
    let all = result.losses.len();
    let items = [
        (
            "Losses that balance to the base unit",
            format!("{} of {}", grouped(balanced as u128), grouped(all as u128)),
            balanced == all,
        ),
        (
            "Conservation error",
            format!(
                "{} base units",
                result
                    .totals
                    .conservation_error
                    .to_string()
                    .replace('-', "\u{2212}")
            ),
            result.totals.conservation_error.is_zero(),
        ),
        (
            "Rank inversions",
            grouped(result.totals.rank_inversions.into()),
            result.totals.rank_inversions == 0,
        ),
        (
            "Charges above profit",
            grouped(result.overcharged() as u128),
            result.overcharged() == 0,
        ),
    ];
    format!(
        r#"<div><p class="soft">A loss balances when need + slippage = fund + ADL + haircut + bad debt and lots = book + ADL. Conservation compares the coins held with the books, over all accounts. An inversion is a counterparty taken before one that ranked above it. Each is exact or wrong; there is no tolerance.</p>{}</div>"#,
        check_list(items)
    )
}

/// All losses, and the rows that needed nothing, each folded away.
pub(super) fn lists(result: &DemoResult) -> String {
    let mut out = "<h2>Every loss</h2>".to_string();
    if result.losses.is_empty() {
        out.push_str("<p>There was none.</p>");
    } else {
        out.push_str(&losses(result));
    }
    if !result.solvent.is_empty() {
        out.push_str(&solvent(&result.solvent));
    }
    out
}

fn losses(result: &DemoResult) -> String {
    let rows: String = result.losses.iter().map(loss_row).collect();
    let total = totals_cells(&result.totals);
    let head = header(&[
        "#Wave",
        "Coin",
        "#Needed",
        "#Slippage",
        "#Fund",
        "#ADL",
        "#Haircut",
        "#Bad debt",
        "#Lots",
        "#Book lots",
        "#ADL lots",
        "#Fills",
        "#Steps",
    ]);
    let table = format!(
        r#"<table class="wide">{head}<tbody>{rows}<tr class="sum"><th scope="row" class="n">all</th><td></td>{total}</tr></tbody></table>"#
    );
    format!(
        "<details><summary>{}</summary>{}</details>",
        plural(result.losses.len(), "loss", "losses"),
        scrolling("Every loss", &table)
    )
}

fn loss_row(loss: &LossRow) -> String {
    // The sum over one row is that row; it cannot overflow.
    let cells = Totals::of([loss]).map_or_else(|_| String::new(), |row| totals_cells(&row));
    format!(
        r#"<tr><th scope="row" class="n">{}</th><td>{}</td>{cells}</tr>"#,
        loss.wave,
        escaped(&loss.coin)
    )
}

fn totals_cells(totals: &Totals) -> String {
    let amounts = [
        totals.needed,
        totals.slippage,
        totals.fund_used,
        totals.adl_taken,
        totals.haircut,
        totals.bad_debt,
    ];
    let counts = [
        totals.lots.0,
        totals.book_lots.0,
        totals.adl_lots.0,
        totals.fills.into(),
        totals.steps.into(),
    ];
    amounts
        .into_iter()
        .map(amount_cell)
        .chain(counts.into_iter().map(number_cell))
        .collect()
}

fn solvent(rows: &[SolventRow]) -> String {
    let body: String = rows
        .iter()
        .map(|row| {
            format!(
                r#"<tr><th scope="row" class="n">{}</th><td>{}</td>{}</tr>"#,
                row.wave,
                escaped(&row.coin),
                amount_cell(row.needed)
            )
        })
        .collect();
    format!(
        "<details><summary>{} that needed nothing</summary><table>{}<tbody>{body}</tbody></table></details>",
        plural(rows.len(), "published row", "published rows"),
        header(&["#Wave", "Coin", "#Needed"])
    )
}

pub(super) fn settings(params: &Params) -> String {
    let mut rows = String::new();
    let fixed = [
        ("wave", params.wave.clone()),
        ("seed", params.seed.to_string()),
        (
            "winners per loss (synthetic)",
            grouped(params.winners.into()),
        ),
    ];
    let named = params.settings.iter().map(|(k, v)| (k.as_str(), v.clone()));
    for (name, value) in fixed.into_iter().chain(named) {
        rows.push_str(&format!(
            r#"<tr><th scope="row">{}</th><td>{}</td></tr>"#,
            escaped(name),
            escaped(&value)
        ));
    }
    let table = format!(
        "<table>{}<tbody>{rows}</tbody></table>",
        header(&["Setting", "Value"])
    );
    format!(
        "<h2>Settings of the run</h2>{}",
        scrolling("Settings", &table)
    )
}
