//! The page of a stress run.

use crate::amount::{grouped, Amount};
use crate::stress::{
    cuts, lapse, price, sentences, StakerOutcome, StressResult, Sums, TriggerMoment, WaveOutcome,
};

use super::figures::{headline, settings};
use super::markup::{
    amount_cell, check_list, escaped, header, number_cell, scrolling, ADL, BAD_DEBT, FUND, HAIRCUT,
};
use super::{notice, page};

mod chart;

const TITLE: &str = "10 October 2025 against one insurance fund";

const SYNTHETIC: &str = "Shortfalls and their times are published; winners, marks, stakers and fees are synthetic.</strong> What each coin needed, how many contracts had to be closed and when each wave began is the record of 10 October 2025. Each loss has a market and a generated crowd of its own; all losses of a wave fall into one block; the rows of a coin share the cap of a market. Slippage, ranks, stakers and fees on this page are therefore synthetic.";

/// The whole page.
pub fn render_stress(result: &StressResult) -> String {
    let [paid, stops, shares] = sentences(result);
    let sections = [
        overview(result),
        format!("<p>{}</p><p>{}</p>", escaped(&stops), escaped(&shares)),
        notice(SYNTHETIC),
        chart::section(result),
        payments(result),
        left(result),
        trigger(&result.trigger),
        stakers(&result.stakers),
        fund(result),
        settings(&result.params),
    ];
    page(TITLE, &paid, &sections, "perps fund stress")
}

fn overview(result: &StressResult) -> String {
    let totals = &result.totals;
    let paid = [
        (FUND, totals.fund_used),
        (ADL, totals.adl_taken),
        (HAIRCUT, totals.haircut),
        (BAD_DEBT, totals.bad_debt),
    ];
    headline((totals.needed, totals.slippage), paid)
}

/// A row for each wave and one for all of them.
fn table(
    result: &StressResult,
    names: &[&str],
    cells: impl Fn(&Sums, Option<&WaveOutcome>) -> String,
) -> String {
    let rows: String = result
        .waves
        .iter()
        .map(|wave| {
            format!(
                r#"<tr><th scope="row" class="n">{}</th><td class="n">{}</td>{}</tr>"#,
                wave.wave,
                lapse(wave.seconds),
                cells(&wave.sums, Some(wave))
            )
        })
        .collect();
    format!(
        r#"<table class="wide">{}<tbody>{rows}<tr class="sum"><th scope="row" class="n">all</th><td></td>{}</tr></tbody></table>"#,
        header(names),
        cells(&result.totals, None)
    )
}

fn amounts<const N: usize>(amounts: [Amount; N]) -> String {
    amounts.into_iter().map(amount_cell).collect()
}

fn payments(result: &StressResult) -> String {
    let names = [
        "#Wave",
        "#After",
        "#Losses",
        "#Asked",
        "#Paid",
        "#Returned",
        "#From seed",
        "#From staked",
        "Losses cut short by",
    ];
    let table = table(result, &names, |sums, _| {
        format!(
            "{}{}<td>{}</td>",
            number_cell(sums.losses.into()),
            amounts([
                sums.asked,
                sums.paid,
                sums.returned,
                sums.from_seed,
                sums.from_staked
            ]),
            escaped(&cuts(sums))
        )
    });
    format!(
        r#"<h2>What the fund was asked and paid</h2><p class="soft">USDC. A loss asks for its need and for an allowance for fills on the book; what those do not use comes back.</p>{}"#,
        scrolling("Payments by wave", &table)
    )
}

fn left(result: &StressResult) -> String {
    let names = [
        "#Wave",
        "#After",
        "#Needed",
        "#Slippage",
        "#Fund",
        "#ADL",
        "#Haircut",
        "#Bad debt",
        "#Seed left",
        "#Staked left",
        "#Share",
    ];
    let table = table(result, &names, |sums, wave| {
        let after = wave.or(result.waves.last()).map(|wave| wave.after);
        let after = after.unwrap_or_default();
        format!(
            r#"{}<td class="n">{}</td>"#,
            amounts([
                sums.needed,
                sums.slippage,
                sums.fund_used,
                sums.adl_taken,
                sums.haircut,
                sums.bad_debt,
                after.seed,
                after.staked,
            ]),
            price(after.share_price_ppm)
        )
    });
    format!(
        r#"<h2>Who paid, and what was left of the fund</h2><p class="soft">USDC; the share price in units of the first one.</p>{}"#,
        scrolling("Who paid by wave", &table)
    )
}

fn trigger(moments: &[TriggerMoment]) -> String {
    let rows: String = moments
        .iter()
        .map(|moment| {
            format!(
                r#"<tr><th scope="row">{}</th><td class="n">{}</td><td>{}</td>{}</tr>"#,
                if moment.tripped {
                    "stopped"
                } else {
                    "pays again"
                },
                lapse(moment.seconds),
                moment
                    .wave
                    .map_or("asked once a minute".to_string(), |w| format!("wave {w}")),
                amounts([moment.capital, moment.peak, moment.line])
            )
        })
        .collect();
    if rows.is_empty() {
        return "<h2>The drawdown trigger</h2><p>It did not fire.</p>".to_string();
    }
    let names = ["What", "#After", "When", "#Capital", "#Peak", "#Line"];
    let table = format!("<table>{}<tbody>{rows}</tbody></table>", header(&names));
    format!(
        "<h2>The drawdown trigger</h2>{}",
        scrolling("Trigger", &table)
    )
}

fn stakers(stakers: &[StakerOutcome]) -> String {
    let heading = "<h2>What stakers got</h2>";
    if stakers.is_empty() {
        return format!("{heading}<p>Nobody had staked.</p>");
    }
    let rows: String = stakers.iter().map(staker).collect();
    let names = [
        "Staker",
        "#Staked",
        "#Worth after the crash",
        "#Asked after wave",
        "#Worth at request",
        "#Worth at claim",
        "#Paid",
        "#Worth after fees",
    ];
    let table = format!("<table>{}<tbody>{rows}</tbody></table>", header(&names));
    format!(
        r#"{heading}<p class="soft">Synthetic stakers, USDC. Who leaves is paid after the cooldown, the smaller of what the shares were worth at the request and at the claim.</p>{}"#,
        scrolling("Stakers", &table)
    )
}

fn staker(staker: &StakerOutcome) -> String {
    let leaves = match &staker.unstake {
        Some(u) => format!(
            "{}{}<td></td>",
            number_cell(u.wave.into()),
            amounts([u.value_at_request, u.value_at_claim, u.paid])
        ),
        None => format!(
            "<td></td><td></td><td></td><td></td>{}",
            amount_cell(staker.at_end)
        ),
    };
    format!(
        r#"<tr><th scope="row">{}</th>{}{leaves}</tr>"#,
        escaped(&staker.name),
        amounts([staker.staked, staker.after_crash])
    )
}

/// The fund before the first wave, and the checks.
fn fund(result: &StressResult) -> String {
    let fund = &result.fund;
    let amounts = [
        ("Seed", fund.seed_capital),
        ("Staked", fund.staked),
        ("Cap per loss", fund.per_loss_cap),
        ("Cap per block", fund.per_block_cap),
        ("Cap per window", fund.window_cap),
        ("Cap per market and window", fund.market_window_cap),
    ];
    let numbers = [
        ("Window, seconds", fund.window_seconds),
        ("Stops below its peak, basis points", fund.trip_bps.into()),
        (
            "Pays again below its peak, basis points",
            fund.resume_bps.into(),
        ),
        ("Cooldown, seconds", fund.cooldown_seconds),
    ];
    let amounts = amounts.map(|(name, amount)| (name, amount.exact()));
    let numbers = numbers.map(|(name, number)| (name, grouped(number.into())));
    let rows: String = amounts
        .into_iter()
        .chain(numbers)
        .map(|(name, value)| {
            format!(r#"<tr><th scope="row">{name}</th><td class="n">{value}</td></tr>"#)
        })
        .collect();
    let table = format!(
        "<table>{}<tbody>{rows}</tbody></table>",
        header(&["The fund", "#At the start"])
    );
    let checks = result.checks.defects();
    let checks = checks.map(|(name, found)| (name, found.to_string(), found == 0));
    format!(
        r#"<h2>Limits and checks</h2><div class="loss">{}<div><p class="soft">Each check is exact or wrong; 0 is right. The invariants are those of the tests, without the queue's own audit.</p>{}</div></div>"#,
        scrolling("Limits", &table),
        check_list(checks)
    )
}
