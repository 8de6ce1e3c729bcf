//! Who paid, coin by coin: a bar for each, with the figures beside it.

use std::collections::BTreeMap;

use crate::amount::Amount;
use crate::result::{DemoResult, LossRow, Totals};
use crate::summary::plural;

use super::markup::{
    amount_cell, escaped, header, money, percent, ratio, scrolling, swatch, Part, ADL, BAD_DEBT,
    FUND, HAIRCUT,
};

/// Coins with a bar of their own; the others share one.
const MOST_COINS: usize = 30;

/// A bar is drawn in thousandths and stretched; nothing that is there is thinner than this.
const THINNEST: f64 = 3.0;

/// The parts of the waterfall with their amounts, in the order in which they pay.
pub(super) fn parts(totals: &Totals) -> [(Part, Amount); 4] {
    [
        (FUND, totals.fund_used),
        (ADL, totals.adl_taken),
        (HAIRCUT, totals.haircut),
        (BAD_DEBT, totals.bad_debt),
    ]
}

pub(super) fn section(result: &DemoResult) -> String {
    let mut rows = String::new();
    let (shown, others) = by_coin(&result.losses);
    for (coin, losses) in &shown {
        rows.push_str(&coin_row(coin, losses));
    }
    if !others.is_empty() {
        let label = plural(others.len(), "other coin", "other coins");
        let losses: Vec<&LossRow> = others.into_iter().flat_map(|(_, losses)| losses).collect();
        rows.push_str(&coin_row(&label, &losses));
    }
    let head = header(&[
        "Coin",
        "#Needed",
        "Paid by",
        "#Fund",
        "#ADL",
        "#Haircut",
        "#Bad debt",
        "#Slippage",
    ])
    .replace(
        r#"<th scope="col">Paid by"#,
        r#"<th scope="col" class="grow">Paid by"#,
    );
    let table = format!(r#"<table class="wide">{head}<tbody>{rows}</tbody></table>"#);
    format!(
        r#"<h2>Who paid, coin by coin</h2><p class="soft">USDC, largest need first. Every bar is the whole of one coin: need plus book slippage.</p>{}{}"#,
        key(),
        scrolling("Waterfall by coin", &table)
    )
}

/// A bar as long as what had to be paid. Slippage that raised it is underlined; slippage that lowered it is the dashed end.
pub(super) fn bar(class: &str, label: &str, totals: &Totals) -> String {
    let paid: f64 = parts(totals)
        .iter()
        .map(|(_, amount)| amount.0 as f64)
        .sum();
    let needed = totals.needed.0 as f64;
    let scale = paid.max(needed);
    let mut shapes = r#"<rect class="track" x="0" y="0" width="1000" height="16"/>"#.to_string();
    let mut x: f64 = 0.0;
    if scale > 0.0 {
        for (part, amount) in parts(totals) {
            if amount.0 <= 0 {
                continue;
            }
            let width = (amount.0 as f64 / scale * 1000.0).max(THINNEST);
            let start = x.min(1000.0 - THINNEST);
            shapes.push_str(&rect(part.class, start, width.min(1000.0 - start)));
            x += width;
        }
        if paid < needed && x < 1000.0 {
            let width = 1000.0 - x;
            shapes.push_str(&format!(
                r#"<rect class="saved" x="{x:.1}" y="1" width="{width:.1}" height="14"/>"#
            ));
        }
        if totals.slippage.0 > 0 {
            let start = (needed / scale * 1000.0).min(1000.0 - THINNEST);
            shapes.push_str(&format!(
                r#"<rect class="slip" x="{start:.1}" y="18" width="{:.1}" height="3"/>"#,
                1000.0 - start
            ));
        }
    }
    format!(
        r#"<svg class="{class}" viewBox="0 0 1000 21" preserveAspectRatio="none" role="img"><title>{}</title><desc>{}</desc>{shapes}</svg>"#,
        escaped(label),
        described(totals)
    )
}

fn rect(class: &str, x: f64, width: f64) -> String {
    format!(r#"<rect class="{class}" x="{x:.1}" y="0" width="{width:.1}" height="16"/>"#)
}

fn described(totals: &Totals) -> String {
    let owed = Amount(totals.needed.0.saturating_add(totals.slippage.0));
    let shares: Vec<String> = parts(totals)
        .into_iter()
        .map(|(part, amount)| format!("{} {}", part.name, percent(ratio(amount, owed))))
        .collect();
    format!(
        "{} of {} USDC ({} needed, {} book slippage)",
        shares.join(", "),
        money(owed),
        money(totals.needed),
        money(totals.slippage)
    )
}

fn key() -> String {
    let items: String = [FUND, ADL, HAIRCUT, BAD_DEBT]
        .iter()
        .map(|part| format!("<li>{}{}</li>", swatch(part.class), part.name))
        .collect();
    format!(
        r#"<ul class="key">{items}<li>{}Underlined: the part owed to book slippage</li><li>{}Dashed: saved by better prices on the book</li></ul>"#,
        swatch("slip"),
        swatch("saved")
    )
}

type CoinLosses<'a> = (&'a str, Vec<&'a LossRow>);

/// Coins by falling need: those with a bar of their own, and the others.
fn by_coin(losses: &[LossRow]) -> (Vec<CoinLosses<'_>>, Vec<CoinLosses<'_>>) {
    let mut coins: BTreeMap<&str, Vec<&LossRow>> = BTreeMap::new();
    for loss in losses {
        coins.entry(&loss.coin).or_default().push(loss);
    }
    let mut coins: Vec<CoinLosses<'_>> = coins.into_iter().collect();
    coins.sort_by_key(|(_, losses)| {
        let need = |sum: i128, loss: &&LossRow| sum.saturating_add(loss.needed.0);
        std::cmp::Reverse(losses.iter().fold(0, need))
    });
    // A row of its own takes no more room than one for the others.
    let shown = if coins.len() <= MOST_COINS + 1 {
        coins.len()
    } else {
        MOST_COINS
    };
    let others = coins.split_off(shown);
    (coins, others)
}

fn coin_row(name: &str, losses: &[&LossRow]) -> String {
    let name_cell = format!(r#"<th scope="row">{}</th>"#, escaped(name));
    let Ok(totals) = Totals::of(losses.iter().copied()) else {
        return format!(r#"<tr>{name_cell}<td colspan="7">the sums leave their range</td></tr>"#);
    };
    let paid: String = parts(&totals)
        .into_iter()
        .map(|(_, amount)| amount_cell(amount))
        .collect();
    format!(
        r#"<tr>{name_cell}{}<td class="grow">{}</td>{paid}{}</tr>"#,
        amount_cell(totals.needed),
        bar("bar", name, &totals),
        amount_cell(totals.slippage)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(parts: [i128; 6]) -> Totals {
        let [needed, slippage, fund_used, adl_taken, haircut, bad_debt] = parts.map(Amount);
        Totals {
            needed,
            slippage,
            fund_used,
            adl_taken,
            haircut,
            bad_debt,
            ..Totals::default()
        }
    }

    #[test]
    fn parts_fill_the_bar() {
        let drawn = bar("bar", "X", &totals([100, 0, 50, 30, 20, 0]));
        assert!(drawn.contains(r#"class="fund" x="0.0" y="0" width="500.0""#));
        assert!(drawn.contains(r#"class="adl" x="500.0" y="0" width="300.0""#));
        assert!(drawn.contains(r#"class="haircut" x="800.0" y="0" width="200.0""#));
        assert!(!drawn.contains(r#"class="bad""#) && !drawn.contains(r#"class="slip""#));
    }

    #[test]
    fn slippage_is_marked_in_both_directions() {
        let dearer = bar("bar", "X", &totals([80, 20, 100, 0, 0, 0]));
        assert!(dearer.contains(r#"class="slip" x="800.0" y="18" width="200.0""#));
        let cheaper = bar("bar", "X", &totals([100, -25, 75, 0, 0, 0]));
        assert!(cheaper.contains(r#"class="saved" x="750.0" y="1" width="250.0""#));
    }

    #[test]
    fn a_sliver_is_seen_and_nothing_leaves_the_bar() {
        let drawn = bar("bar", "X", &totals([1_000_000, 0, 1, 999_998, 0, 1]));
        assert!(drawn.contains(r#"class="fund" x="0.0" y="0" width="3.0""#));
        assert!(drawn.contains(r#"class="bad" x="997.0" y="0" width="3.0""#));
        let empty = bar("bar", "X", &totals([0; 6]));
        assert!(!empty.contains("NaN") && empty.contains("track"));
    }

    #[test]
    fn the_smaller_coins_share_a_row() {
        let losses: Vec<LossRow> = (0..40)
            .map(|i| LossRow {
                coin: format!("C{i}"),
                needed: Amount(i),
                ..LossRow::default()
            })
            .collect();
        let (shown, others) = by_coin(&losses);
        assert_eq!((shown.len(), others.len()), (MOST_COINS, 10));
        assert_eq!(shown[0].0, "C39");
        let (shown, others) = by_coin(&losses[..31]);
        assert_eq!((shown.len(), others.len()), (31, 0));
    }
}
