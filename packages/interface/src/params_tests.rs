use super::*;

#[test]
fn defaults_are_valid() {
    FeedParams::default().validate().expect("feed");
    FundParams::default().validate().expect("fund");
    QueueParams::default().validate().expect("queue");
    ExchangeParams::default().validate().expect("exchange");
    MarketParams::default().validate().expect("market");
}

#[test]
fn bounds_name_the_field_and_the_value() {
    let params = QueueParams {
        step_limit: 0,
        ..Default::default()
    };
    assert_eq!(
        params.validate().expect_err("zero").to_string(),
        "param_out_of_bounds: step_limit = 0 is not within 1..=1000000"
    );
    let params = ExchangeParams {
        loose_price_age: 59,
        ..Default::default()
    };
    assert!(params.validate().is_err(), "looser than strict");
}

#[test]
fn the_two_thresholds_of_the_fund_are_never_equal() {
    let with = |trip_bps, resume_bps| FundParams {
        trip_bps,
        resume_bps,
        ..Default::default()
    };
    for (trip, resume) in [(3_000, 2_900), (100, 0), (10_000, 9_900)] {
        assert_eq!(with(trip, resume).validate(), Ok(()));
    }
    for (trip, resume) in [(3_000, 2_901), (3_000, 3_000), (99, 0), (10_001, 0)] {
        assert!(with(trip, resume).validate().is_err(), "{trip} {resume}");
    }
    FundParams::without_limits().validate().expect("valid");
}

#[test]
fn tiers_ascend_and_never_fall() {
    let with = |tiers: &[(i128, u32, u32)]| MarketParams {
        tiers: tiers
            .iter()
            .map(|(from, initial_bps, maintenance_bps)| TierParams {
                from: Quote(*from),
                initial_bps: *initial_bps,
                maintenance_bps: *maintenance_bps,
            })
            .collect(),
        ..Default::default()
    };
    assert!(with(&[(0, 100, 50)]).validate().is_ok());
    assert!(with(&[]).validate().is_err());
    assert!(with(&[(1, 100, 50)]).validate().is_err());
    assert!(with(&[(0, 100, 50), (0, 100, 50)]).validate().is_err());
    assert!(with(&[(0, 100, 50), (9, 99, 50)]).validate().is_err());
    assert!(with(&[(0, 50, 50)]).validate().is_err());
    assert!(with(&[(0, 10_001, 50)]).validate().is_err());
}

#[test]
fn misspelt_field_is_refused() {
    let text = r#"{"step_limit":5,"default_policy":{"score":"profit","breadth":1,"protect_principal":true,"min_fill":"1"},"steplimit":7}"#;
    assert!(cosmwasm_std::from_json::<QueueParams>(text).is_err());
}

#[test]
fn a_bounty_is_never_above_the_least_fee_of_a_least_position() {
    let with = |min_notional, taker_fee_bps, maker_fee_bps, bounty| MarketParams {
        min_notional: Quote(min_notional),
        taker_fee_bps,
        maker_fee_bps,
        bounty_per_fill: Quote(bounty),
        ..Default::default()
    };
    for (min_notional, taker, maker, most) in [
        (10_000_000, 5, 2, 2_000),
        (10_000_000, 2, 5, 2_000),
        (9_999_999, 5, 2, 1_999),
        (10_000_000, 5, 0, 0),
        (0, 5, 2, 0),
    ] {
        let params = with(min_notional, taker, maker, most);
        assert_eq!(params.validate(), Ok(()), "{params:?}");
        let error = with(min_notional, taker, maker, most + 1).validate();
        let refused = ParamError::Bounty {
            bounty: Quote(most + 1),
            fee: Quote(most),
        };
        assert_eq!(error, Err(refused));
    }
    assert!(with(10_000_000, 5, 2, -1).validate().is_err());
}

#[test]
fn a_gate_is_never_longer_than_half_the_time_in_which_money_may_be_taken() {
    let with = |claim_seconds, emergency_seconds| FundParams {
        claim_seconds,
        emergency_seconds,
        ..Default::default()
    };
    assert_eq!(with(86_400, 43_200).validate(), Ok(()));
    assert!(with(86_400, 43_201).validate().is_err());
    assert!(with(86_399, 3_600).validate().is_err());
}

#[test]
fn every_new_field_of_the_fund_has_its_bounds() {
    type Change = fn(&mut FundParams);
    let table: [(&str, Change); 12] = [
        ("cooldown_seconds", |p| p.cooldown_seconds = 86_399),
        ("claim_seconds", |p| p.claim_seconds = 604_801),
        ("emergency_seconds", |p| p.emergency_seconds = 3_599),
        ("max_requests", |p| p.max_requests = 21),
        ("min_stake", |p| p.min_stake = Quote(0)),
        ("bounty_per_loss_cap", |p| p.bounty_per_loss_cap = Quote(-1)),
        ("bounty_reserve", |p| p.bounty_reserve = Quote(-1)),
        ("target.bps", |p| {
            p.target = TargetRule::OpenInterest { bps: 0 }
        }),
        ("target.losses", |p| {
            p.target = TargetRule::ValueAtRisk {
                losses: 65,
                quantile_bps: 9_900,
                multiple_bps: 20_000,
            };
        }),
        ("target.multiple_bps", |p| {
            p.target = TargetRule::ValueAtRisk {
                losses: 64,
                quantile_bps: 9_900,
                multiple_bps: 9_999,
            };
        }),
        ("target_floor", |p| p.target_floor = Quote(-1)),
        ("staker_share_bps", |p| p.staker_share_bps = 10_001),
    ];
    for (field, change) in table {
        let mut params = FundParams::default();
        change(&mut params);
        let error = params.validate().expect_err(field).to_string();
        assert!(error.contains(field), "{error} names {field}");
    }
    let cap = PaidInCap {
        base: Quote(0),
        bps: 10_001,
    };
    assert!(FundParams::validate_terms(None, Some(cap)).is_err());
    assert!(FundParams::validate_terms(Some(Quote(-1)), None).is_err());
    assert_eq!(FundParams::validate_terms(Some(Quote(0)), None), Ok(()));
}
