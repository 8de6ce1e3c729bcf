//! One sentence that says what happened, the same in the terminal and in the report.

use std::collections::BTreeSet;

use crate::amount::grouped;
use crate::result::{DemoResult, LossRow};

#[cfg(test)]
pub(crate) mod sample;

pub(crate) fn sentence(result: &DemoResult) -> String {
    let totals = &result.totals;
    if result.losses.is_empty() {
        return format!(
            "No account was bankrupt in {}: nothing was needed and nobody was deleveraged.",
            asked_for(&result.params.wave)
        );
    }
    let bankrupt = plural(result.losses.len(), "bankrupt account", "bankrupt accounts");
    let mut text = format!(
        "{bankrupt} in {} of 10 October 2025 lacked {} USDC",
        waves(&result.losses),
        totals.needed.rounded()
    );
    match totals.slippage.0 {
        0 => {}
        slippage if slippage > 0 => text.push_str(&format!(
            ", and closing on the book cost {} more",
            totals.slippage.rounded()
        )),
        _ => text.push_str(&format!(
            ", of which better prices on the book saved {}",
            totals.slippage.rounded().trim_start_matches(['-', '>'])
        )),
    }
    let counterparties = plural(counterparties(result), "counterparty", "counterparties");
    text.push_str(&format!(
        ": the fund paid {}, the queue took {} from {counterparties}",
        totals.fund_used.rounded(),
        totals.adl_taken.rounded()
    ));
    if !totals.haircut.is_zero() {
        text.push_str(&format!(
            ", a haircut of open profits took {}",
            totals.haircut.rounded()
        ));
    }
    let left = if totals.bad_debt.is_zero() {
        "nothing".to_string()
    } else {
        totals.bad_debt.rounded()
    };
    text.push_str(&format!(", {left} was left as bad debt, "));
    text.push_str(&verdict(result));
    text
}

/// Wave and account number, because a number means something only within its loss.
pub(crate) fn counterparties(result: &DemoResult) -> usize {
    result
        .losses
        .iter()
        .flat_map(|loss| {
            let coin = loss.coin.as_str();
            loss.taken.iter().map(move |t| (loss.wave, coin, t.account))
        })
        .collect::<BTreeSet<_>>()
        .len()
}

fn verdict(result: &DemoResult) -> String {
    let off = result.losses.iter().filter(|loss| !loss.balances()).count();
    if off > 0 {
        format!(
            "and {} of {} losses DO NOT BALANCE.",
            grouped(off as u128),
            grouped(result.losses.len() as u128)
        )
    } else if !result.totals.conservation_error.is_zero() {
        format!(
            "but {} base units DO NOT ADD UP.",
            result.totals.conservation_error
        )
    } else {
        "not one base unit more or less than needed.".to_string()
    }
}

fn asked_for(wave: &str) -> String {
    if wave.is_empty() || wave == "all" {
        "the selected waves of 10 October 2025".to_string()
    } else {
        format!("wave {wave} of 10 October 2025")
    }
}

fn waves(losses: &[LossRow]) -> String {
    let waves: BTreeSet<u32> = losses.iter().map(|loss| loss.wave).collect();
    let waves: Vec<String> = waves.iter().map(ToString::to_string).collect();
    match waves.as_slice() {
        [one] => format!("wave {one}"),
        [first, second] => format!("waves {first} and {second}"),
        [first, second, third] => format!("waves {first}, {second} and {third}"),
        more => format!("{} waves", more.len()),
    }
}

pub(crate) fn plural(number: usize, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        grouped(number as u128),
        if number == 1 { one } else { many }
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::amount::Amount;
    use crate::result::{Checks, Params, Taken};

    fn loss(wave: u32, parts: [i128; 6]) -> LossRow {
        let [needed, slippage, fund_used, adl_taken, haircut, bad_debt] =
            parts.map(|part| Amount(part * 1_000_000));
        let taken = |account| Taken {
            account,
            ..Taken::default()
        };
        LossRow {
            wave,
            coin: "BTC".to_string(),
            needed,
            slippage,
            fund_used,
            adl_taken,
            haircut,
            bad_debt,
            taken: vec![taken(1), taken(2), taken(1)],
            ..LossRow::default()
        }
    }

    fn said(losses: Vec<LossRow>, checks: Checks) -> String {
        sentence(&DemoResult::new(Params::default(), losses, vec![], checks).unwrap())
    }

    #[test]
    fn what_happened() {
        for (losses, expected) in [
            (
                vec![loss(1, [1_234, 0, 34, 1_200, 0, 0])],
                "1 bankrupt account in wave 1 of 10 October 2025 lacked 1,234.00 USDC: the fund paid 34.00, the queue took \
                 1,200.00 from 2 counterparties, nothing was left as bad debt, not one base unit more or less than needed.",
            ),
            (
                vec![loss(1, [10, 2, 0, 5, 4, 3]), loss(4, [0, 0, 0, 0, 0, 0])],
                "2 bankrupt accounts in waves 1 and 4 of 10 October 2025 lacked 10.00 USDC, and closing on the book cost 2.00 \
                 more: the fund paid 0.00, the queue took 5.00 from 4 counterparties, a haircut of open profits took 4.00, 3.00 \
                 was left as bad debt, not one base unit more or less than needed.",
            ),
            (
                vec![loss(1, [10, -2, 8, 0, 0, 0])],
                "1 bankrupt account in wave 1 of 10 October 2025 lacked 10.00 USDC, of which better prices on the book saved \
                 2.00: the fund paid 8.00, the queue took 0.00 from 2 counterparties, nothing was left as bad debt, not one \
                 base unit more or less than needed.",
            ),
            (
                vec![],
                "No account was bankrupt in the selected waves of 10 October 2025: nothing was needed and nobody was \
                 deleveraged.",
            ),
        ] {
            assert_eq!(said(losses, Checks::default()), expected);
        }
    }

    #[test]
    fn a_defect_is_said_aloud() {
        let off = said(vec![loss(1, [10, 0, 9, 0, 0, 0])], Checks::default());
        assert!(off.ends_with("and 1 of 1 losses DO NOT BALANCE."), "{off}");
        let off = said(
            vec![loss(1, [10, 0, 10, 0, 0, 0])],
            Checks {
                conservation_error: Amount(-3),
                rank_inversions: 0,
            },
        );
        assert!(off.ends_with("but -3 base units DO NOT ADD UP."), "{off}");
    }
}
