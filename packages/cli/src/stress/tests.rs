use std::sync::OnceLock;

use perp_interface::fund::{LossRecord, LossesQuery, LossesResponse, QueryMsg};
use perp_testkit::invariants::assert_all;

use super::*;

const USD: i128 = 1_000_000;

/// Three coins in nine waves: 3.6 million are needed.
fn config() -> StressConfig {
    StressConfig {
        selection: Selection {
            coins: Some(["XPL", "ENA", "PENGU"].map(String::from).to_vec()),
            ..Selection::default()
        },
        seed_capital: 100_000 * USD as u128,
        staked: 1_900_000 * USD as u128,
        fund: FundParams {
            per_loss_cap: Quote(500_000 * USD),
            ..FundParams::default()
        },
        policy: Policy::default(),
        counterparties: 6,
        step_limit: None,
        seed: 10,
    }
}

/// Limited by nothing but its capital.
fn unlimited() -> StressConfig {
    let without = FundParams::without_limits();
    StressConfig {
        seed_capital: 10_000_000 * USD as u128,
        fund: FundParams {
            per_loss_cap: without.per_loss_cap,
            per_block_cap: without.per_block_cap,
            window_cap: without.window_cap,
            market_window_cap: without.market_window_cap,
            trip_bps: without.trip_bps,
            ..FundParams::default()
        },
        ..config()
    }
}

fn stress(config: &StressConfig) -> StressRun {
    run(config, |_, _, _| {}).expect("runs")
}

/// One run for all tests that only look.
pub(crate) fn small() -> &'static StressResult {
    static RUN: OnceLock<StressResult> = OnceLock::new();
    RUN.get_or_init(|| stress(&config()).result)
}

fn history(chain: &Chain) -> Vec<LossRecord> {
    let query = QueryMsg::Losses(LossesQuery {
        start_after: None,
        limit: Some(100),
    });
    let page: LossesResponse = chain.query(&chain.addresses.fund, &query).expect("answers");
    assert!(page.losses.len() < 100, "more than a page");
    page.losses
}

fn used(loss: &LossOutcome) -> i128 {
    loss.paid.0 - loss.returned.0
}

#[test]
fn every_wave_is_what_the_fund_has_in_its_history() {
    let StressRun { result, chain } = stress(&config());
    let history = history(&chain);
    assert_eq!(history.len(), result.losses.len());
    let start = history[0].time;
    assert!(result.waves.len() >= 8);
    for wave in &result.waves {
        let own: Vec<_> = history
            .iter()
            .filter(|l| l.time - start == wave.seconds)
            .collect();
        let sum = |of: fn(&LossRecord) -> i128| own.iter().map(|l| of(l)).sum::<i128>();
        let sums = &wave.sums;
        assert_eq!(sums.losses, own.len() as u64, "{wave:?}");
        assert_eq!(sums.asked.0, sum(|l| l.asked.0), "{wave:?}");
        assert_eq!(sums.paid.0, sum(|l| l.paid.0), "{wave:?}");
        assert_eq!(sums.returned.0, sum(|l| l.returned.0), "{wave:?}");
        assert_eq!(sums.from_seed.0, sum(|l| l.from_seed.0), "{wave:?}");
        assert_eq!(sums.from_staked.0, sum(|l| l.from_staked.0), "{wave:?}");
        let heights: Vec<u64> = own.iter().map(|l| l.height).collect();
        assert!(heights.iter().all(|h| *h == heights[0]), "{heights:?}");
        let owed = sums.needed.0 + sums.slippage.0;
        let paid = sums.fund_used.0 + sums.adl_taken.0 + sums.haircut.0 + sums.bad_debt.0;
        assert_eq!(owed, paid);
        assert_eq!(sums.fund_used.0, sums.paid.0 - sums.returned.0);
    }
}

#[test]
fn capital_falls_by_what_was_used_of_each_layer() {
    let result = small();
    let (mut seed, mut staked) = (result.fund.seed_capital.0, result.fund.staked.0);
    for wave in &result.waves {
        seed -= wave.sums.from_seed.0;
        staked -= wave.sums.from_staked.0;
        assert_eq!((wave.after.seed.0, wave.after.staked.0), (seed, staked));
    }
    assert_eq!(seed, 0, "the seed is lost first");
    assert!(staked < result.fund.staked.0);
}

#[test]
fn everything_holds_at_the_end() {
    let run = stress(&config());
    assert!(run.result.is_exact(), "{:?}", run.result.checks);
    assert_all(&run.chain);
}

/// A model of the stop: capital against the line of a peak that is the capital of the start.
#[test]
fn the_trigger_fires_when_the_numbers_say_so() {
    let result = small();
    let whole = result.capital().0;
    let line = whole * 7 / 10;
    let (mut capital, mut stopped) = (whole, None);
    for loss in &result.losses {
        match stopped {
            None => {
                capital -= used(loss);
                if capital <= line {
                    stopped = Some(loss.wave);
                }
            }
            Some(_) => {
                assert_eq!(loss.paid.0, 0, "{loss:?}");
                assert_eq!(loss.cut_by, Some(Limit::Tripped), "{loss:?}");
            }
        }
    }
    let wave = stopped.expect("it stops");
    let seconds = result
        .waves
        .iter()
        .find(|w| w.wave == wave)
        .map(|w| w.seconds);
    let [stop, again] = result.trigger[..] else {
        panic!("{:?}", result.trigger);
    };
    assert_eq!(
        stop,
        TriggerMoment {
            wave: Some(wave),
            seconds: seconds.expect("a wave"),
            tripped: true,
            capital: Amount(capital),
            peak: Amount(whole),
            line: Amount(line),
        }
    );
    // The peak of the last draw counts for 8 hours and up to half an hour more.
    let since = again.seconds - stop.seconds;
    assert!(!again.tripped && again.wave.is_none());
    assert!(
        (28_800 - 600..=28_800 + 1_800 + 60).contains(&since),
        "{since}"
    );
    assert_eq!(again.peak.0, capital);
}

#[test]
fn without_limits_nothing_is_cut_and_the_fund_pays_all() {
    let result = stress(&unlimited()).result;
    assert!(result.is_exact(), "{:?}", result.checks);
    assert!(result.totals.cut.is_empty() && result.trigger.is_empty());
    assert_eq!(result.totals.adl_taken.0, 0);
    let owed = result.totals.needed.0 + result.totals.slippage.0;
    assert_eq!(result.totals.fund_used.0, owed);
    assert_eq!(result.totals.asked, result.totals.paid);
}

/// One limit alone, tight enough to bind: it is named, it holds, and nothing else is named.
fn alone(limit: Limit, change: impl Fn(&mut StressConfig)) -> StressResult {
    let mut config = unlimited();
    change(&mut config);
    let result = stress(&config).result;
    assert!(result.is_exact(), "{:?}", result.checks);
    let named: Vec<Limit> = result.totals.cut.keys().copied().collect();
    assert_eq!(named, [limit]);
    let short = result.totals.asked.0 - result.totals.paid.0;
    assert_eq!(result.totals.cut[&limit].short.0, short);
    result
}

#[test]
fn the_cap_per_loss_holds() {
    let cap = Quote(50_000 * USD);
    let result = alone(Limit::PerLossCap, |c| c.fund.per_loss_cap = cap);
    for loss in &result.losses {
        assert_eq!(loss.paid.0, loss.asked.0.min(cap.0), "{loss:?}");
    }
}

#[test]
fn the_cap_per_block_holds_for_each_wave() {
    let cap = Quote(100_000 * USD);
    let result = alone(Limit::PerBlockCap, |c| c.fund.per_block_cap = cap);
    for wave in &result.waves {
        let used = wave.sums.paid.0 - wave.sums.returned.0;
        assert!(used <= cap.0);
        assert_eq!(wave.after.block_left.0, cap.0 - used);
    }
}

#[test]
fn the_cap_per_window_holds_for_as_long_as_the_window() {
    let cap = Quote(700_000 * USD);
    let result = alone(Limit::WindowCap, |c| c.fund.window_cap = cap);
    assert!(result.totals.fund_used.0 <= cap.0);
    let short = alone(Limit::WindowCap, |c| {
        c.fund.window_cap = cap;
        c.fund.window_seconds = 60;
    });
    assert!(short.totals.fund_used.0 > cap.0, "a new window has room");
    for (i, wave) in short.waves.iter().enumerate() {
        let from = short.waves[..=i].iter();
        let used = from.filter(|w| w.seconds + 60 >= wave.seconds);
        let used: i128 = used.map(|w| w.sums.fund_used.0).sum();
        assert!(used <= cap.0, "{wave:?}");
    }
}

#[test]
fn the_cap_per_market_holds_for_each_coin() {
    let cap = Quote(400_000 * USD);
    let result = alone(Limit::MarketWindowCap, |c| c.fund.market_window_cap = cap);
    let mut coins: BTreeMap<&str, i128> = BTreeMap::new();
    for loss in &result.losses {
        *coins.entry(&loss.coin).or_default() += used(loss);
    }
    assert_eq!(coins.len(), 3);
    assert!(coins.values().all(|used| *used <= cap.0), "{coins:?}");
    let most = result.losses.iter().map(used).max();
    assert!(most < Some(cap.0) || coins.values().any(|u| *u == cap.0));
}

#[test]
fn capital_ends_where_nothing_stops_it() {
    let result = alone(Limit::Capital, |c| c.seed_capital = 0);
    assert_eq!(result.totals.from_staked, result.fund.staked);
    let after = result.after_crash().expect("waves");
    assert_eq!((after.seed.0, after.staked.0), (0, 0));
    assert!(result.totals.adl_taken.0 > 0);
}

#[test]
fn stakers_get_the_smaller_of_two_moments() {
    let result = small();
    let [stays, early, late] = &result.stakers[..] else {
        panic!("{:?}", result.stakers);
    };
    let staked: i128 = result.stakers.iter().map(|s| s.staked.0).sum();
    assert_eq!(staked, result.fund.staked.0);
    let left = result.after_crash().expect("waves").staked.0;
    let worth: i128 = result.stakers.iter().map(|s| s.after_crash.0).sum();
    assert!((0..=3).contains(&(left - worth)), "{left} {worth}");
    let (e, l) = (early.unstake.expect("asks"), late.unstake.expect("asks"));
    let hurt = result.waves.iter().find(|w| w.sums.from_staked.0 > 0);
    assert_eq!(Some(e.wave), hurt.map(|w| w.wave), "when it begins to hurt");
    assert!(e.value_at_claim < e.value_at_request, "{e:?}");
    assert_eq!((e.paid, e.paid), (e.value_at_claim, early.after_crash));
    assert_eq!(Some(l.wave), result.waves.last().map(|w| w.wave));
    assert!(l.value_at_claim > l.value_at_request, "fees came: {l:?}");
    assert_eq!((l.paid, l.paid), (l.value_at_request, late.after_crash));
    for u in [e, l] {
        assert!(u.claimed_seconds >= u.requested_seconds + result.fund.cooldown_seconds);
    }
    let fees = &result.fees;
    let parts = [
        fees.to_bad_debt,
        fees.to_bounties,
        fees.to_staked,
        fees.to_seed,
    ];
    assert_eq!(
        fees.collected.0,
        parts.iter().map(|part| part.0).sum::<i128>()
    );
    assert!(fees.whole && fees.price_after_ppm > fees.price_before_ppm);
    assert!(stays.unstake.is_none() && stays.at_end >= stays.staked);
}

#[test]
fn the_step_limit_changes_nothing() {
    let limited = stress(&StressConfig {
        step_limit: Some(2),
        ..config()
    });
    let strip = |result: &StressResult| {
        let mut result = result.clone();
        result.params.settings.remove("step_limit");
        result
    };
    assert_eq!(strip(&limited.result), strip(small()));
}

#[test]
fn a_limit_out_of_bounds_is_a_typed_error() {
    let mut config = config();
    config.fund.resume_bps = config.fund.trip_bps;
    let error = run(&config, |_, _, _| {}).expect_err("refused");
    assert!(matches!(error, StressError::Limit(_)), "{error}");
}

#[test]
fn a_fund_without_stakers_runs() {
    let result = stress(&StressConfig {
        staked: 0,
        ..config()
    })
    .result;
    assert!(result.is_exact() && result.stakers.is_empty());
    assert_eq!(result.totals.from_staked.0, 0);
    assert!(print_stress(&result).contains("Nobody had staked."));
}

fn keys(value: &serde_json::Value) -> String {
    let object = value.as_object().expect("an object");
    let mut keys: Vec<&str> = object.keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys.join(" ")
}

#[test]
fn the_shape_of_the_json() {
    let result = small();
    let json = serde_json::to_value(result).unwrap();
    let shape = "checks fees fund losses params stakers totals trigger waves";
    assert_eq!(keys(&json), shape);
    assert_eq!(keys(&json["waves"][0]), "after seconds sums wave");
    assert_eq!(
        keys(&json["waves"][0]["sums"]),
        "adl_taken asked bad_debt cut from_seed from_staked fund_used haircut losses needed paid returned slippage solvent"
    );
    assert_eq!(
        keys(&json["waves"][0]["after"]),
        "block_left peak seed share_price_ppm staked trip_line tripped window_left"
    );
    assert_eq!(
        keys(&json["totals"]["cut"]["tripped"]),
        "losses short",
        "limits by name"
    );
    assert_eq!(
        keys(&json["trigger"][0]),
        "capital line peak seconds tripped wave"
    );
    assert_eq!(
        keys(&json["stakers"][1]["unstake"]),
        "claimed_seconds paid requested_seconds value_at_claim value_at_request wave"
    );
    assert_eq!(
        json["fund"]["per_loss_cap"], "500000000000",
        "base units as strings"
    );
    let text = json.to_string();
    assert_eq!(
        &serde_json::from_str::<StressResult>(&text).unwrap(),
        result
    );
}

#[test]
fn the_table_has_a_row_for_each_wave_and_three_sentences() {
    let result = small();
    let text = print_stress(result);
    let lines: Vec<&str> = text.lines().collect();
    let waves = result.waves.len();
    assert_eq!(lines.len(), 2 + waves + 2 + 1 + 3, "{text}");
    for (line, wave) in lines[2..].iter().zip(&result.waves) {
        assert!(line.contains(&wave.sums.adl_taken.rounded()), "{line}");
        assert!(line.ends_with(&price(wave.after.share_price_ppm)), "{line}");
    }
    let total = lines[2 + waves + 1];
    assert!(total.starts_with("total") && total.contains(&result.totals.fund_used.rounded()));
    assert_eq!(lines[2 + waves + 3..], sentences(result));
}
