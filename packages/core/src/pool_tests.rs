use proptest::prelude::*;

use super::*;

fn pool(assets: i128, shares: u128) -> Pool {
    Pool {
        assets: Quote(assets),
        shares: Shares(shares),
    }
}

#[test]
fn the_first_stake_gets_a_thousand_shares_a_unit() {
    let (after, shares) = Pool::default().stake(Quote(500)).expect("small");
    assert_eq!(shares, Shares(500_000));
    assert_eq!(after, pool(500, 500_000));
    assert_eq!(after.value_floor(shares), Ok(Quote(500)));
    assert_eq!(after.price_floor(), Ok(PRICE_PARTS));
}

#[test]
fn losses_lower_the_price_for_everybody_alike() {
    let hit = pool(400, 1_000_000);
    assert_eq!(hit.value_floor(Shares(1_000_000)), Ok(Quote(400)));
    assert_eq!(hit.value_floor(Shares(500_000)), Ok(Quote(200)));
    assert_eq!(hit.shares_floor(Quote(100)), Ok(Shares(249_625)));
}

#[test]
fn shares_leave_with_their_value() {
    let (left, paid) = pool(1_000, 1_000_000)
        .redeem(Shares(500_000))
        .expect("small");
    assert_eq!((left, paid), (pool(500, 500_000), Quote(500)));
    assert!(pool(5, 5).redeem(Shares(6)).is_err());
}

#[test]
fn a_pool_is_wiped_below_a_thousandth_of_its_first_price() {
    assert_eq!(Pool::default().is_wiped(), Ok(false), "a new one");
    let shares = 1_000_000_000; // of 1 000 000 units
    assert_eq!(pool(1_001, shares).is_wiped(), Ok(false));
    assert_eq!(pool(998, shares).is_wiped(), Ok(true));
    assert_eq!(pool(0, shares).is_wiped(), Ok(true));
}

#[test]
fn a_gift_before_the_second_stake_costs_the_giver_more_than_it_takes() {
    // The attacker stakes 1 and gives 10^6, the victim stakes 10^6.
    let (first, own) = Pool::default().stake(Quote(1)).expect("small");
    let gifted = pool(first.assets.0 + 1_000_000, first.shares.0);
    let (after, victims) = gifted.stake(Quote(1_000_000)).expect("small");
    let lost = 1_000_000 - after.value_floor(victims).expect("small").0;
    let gained = after.value_floor(own).expect("small").0 - 1_000_001;
    assert!(lost <= 1_000, "at most a thousandth: {lost}");
    assert!(gained < -400_000, "the gift went to nobody: {gained}");
}

#[test]
fn beyond_all_bounds_is_an_error() {
    assert!(pool(i128::MAX, u128::MAX).shares_floor(Quote(1)).is_err());
    assert!(pool(0, u128::MAX / 2).stake(Quote(1 << 100)).is_err());
}

proptest! {
    #[test]
    fn shares_are_never_worth_more_than_the_assets(assets in 0..i128::MAX >> 20, shares in 0..u128::MAX >> 20) {
        let pool = pool(assets, shares);
        prop_assert!(pool.value_floor(pool.shares).expect("bounded") <= pool.assets);
    }

    #[test]
    fn in_and_out_at_once_never_earns_and_costs_nobody(
        assets in 0i128..1 << 60,
        shares in 1u128..1 << 70,
        amount in 1i128..1 << 50,
    ) {
        let before = pool(assets, shares);
        let (after, got) = before.stake(Quote(amount)).expect("bounded");
        prop_assert!(after.value_floor(got).expect("bounded") <= Quote(amount));
        let others = Shares(shares);
        prop_assert!(after.value_floor(others).expect("bounded") >= before.value_floor(others).expect("bounded"));
        let (out, paid) = after.redeem(got).expect("bounded");
        prop_assert!(paid <= Quote(amount));
        prop_assert!(out.value_floor(others).expect("bounded") >= before.value_floor(others).expect("bounded"));
    }
}
