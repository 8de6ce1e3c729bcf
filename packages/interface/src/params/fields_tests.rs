use std::collections::BTreeSet;
use std::fmt::Debug;

use perp_core::change::{advance, propose, Caller, ChangeError, Clock, Pending, Plan};
use perp_core::margin::{requirement_ceil, Requirement, Tier};
use proptest::prelude::*;
use serde::Serialize;

use super::*;

const CLOCK: Clock = Clock {
    now: 1_000,
    notice: 100,
    step: 10,
};

/// Every field of the message has its line: a new parameter cannot be forgotten.
fn every_field_has_its_line<P: ParamSet + Default + Serialize>() {
    let text = to_json_string(&P::default()).expect("serialises");
    let json: serde_json::Value = serde_json::from_str(&text).expect("is JSON");
    let of_message: BTreeSet<&str> = json
        .as_object()
        .expect("is an object")
        .keys()
        .map(String::as_str)
        .collect();
    let top = |name: &'static str| name.split('.').next().expect("has a first part");
    let of_table: BTreeSet<&str> = P::fields().iter().map(|f| top(f.name)).collect();
    assert_eq!(of_table, of_message);
    let names: BTreeSet<&str> = P::fields().iter().map(|f| f.name).collect();
    assert_eq!(names.len(), P::fields().len(), "each once");
}

#[test]
fn every_parameter_has_its_line() {
    every_field_has_its_line::<FeedParams>();
    every_field_has_its_line::<QueueParams>();
    every_field_has_its_line::<ExchangeParams>();
    every_field_has_its_line::<MarketParams>();
    every_field_has_its_line::<FundParams>();
    assert_eq!(OwnPolicy::fields().len(), 1);
}

/// Moves each number of the table up and down and looks at what becomes of it.
fn walk<P: ParamSet<Error = ParamError> + Debug>(current: &P) -> usize {
    let mut tried = 0;
    for field in P::fields() {
        let Access::Numbers { get, set, .. } = field.access else {
            continue;
        };
        for by in [-1, 1] {
            let mut proposed = current.clone();
            set(&mut proposed, 0, get(current, 0) + by);
            if proposed.validate().is_err() {
                continue;
            }
            assert_eq!(
                get(&proposed, 0),
                get(current, 0) + by,
                "{field:?} is written"
            );
            let tightens = field.is_tighter(0, by);
            judge(field, current, &proposed, tightens);
            tried += 1;
        }
    }
    tried
}

fn judge<P: ParamSet<Error = ParamError> + Debug>(
    field: &Field<P>,
    current: &P,
    proposed: &P,
    tightens: bool,
) {
    let of = |caller| propose(caller, current, None, proposed.clone(), &CLOCK);
    let at_once = Plan {
        now: proposed.clone(),
        pending: None,
    };
    let waits = Plan {
        now: current.clone(),
        pending: Some(Pending {
            target: proposed.clone(),
            due: CLOCK.now + CLOCK.notice,
        }),
    };
    let by_guardian = of(Caller::Guardian);
    if tightens {
        assert_eq!(of(Caller::Authority), Ok(at_once.clone()), "{field:?}");
        assert_eq!(by_guardian, Ok(at_once), "{field:?}");
    } else {
        assert_eq!(of(Caller::Authority), Ok(waits), "{field:?}");
        let refused = ChangeError::GuardianOnlyTightens { field: field.name };
        assert_eq!(by_guardian, Err(refused), "{field:?}");
    }
}

#[test]
fn the_table_is_what_happens() {
    let feed = walk(&FeedParams::default());
    let queue = walk(&QueueParams {
        default_policy: Policy {
            breadth: 5,
            min_fill: Lots(5),
            ..Policy::default()
        },
        ..QueueParams::default()
    });
    let exchange = walk(&ExchangeParams::default());
    let market = walk(&MarketParams {
        hedge_group: 3,
        cover_band_bps: 20,
        bounty_per_fill: Quote(100),
        ..MarketParams::default()
    });
    let fund = walk(&FundParams {
        trip_bps: 4_000,
        ..FundParams::default()
    });
    // Both ways of every number that is not at a bound.
    assert_eq!((feed, queue, exchange, market, fund), (4, 6, 20, 24, 34));
}

#[test]
fn a_guardian_cannot_touch_what_keeps_others_from_acting() {
    let neither = |name: &str, fields: &[(&str, bool)]| {
        let found = fields.iter().find(|(field, _)| *field == name);
        found.is_some_and(|(_, neither)| *neither)
    };
    let table = |(name, tighter)| (name, tighter == Neither);
    let exchange: Vec<_> = ExchangeParams::fields()
        .iter()
        .map(|f| table((f.name, f.tighter)))
        .collect();
    for name in [
        "max_orders",
        "max_side_orders",
        "strict_price_age",
        "loose_price_age",
        "max_fills",
        "cover_gas_limit",
    ] {
        assert!(neither(name, &exchange), "{name}");
    }
    let market: Vec<_> = MarketParams::fields()
        .iter()
        .map(|f| table((f.name, f.tighter)))
        .collect();
    for name in ["tiers.maintenance_bps", "taker_fee_bps", "funding_rate"] {
        assert!(neither(name, &market), "{name}");
    }
    assert!(FeedParams::fields().iter().all(|f| f.tighter == Neither));
    assert!(QueueParams::fields().iter().all(|f| f.tighter == Neither));
}

fn tiers() -> impl Strategy<Value = Vec<TierParams>> {
    let tier = (1_i128..1_000_000, 10_u32..4_000, 1_u32..3_000);
    prop::collection::vec(tier, 1..=4).prop_map(|raw| {
        let (mut from, mut maintenance, mut initial) = (0, 0, 0);
        let mut tiers = vec![];
        for (i, (gap, m, more)) in raw.into_iter().enumerate() {
            from = if i == 0 { 0 } else { from + gap * 1_000_000 };
            maintenance = maintenance.max(m);
            initial = initial.max(maintenance + more);
            tiers.push(TierParams {
                from: Quote(from),
                initial_bps: initial,
                maintenance_bps: maintenance,
            });
        }
        tiers
    })
}

prop_compose! {
    fn market_params()(
        tiers in tiers(),
        min_notional in 0_i128..100_000_000,
        lots in 1_u64..1 << 48,
        fees in (0_u32..=100, 0_u32..=100),
        band in 0_u32..=50,
        bounty in 0_i128..1_000_000,
        spread in 0_u32..=1_000,
    ) -> MarketParams {
        let mut params = MarketParams {
            tiers,
            min_notional: Quote(min_notional),
            max_open_interest: Lots(lots),
            taker_fee_bps: fees.0,
            maker_fee_bps: fees.1,
            cover_band_bps: band,
            bounty_per_fill: Quote(bounty),
            liquidation_spread_bps: spread,
            ..MarketParams::default()
        };
        let fee = least_fee_floor(params.min_notional, params.least_fee_bps()).expect("fits");
        params.bounty_per_fill = params.bounty_per_fill.min(fee);
        params
    }
}

fn requirement(params: &MarketParams, notional: i128, kind: Requirement) -> Quote {
    let tiers: Vec<Tier> = params.tiers.iter().map(Tier::from).collect();
    requirement_ceil(&tiers, Quote(notional), kind).expect("fits")
}

/// All sets from the decision to the goal, each as soon as it may be.
fn way<P: ParamSet<Error = ParamError> + Debug>(from: &P, to: &P) -> Vec<P> {
    let plan = propose(Caller::Authority, from, None, to.clone(), &CLOCK).expect("is let through");
    let (mut now, mut pending) = (plan.now, plan.pending);
    let mut way = vec![from.clone(), now.clone()];
    while let Some(waits) = pending {
        let clock = Clock {
            now: waits.due,
            ..CLOCK
        };
        let plan = advance(&now, waits, &clock).expect("no step is refused");
        now = plan.now;
        pending = plan.pending;
        way.push(now.clone());
        assert!(way.len() < 2_000, "it never arrives: {now:?} of {to:?}");
    }
    assert_eq!(&now, to);
    way
}

fn exchange_params() -> impl Strategy<Value = ExchangeParams> {
    (1_u64..=3_600, 0_u64..=82_800, 1_u32..=64, 10_u64..=100_000).prop_map(
        |(strict, more, accounts, blocks)| ExchangeParams {
            strict_price_age: strict,
            loose_price_age: strict + more,
            max_subaccounts: accounts,
            force_after_blocks: blocks,
            ..ExchangeParams::default()
        },
    )
}

fn fund_params() -> impl Strategy<Value = FundParams> {
    let times = (86_400_u64..=7_776_000, 0.0_f64..=1.0, 0.0_f64..=1.0);
    let stop = (100_u32..=10_000, 0.0_f64..=1.0);
    (times, stop, 0_i128..1 << 100).prop_map(|(times, (trip, part), cap)| {
        let cooldown = times.0;
        let claim = 86_400 + ((cooldown - 86_400) as f64 * times.1) as u64;
        let emergency = 3_600 + ((claim / 2 - 3_600) as f64 * times.2) as u64;
        FundParams {
            cooldown_seconds: cooldown,
            claim_seconds: claim,
            emergency_seconds: emergency,
            trip_bps: trip,
            resume_bps: (f64::from(trip - 100) * part) as u32,
            window_cap: Quote(cap),
            ..FundParams::default()
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn every_way_of_a_market_arrives_and_liquidates_nobody_who_met_the_initial_margin(
        from in market_params(),
        to in market_params(),
        notional in 0_i128..3_000_000_000_000,
    ) {
        for pair in way(&from, &to).windows(2) {
            prop_assert_eq!(pair[1].validate(), Ok(()));
            let before = requirement(&pair[0], notional, Requirement::Initial);
            let after = requirement(&pair[1], notional, Requirement::Maintenance);
            prop_assert!(after <= before, "{:?} -> {:?}", pair[0].tiers, pair[1].tiers);
            // Half a per cent of the notional, rounded up on both sides.
            let moved = after.0 - requirement(&pair[0], notional, Requirement::Maintenance).0;
            prop_assert!(moved.abs() <= notional / 200 + 1, "{}", moved);
        }
    }

    /// Whatever waits, a guardian moves only its own: what it does not touch is on its way as before.
    #[test]
    fn a_guardian_drops_nothing_that_waits(
        from in market_params(),
        to in market_params(),
        raise in proptest::collection::vec(0_u32..3_000, 8),
    ) {
        let Ok(Plan { now, pending: Some(waits) }) =
            propose(Caller::Authority, &from, None, to, &CLOCK)
        else {
            return Ok(());
        };
        let mut tighter = now.clone();
        for (tier, by) in tighter.tiers.iter_mut().zip(raise) {
            tier.initial_bps = (tier.initial_bps + by).min(10_000);
        }
        let Ok(plan) = propose(Caller::Guardian, &now, Some(waits.clone()), tighter, &CLOCK) else {
            return Ok(());
        };
        let target = plan.pending.map_or(plan.now, |pending| pending.target);
        let (kept, wanted) = target.align(&waits.target);
        for (kept, wanted) in kept.tiers.iter().zip(&wanted.tiers) {
            prop_assert_eq!(kept.maintenance_bps, wanted.maintenance_bps);
            prop_assert!(kept.initial_bps >= wanted.initial_bps);
        }
        let tiers = waits.target.tiers.clone();
        let same = |params: &MarketParams| MarketParams { tiers: tiers.clone(), ..params.clone() };
        prop_assert_eq!(same(&target), waits.target);
    }

    #[test]
    fn cutting_tiers_changes_no_requirement(
        one in market_params(),
        other in market_params(),
        notional in 0_i128..3_000_000_000_000,
    ) {
        let (cut, cut_too) = one.align(&other);
        prop_assert_eq!(cut.tiers.len(), cut_too.tiers.len());
        for kind in [Requirement::Initial, Requirement::Maintenance] {
            prop_assert_eq!(requirement(&one, notional, kind), requirement(&cut, notional, kind));
        }
    }

    #[test]
    fn every_way_of_the_exchange_arrives(from in exchange_params(), to in exchange_params()) {
        for set in way(&from, &to) {
            prop_assert_eq!(set.validate(), Ok(()));
        }
    }

    #[test]
    fn every_way_of_the_fund_arrives(from in fund_params(), to in fund_params()) {
        for set in way(&from, &to) {
            prop_assert_eq!(set.validate(), Ok(()));
        }
    }
}

#[test]
fn bug_a_guardian_cut_tiers_where_others_could_not_follow() {
    let current = MarketParams::default();
    let mut proposed = current.clone();
    let junk = TierParams {
        from: Quote(1),
        ..current.tiers[0].clone()
    };
    proposed.tiers.insert(1, junk);
    proposed.min_notional = Quote(current.min_notional.0 + 1);
    let of = |caller| propose(caller, &current, None, proposed.clone(), &CLOCK);
    let field = "tiers.initial_bps";
    let refused = ChangeError::GuardianOnlyTightens { field };
    assert_eq!(of(Caller::Guardian), Err(refused));
    assert_eq!(
        of(Caller::Authority).expect("may").pending,
        None,
        "it means the same"
    );
}

fn tiered(rows: &[(i128, u32, u32)]) -> MarketParams {
    let tier = |(from, initial_bps, maintenance_bps): &(i128, u32, u32)| TierParams {
        from: Quote(*from),
        initial_bps: *initial_bps,
        maintenance_bps: *maintenance_bps,
    };
    MarketParams {
        tiers: rows.iter().map(tier).collect(),
        ..MarketParams::default()
    }
}

#[test]
fn bug_a_guardian_moved_tiers_to_where_others_could_not_follow() {
    let current = tiered(&[(0, 1_000, 500), (2_000, 2_000, 500)]);
    let moved = tiered(&[(0, 1_000, 500), (1_000, 2_000, 500)]);
    let field = "tiers.initial_bps";
    let refused = Err(ChangeError::GuardianOnlyTightens { field });
    let of = |pending| propose(Caller::Guardian, &current, pending, moved.clone(), &CLOCK);
    assert_eq!(of(None), refused);
    let waits = Pending {
        target: tiered(&[(0, 900, 500), (2_000, 1_800, 500)]),
        due: 1_100,
    };
    assert_eq!(of(Some(waits)), refused);
}

#[test]
fn bug_a_guardian_dropped_a_change_by_a_tier_below_the_one_it_lowers() {
    let current = tiered(&[(0, 1_000, 500), (1_000, 2_000, 1_000)]);
    let target = MarketParams {
        taker_fee_bps: current.taker_fee_bps + 1,
        ..tiered(&[(0, 800, 500), (1_000, 1_100, 1_000)])
    };
    let waits = Pending { target, due: 1_100 };
    let raised = tiered(&[(0, 1_101, 500), (1_000, 2_000, 1_000)]);
    let plan = propose(
        Caller::Guardian,
        &current,
        Some(waits.clone()),
        raised,
        &CLOCK,
    );
    let pending = plan.expect("tightens").pending.expect("the rest waits on");
    let kept = MarketParams {
        taker_fee_bps: waits.target.taker_fee_bps,
        ..tiered(&[(0, 1_101, 500), (1_000, 1_101, 1_000)])
    };
    assert_eq!(
        pending,
        Pending {
            target: kept,
            due: 1_100
        }
    );
}

#[test]
fn bug_maintenance_jumped_where_both_sets_of_tiers_are_too_many() {
    let every = |unit: i128, initial, maintenance| {
        let rows: Vec<_> = (0..8).map(|i| (i * unit, initial, maintenance)).collect();
        tiered(&rows)
    };
    let (current, proposed) = (every(1_000, 101, 100), every(1_500, 200, 150));
    let refused = propose(Caller::Authority, &current, None, proposed, &CLOCK);
    assert!(matches!(refused, Err(ChangeError::Param(_))), "{refused:?}");
    // What holds at once as a whole needs no way.
    let tighter = every(1_500, 200, 100);
    let plan = propose(Caller::Authority, &current, None, tighter.clone(), &CLOCK);
    assert_eq!(plan.expect("at once").now, tighter);
}

/// Days from a decision to its last step, at the default notice.
fn days<P: ParamSet<Error = ParamError> + Debug>(from: &P, to: &P) -> u64 {
    // The way begins with what is and what holds at once.
    let steps = way(from, to).len() as u64 - 2;
    let notice = crate::governance::NoticeParams::default();
    (notice.notice_seconds + (steps - 1) * notice.step_seconds) / 86_400
}

#[test]
fn the_days_that_the_threat_model_names() {
    let market = MarketParams::default();
    let with = |lots, initial_bps| MarketParams {
        max_open_interest: Lots(lots),
        tiers: vec![TierParams {
            from: Quote(0),
            initial_bps,
            maintenance_bps: 500,
        }],
        ..market.clone()
    };
    assert_eq!(days(&with(1, 10_000), &with(1, 1_000)), 12);
    assert_eq!(days(&with(1, 1_000), &with(1 << 40, 1_000)), 33);
    let fund = FundParams::default();
    let nothing = |per_loss_cap, window_cap| FundParams {
        per_loss_cap,
        window_cap,
        ..fund.clone()
    };
    assert_eq!(days(&nothing(Quote(0), fund.window_cap), &fund), 2);
    assert_eq!(days(&nothing(fund.per_loss_cap, Quote(0)), &fund), 5);
}

#[test]
fn a_step_is_never_longer_than_the_notice() {
    let valid = |notice_seconds, step_seconds| {
        let notice = crate::governance::NoticeParams {
            notice_seconds,
            step_seconds,
        };
        notice.validate().is_ok()
    };
    assert!(valid(0, 0) && valid(1, 1) && valid(172_800, 86_400) && valid(2_592_000, 2_592_000));
    for (notice, step) in [(0, 1), (60, 86_400), (60, 0), (2_592_001, 1)] {
        assert!(!valid(notice, step), "{notice} {step}");
    }
}
