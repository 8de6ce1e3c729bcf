//! Who was taken, in rank order: a chart and the first rows for each of the largest losses.

use crate::amount::{grouped, Amount, Count};
use crate::result::{DemoResult, LossRow, Taken};
use crate::summary::plural;

use super::markup::{
    amount_cell, escaped, header, money, number_cell, percent, ratio, scrolling, swatch, ADL,
    HAIRCUT,
};
use super::scale::{gridlines, nice_ceil, short, trimmed, Axis};

/// Losses with a chart.
const MOST_LOSSES: usize = 6;

/// Counterparties in the table beside a chart.
const MOST_ROWS: usize = 10;

/// More would be thinner than a pixel: a bar then stands for several.
const MOST_BARS: usize = 110;

const LEFT: f64 = 46.0;
const RIGHT: f64 = 512.0;

pub(super) fn section(result: &DemoResult) -> String {
    let mut losses: Vec<&LossRow> = result
        .losses
        .iter()
        .filter(|loss| !loss.taken.is_empty())
        .collect();
    losses.sort_by_key(|loss| std::cmp::Reverse(loss.needed));
    let heading = "<h2>Who was taken, in rank order</h2>";
    if losses.is_empty() {
        return format!("{heading}<p>Nobody was deleveraged.</p>");
    }
    let which = match losses.len() {
        n if n > MOST_LOSSES => format!(
            "The {MOST_LOSSES} largest of {} losses that reached the queue; the JSON has them all.",
            grouped(n as u128)
        ),
        _ => "Every loss that reached the queue.".to_string(),
    };
    losses.truncate(MOST_LOSSES);
    let haircut = if losses.iter().any(|loss| loss.taken.iter().any(is_haircut)) {
        format!(" {}Profit haircut, no lots closed.", swatch(HAIRCUT.class))
    } else {
        String::new()
    };
    let figures: String = losses.iter().map(|l| figure(l)).collect();
    format!(
        r#"{heading}<p class="soft">{which} Left is the first of the queue. Each winner of a loss pays the same per lot, at most its profit; so the share of profit is high where the profit per lot is low.{haircut}</p>{figures}"#
    )
}

fn figure(loss: &LossRow) -> String {
    let name = format!("{}, wave {}", escaped(&loss.coin), loss.wave);
    let charge = sum(loss.taken.iter().map(|t| t.charge));
    let profit = sum(profits_once(&loss.taken));
    let lots = loss
        .taken
        .iter()
        .fold(0_u128, |sum, t| sum.saturating_add(t.lots.0));
    let of_profit = match (charge, profit) {
        (Some(charge), Some(profit)) if profit.0 > 0 => format!(
            ", charged {} USDC, {} of the profit on it",
            money(charge),
            percent(ratio(charge, profit))
        ),
        (Some(charge), _) => format!(", charged {} USDC", money(charge)),
        _ => String::new(),
    };
    let closed = plural(loss.taken.len(), "fill", "fills");
    format!(
        r#"<h3>{name}</h3><p class="soft">{closed}, {} lots{of_profit}.</p><div class="loss">{}{}</div>"#,
        Count(lots).grouped(),
        chart(&name, &loss.taken),
        table(&name, &loss.taken)
    )
}

fn sum(amounts: impl Iterator<Item = Amount>) -> Option<Amount> {
    amounts
        .map(|amount| amount.0)
        .try_fold(0_i128, i128::checked_add)
        .map(Amount)
}

/// A haircut in P4 is charged to a profit that a fill before it may already have shown.
fn profits_once(taken: &[Taken]) -> impl Iterator<Item = Amount> + '_ {
    taken.iter().filter(|t| !is_haircut(t)).map(|t| t.profit)
}

pub(super) fn is_haircut(taken: &Taken) -> bool {
    taken.pass == "P4"
}

/// Neighbours in the order that share a bar.
struct Bar {
    class: &'static str,
    lots: f64,
    share: f64,
}

fn bars(taken: &[Taken], each: usize) -> Vec<Bar> {
    taken
        .chunks(each)
        .map(|chunk| {
            let charge: f64 = chunk.iter().map(|t| t.charge.0 as f64).sum();
            let profit: f64 = chunk.iter().map(|t| t.profit.0.max(0) as f64).sum();
            Bar {
                class: if chunk.iter().all(is_haircut) {
                    HAIRCUT.class
                } else {
                    ADL.class
                },
                lots: chunk.iter().map(|t| t.lots.0 as f64).sum(),
                share: if profit > 0.0 { charge / profit } else { 0.0 },
            }
        })
        .collect()
}

fn chart(name: &str, taken: &[Taken]) -> String {
    let each = taken.len().div_ceil(MOST_BARS).max(1);
    let bars = bars(taken, each);
    let closed = || bars.iter().map(|b| b.lots).filter(|lots| *lots > 0.0);
    let least = closed().fold(f64::INFINITY, f64::min);
    let most = closed().fold(0.0, f64::max);
    let lots = Axis::for_counts(
        if least.is_finite() { least } else { 0.0 },
        most,
        150.0,
        24.0,
    );
    let highest = bars.iter().map(|b| b.share * 100.0).fold(0.0, f64::max);
    let share = Axis {
        low: 0.0,
        high: nice_ceil(highest),
        logarithmic: false,
        bottom: 288.0,
        top: 196.0,
    };

    // A few bars stay bars, not walls.
    let slot = ((RIGHT - LEFT) / bars.len().max(1) as f64).min(36.0);
    let mut shapes = String::new();
    for (i, bar) in bars.iter().enumerate() {
        let x = LEFT + i as f64 * slot;
        let width = slot * 0.8;
        shapes.push_str(&upright(bar.class, (x, width), &lots, bar.lots));
        shapes.push_str(&upright(bar.class, (x, width), &share, bar.share * 100.0));
    }
    let per_bar = if each > 1 {
        format!(", each bar the sum of {each} fills")
    } else {
        String::new()
    };
    let scale = if lots.logarithmic { ", log scale" } else { "" };
    format!(
        r#"<svg class="chart" viewBox="0 0 520 314" role="img"><title>{name}: lots and charge by rank</title><desc>{} in the order in which they were taken; the highest bar is {} of profit. The table shows the first rows.</desc>{}{}{shapes}<text class="name" x="0" y="12">Lots{scale}{per_bar}</text><text class="name" x="0" y="184">Charge, % of profit</text>{}</svg>"#,
        plural(taken.len(), "fill", "fills"),
        percent(highest / 100.0),
        gridlines(&lots, (LEFT, RIGHT), short),
        gridlines(&share, (LEFT, RIGHT), trimmed),
        order_labels(taken.len(), LEFT + bars.len() as f64 * slot)
    )
}

/// Under the bars: where the order begins, and where it ends after so many.
fn order_labels(fills: usize, end: f64) -> String {
    let last = format!("last: {}", grouped(fills as u128));
    if end - LEFT < 120.0 {
        return format!(r#"<text x="{LEFT}" y="306">first to {last}</text>"#);
    }
    format!(
        r#"<text x="{LEFT}" y="306">first</text><text x="{end:.1}" y="306" text-anchor="end">{last}</text>"#
    )
}

fn upright(class: &str, (x, width): (f64, f64), axis: &Axis, value: f64) -> String {
    if value <= 0.0 {
        return String::new();
    }
    // Half a pixel at least: something was taken.
    let y = axis.y(value).min(axis.bottom - 0.8);
    format!(
        r#"<rect class="{class}" x="{x:.2}" y="{y:.2}" width="{width:.2}" height="{:.2}"/>"#,
        axis.bottom - y
    )
}

fn table(name: &str, taken: &[Taken]) -> String {
    let mut rows: String = taken.iter().take(MOST_ROWS).map(row).collect();
    if taken.len() > MOST_ROWS {
        rows.push_str(&format!(
            r#"<tr class="more"><td colspan="8">and {} more</td></tr>"#,
            grouped((taken.len() - MOST_ROWS) as u128)
        ));
    }
    let head = header(&[
        "#Rank",
        "#Account",
        "Pass",
        "#Lots",
        "#Charge",
        "#Profit",
        "#Of profit",
        "#Score",
    ]);
    let table = format!(
        "<table><caption>The first of the queue, USDC</caption>{head}<tbody>{rows}</tbody></table>"
    );
    scrolling(&format!("Counterparties of {name}"), &table)
}

fn row(taken: &Taken) -> String {
    let share = if taken.profit.0 > 0 {
        percent(ratio(taken.charge, taken.profit))
    } else {
        "\u{2013}".to_string()
    };
    format!(
        r#"<tr><th scope="row" class="n">{}</th><td class="n">{}</td><td>{}</td>{}{}{}<td class="n">{share}</td><td class="n">{:.4}</td></tr>"#,
        grouped(taken.rank.into()),
        taken.account,
        escaped(&taken.pass),
        number_cell(taken.lots.0),
        amount_cell(taken.charge),
        amount_cell(taken.profit),
        taken.score_ppm.0 as f64 / 1e6
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(pass: &str, lots: u128, charge: i128, profit: i128) -> Taken {
        Taken {
            pass: pass.to_string(),
            lots: Count(lots),
            charge: Amount(charge),
            profit: Amount(profit),
            ..Taken::default()
        }
    }

    #[test]
    fn neighbours_share_a_bar_when_there_are_many() {
        let many: Vec<Taken> = (0..1_000).map(|i| taken("P1", i, 1, 10)).collect();
        let drawn = chart("X", &many);
        let rects = drawn.matches("<rect").count();
        assert_eq!(rects, 2 * MOST_BARS.min(1_000_usize.div_ceil(10)));
        assert!(drawn.contains("the sum of 10 fills"));
    }

    #[test]
    fn a_haircut_closes_nothing_and_has_its_own_colour() {
        let drawn = chart("X", &[taken("P1", 5, 1, 10), taken("P4", 0, 2, 10)]);
        assert_eq!(drawn.matches(r#"class="adl""#).count(), 2);
        assert_eq!(drawn.matches(r#"class="haircut""#).count(), 1);
    }

    #[test]
    fn no_profit_is_no_division() {
        let drawn = chart("X", &[taken("P3", 5, 0, 0), taken("P3", 1, 0, -4)]);
        assert!(!drawn.contains("NaN") && !drawn.contains("inf"));
        assert!(row(&taken("P3", 1, 0, -4)).contains('\u{2013}'));
    }

    #[test]
    fn only_haircuts_can_be_drawn_too() {
        let drawn = chart("X", &[taken("P4", 0, 2, 10)]);
        assert!(!drawn.contains("NaN") && !drawn.contains("inf"));
    }
}
