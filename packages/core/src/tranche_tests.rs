use proptest::prelude::*;

use super::*;

fn layers(seed: i128, staked: i128) -> Layers {
    Layers {
        seed: Quote(seed),
        staked: Pool {
            assets: Quote(staked),
            shares: Shares(staked.unsigned_abs() * 1_000),
        },
        ..Layers::default()
    }
}

const RULE: RevenueRule = RevenueRule {
    bounties: Quote(10),
    target: Quote(1_000),
    staker_share_bps: 5_000,
    surplus_to_stakers: false,
};

fn earned(bounties: i128, staked: i128, seed: i128, surplus: i128) -> Earned {
    Earned {
        bounties: Quote(bounties),
        staked: Quote(staked),
        seed: Quote(seed),
        surplus: Quote(surplus),
    }
}

#[test]
fn losses_take_the_seed_before_the_stakers() {
    let table = [
        (50, 50, 0),
        (100, 100, 0),
        (130, 100, 30),
        (900, 100, 200), // no more than there is
    ];
    for (amount, seed, staked) in table {
        let (after, drawn) = layers(100, 200).draw(Quote(amount)).expect("small");
        assert_eq!((drawn.seed.0, drawn.staked.0), (seed, staked), "{amount}");
        assert_eq!((after.seed_hole.0, after.staked_hole.0), (seed, staked));
        assert_eq!(after.capital().expect("small").0, 300 - seed - staked);
        assert_eq!(after.staked.shares, Shares(200_000));
    }
}

#[test]
fn what_comes_back_goes_to_the_stakers_first() {
    let (after, drawn) = layers(100, 200).draw(Quote(130)).expect("small");
    let (left, back) = drawn.take(Quote(50)).expect("small");
    assert_eq!((back.staked.0, back.seed.0), (30, 20));
    assert_eq!((left.staked.0, left.seed.0), (0, 80));
    let after = after.give_back(back).expect("small");
    assert_eq!((after.seed.0, after.staked.assets.0), (20, 200));
    assert_eq!((after.seed_hole.0, after.staked_hole.0), (80, 0));
    let (_, back) = left.take(Quote(500)).expect("small");
    assert_eq!(back.total().expect("small").0, 80, "no more than was drawn");
}

#[test]
fn revenue_fills_the_purse_then_the_holes_in_reverse_then_the_target() {
    let (hit, _) = layers(100, 200).draw(Quote(130)).expect("small");
    let table = [
        (7, earned(7, 0, 0, 0)),
        (10, earned(10, 0, 0, 0)),
        (25, earned(10, 15, 0, 0)),
        (60, earned(10, 30, 20, 0)),
        (140, earned(10, 30, 100, 0)),
        (143, earned(10, 31, 102, 0)), // growth of 3: the odd unit to the seed
        (840, earned(10, 380, 450, 0)),
        (900, earned(10, 380, 450, 60)),
    ];
    for (amount, expected) in table {
        let (after, parts) = hit.earn(Quote(amount), &RULE).expect("small");
        assert_eq!(parts, expected, "{amount}");
        let in_tranche = after.capital().expect("small").0 + after.bounties.0;
        assert_eq!(in_tranche + parts.surplus.0, 170 + amount);
    }
}

#[test]
fn above_the_target_the_rule_decides() {
    let full = Layers {
        bounties: Quote(10),
        ..layers(500, 600)
    };
    let to_stakers = RevenueRule {
        surplus_to_stakers: true,
        ..RULE
    };
    let parts = |layers: Layers, rule| layers.earn(Quote(40), &rule).expect("small").1;
    assert_eq!(parts(full, RULE), earned(0, 0, 0, 40));
    assert_eq!(parts(full, to_stakers), earned(0, 40, 0, 0));
    let nobody = Layers {
        bounties: Quote(10),
        ..layers(1_100, 0)
    };
    assert_eq!(parts(nobody, to_stakers), earned(0, 0, 40, 0));
    let below = layers(100, 0);
    assert_eq!(
        parts(below, RULE),
        earned(10, 0, 30, 0),
        "no stakers, no share"
    );
}

#[test]
fn the_hole_shrinks_with_those_who_leave() {
    let (hit, _) = layers(0, 200).draw(Quote(100)).expect("small");
    let (left, paid, to_seed) = hit.redeem(Shares(50_000), Quote(1_000)).expect("small");
    assert_eq!((paid, to_seed), (Quote(25), Quote::ZERO));
    assert_eq!(
        left.staked_hole,
        Quote(75),
        "a quarter of the shares is gone"
    );
    let (last, paid, to_seed) = left.redeem(Shares(150_000), Quote(60)).expect("small");
    assert_eq!((paid, to_seed), (Quote(60), Quote(15)));
    assert_eq!((last.seed, last.staked_hole), (Quote(15), Quote::ZERO));
    assert_eq!(last.staked, Pool::default());
}

#[test]
fn what_a_leaver_has_gained_since_the_request_goes_to_the_seed_and_moves_no_price() {
    let grown = layers(0, 1_000).add_staked(Quote(500)).expect("small");
    let price = grown.staked.price_floor().expect("small");
    let (left, paid, to_seed) = grown.redeem(Shares(500_000), Quote(500)).expect("small");
    // They are worth 749.75: the shares that nobody owns hold a part of the gain.
    assert_eq!(
        (paid, to_seed, left.seed),
        (Quote(500), Quote(249), Quote(249))
    );
    assert_eq!(left.staked.assets, Quote(751));
    let after = left.staked.price_floor().expect("small");
    assert!(
        after >= price && after - price <= 2_000,
        "{price} to {after}"
    );
}

#[test]
fn what_comes_back_when_nobody_is_left_goes_to_the_seed() {
    let empty = Layers::default();
    let back = ByLayer {
        seed: Quote(3),
        staked: Quote(4),
    };
    assert_eq!(empty.give_back(back).expect("small").seed, Quote(7));
}

proptest! {
    #[test]
    fn revenue_is_never_lost_or_made(
        (seed, staked, drawn) in (0i128..1 << 40, 0i128..1 << 40, 0i128..1 << 42),
        (amount, target, share) in (0i128..1 << 42, 0i128..1 << 42, 0u32..=10_000),
        to_stakers in any::<bool>(),
    ) {
        let rule = RevenueRule { bounties: Quote(1 << 20), target: Quote(target), staker_share_bps: share, surplus_to_stakers: to_stakers };
        let (hit, _) = layers(seed, staked).draw(Quote(drawn)).expect("bounded");
        let (after, parts) = hit.earn(Quote(amount), &rule).expect("bounded");
        let all = [parts.bounties, parts.staked, parts.seed, parts.surplus];
        prop_assert!(all.iter().all(|part| part.0 >= 0));
        prop_assert_eq!(Quote::sum(all).expect("bounded"), Quote(amount));
        let grown = after.capital().expect("bounded").0 - hit.capital().expect("bounded").0;
        prop_assert_eq!(grown, parts.staked.0 + parts.seed.0);
        prop_assert!(parts.surplus.0 == 0 || after.seed_hole.0 == 0 || amount == 0);
        prop_assert!(after.seed_hole == hit.seed_hole || after.staked_hole.0 == 0 || staked == 0, "the stakers' hole first");
    }
}
