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
