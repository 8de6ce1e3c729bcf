use super::*;

fn with(seed: i128, staked: i128) -> Tranche {
    let tranche = Tranche::default();
    let tranche = tranche.contribute(Layer::Seed, Quote(seed)).expect("small");
    tranche.stake(Quote(staked)).expect("small").0
}

/// What the sums make.
fn by_sums(t: &Tranche) -> i128 {
    let s = &t.sums;
    let into = s.contributed.0 + s.staked_in.0 + s.revenue.0 + s.returned.0;
    let out = s.withdrawn.0 + s.unstaked.0 + s.paid.0 + s.bounties_paid.0 + s.surplus.0;
    into - out
}

#[test]
fn every_movement_moves_its_sum_with_its_sign() {
    let rule = RevenueRule {
        bounties: Quote(20),
        target: Quote(1_050),
        staker_share_bps: 5_000,
        surplus_to_stakers: false,
    };
    let step = with(600, 400);
    let step = step
        .contribute(Layer::Bounties, Quote(5))
        .expect("small")
        .contribute(Layer::Staked, Quote(7))
        .expect("small")
        .withdraw(Quote(50))
        .expect("small");
    let (step, drawn) = step.open_loss(Quote(700), 9).expect("small");
    assert_eq!((drawn.seed.0, drawn.staked.0), (550, 150));
    let (_, back) = drawn.take(Quote(160)).expect("small");
    let step = step.give_back(back).expect("small");
    let step = step.close_loss().expect("small");
    let (step, earned) = step.earn(Quote(900), &rule).expect("small");
    assert_eq!(earned.surplus, Quote(900 - 15 - 540 - 93));
    let step = step.pay_bounty(Quote(11)).expect("small");
    let shares = Shares(100_000);
    let step = step.request(shares).expect("small");
    let (step, paid, _) = step.claim(shares, Quote(90)).expect("small");
    assert_eq!(paid, Quote(90), "worth more, but not at the request");
    assert_eq!(step.booked().expect("small").0, by_sums(&step));
    assert_eq!(step.requested, Shares::ZERO);
}

#[test]
fn the_gate_counts_from_the_first_of_several_losses() {
    let (one, _) = with(10, 0).open_loss(Quote(7), 100).expect("opens");
    let (two, _) = one.open_loss(Quote(1), 200).expect("opens");
    assert_eq!((two.open_losses, two.open_since), (2, 100));
    let closed = two
        .close_loss()
        .and_then(Tranche::close_loss)
        .expect("closes");
    assert_eq!(closed.open_losses, 0);
    let (again, _) = closed.open_loss(Quote(1), 300).expect("opens");
    assert_eq!((again.open_losses, again.open_since), (1, 300));
    assert!(closed.close_loss().is_err(), "an error, not a panic");
}

#[test]
fn stored_without_names_and_read_back_the_same() {
    let (tranche, _) = with(600, 400).open_loss(Quote(700), 9).expect("small");
    let tranche = tranche
        .request(Shares(5))
        .and_then(|t| t.insure(Quote::ZERO, Quote(77)))
        .expect("small");
    let text = cosmwasm_std::to_json_string(&tranche).expect("json");
    assert_eq!(
        text,
        r#"[["0","300","400000","600","100","0"],["600","400","0","0"],["0","700","0","0","0"],[1,9],["5","77"]]"#
    );
    assert_eq!(
        cosmwasm_std::from_json::<Tranche>(text).expect("back"),
        tranche
    );
}

#[test]
fn more_than_all_is_an_error() {
    assert!(with(5, 5)
        .withdraw(Quote(i128::MAX))
        .is_ok_and(|t| t.layers.seed.0 < 0));
    assert!(with(5, 5)
        .request(Shares(u128::MAX))
        .and_then(|t| t.request(Shares(1)))
        .is_err());
    assert!(with(5, 5).cancel(Shares(1)).is_err());
}
