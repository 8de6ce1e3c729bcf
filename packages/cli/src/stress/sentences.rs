//! What happened, in three sentences: the same in the terminal and in the report.

use super::{Count, StakerOutcome, StressResult, Sums, TriggerMoment};
use crate::amount::grouped;
use crate::summary::plural;

/// Who paid, when the fund stopped, and what became of the stakers.
pub(crate) fn sentences(result: &StressResult) -> [String; 3] {
    [who_paid(result), stops(result), shares(result)]
}

/// A share price in units of the first one: `0.912345`.
pub(crate) fn price(ppm: Count) -> String {
    format!("{}.{:06}", ppm.0 / 1_000_000, ppm.0 % 1_000_000)
}

/// `0 s`, `1 min 21 s`, `8 h 32 min`, `7 d 52 s`: the two largest units that are not zero.
pub(crate) fn lapse(seconds: u64) -> String {
    let parts = [
        (seconds / 86_400, "d"),
        (seconds / 3_600 % 24, "h"),
        (seconds / 60 % 60, "min"),
        (seconds % 60, "s"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .take(2)
        .map(|(number, unit)| format!("{number} {unit}"))
        .collect();
    if parts.is_empty() {
        return "0 s".to_string();
    }
    parts.join(" ")
}

fn who_paid(result: &StressResult) -> String {
    let totals = &result.totals;
    let slippage = match totals.slippage.0 {
        s if s > 0 => format!(
            ", and closing on the book cost {} more",
            totals.slippage.rounded()
        ),
        _ => String::new(),
    };
    let left = match totals.bad_debt.0 {
        0 => "nothing".to_string(),
        _ => totals.bad_debt.rounded(),
    };
    format!(
        "{} in {} of 10 October 2025 lacked {} USDC within {}{slippage}: a fund of {} ({} seed, {} staked) paid {}, the queue \
         took {}, a haircut of open profits {}, {left} was left as bad debt, {}",
        plural(totals.losses as usize, "bankrupt account", "bankrupt accounts"),
        plural(result.waves.len(), "wave", "waves"),
        totals.needed.rounded(),
        lapse(result.waves.last().map_or(0, |wave| wave.seconds)),
        result.capital().rounded(),
        result.fund.seed_capital.rounded(),
        result.fund.staked.rounded(),
        totals.fund_used.rounded(),
        totals.adl_taken.rounded(),
        totals.haircut.rounded(),
        if result.is_exact() {
            "not one base unit more or less than needed."
        } else {
            "BUT THE CHECKS FAILED."
        }
    )
}

fn stops(result: &StressResult) -> String {
    let cuts = cut_short(&result.totals);
    let Some(stop) = result.trigger.iter().find(|moment| moment.tripped) else {
        return format!("The drawdown trigger did not fire; {cuts}.");
    };
    let again = result
        .trigger
        .iter()
        .find(|m| !m.tripped && m.seconds >= stop.seconds);
    format!("{}{}; {cuts}.", stopped(stop), resumed(again))
}

fn stopped(stop: &TriggerMoment) -> String {
    let wave = stop
        .wave
        .map_or(String::new(), |wave| format!(" in wave {wave}"));
    format!(
        "The drawdown trigger stopped the fund{wave}, {} after the first loss, at {} of a peak of {}",
        lapse(stop.seconds),
        stop.capital.rounded(),
        stop.peak.rounded()
    )
}

fn resumed(again: Option<&TriggerMoment>) -> String {
    again.map_or(String::new(), |moment| {
        format!(", and it would pay again after {}", lapse(moment.seconds))
    })
}

/// Which limits cut how many losses short: `cap per loss 1, stop 30`.
pub(crate) fn cuts(sums: &Sums) -> String {
    let parts: Vec<String> = sums
        .cut
        .iter()
        .map(|(limit, cut)| format!("{} {}", limit.name(), grouped(cut.losses.into())))
        .collect();
    parts.join(", ")
}

fn cut_short(sums: &Sums) -> String {
    let cut: u64 = sums.cut.values().map(|cut| cut.losses).sum();
    match cut {
        0 => "no loss got less than it asked for".to_string(),
        _ => format!(
            "limits cut {} short: {}",
            plural(cut as usize, "loss", "losses"),
            cuts(sums)
        ),
    }
}

fn shares(result: &StressResult) -> String {
    let Some(after) = result.after_crash().filter(|_| !result.stakers.is_empty()) else {
        return "Nobody had staked.".to_string();
    };
    let left: Vec<String> = result.stakers.iter().filter_map(leaver).collect();
    let fees = &result.fees;
    let healed = if fees.whole {
        "then made the fund whole"
    } else {
        "then did not make the fund whole"
    };
    format!(
        "A share went from {} to {}; {}; synthetic fees of {} {healed}, with a share at {}.",
        price(Count(1_000_000)),
        price(after.share_price_ppm),
        left.join(", "),
        fees.collected.rounded(),
        price(fees.price_after_ppm)
    )
}

fn leaver(staker: &StakerOutcome) -> Option<String> {
    let unstake = staker.unstake?;
    Some(format!(
        "who had staked {} and asked after wave {} for {} got {}",
        staker.staked.rounded(),
        unstake.wave,
        unstake.value_at_request.rounded(),
        unstake.paid.rounded()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lapse_has_two_units_at_the_most() {
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (81, "1 min 21 s"),
            (3_600, "1 h"),
            (30_659, "8 h 30 min"),
            (604_852, "7 d 52 s"),
        ] {
            assert_eq!(lapse(seconds), text);
        }
    }

    #[test]
    fn a_price_has_six_decimals() {
        assert_eq!(price(Count(1_000_000)), "1.000000");
        assert_eq!(price(Count(912_045)), "0.912045");
    }
}
