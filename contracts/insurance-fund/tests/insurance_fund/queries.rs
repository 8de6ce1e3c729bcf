//! What the fund answers.

use cw_multi_test::Executor;
use perp_interface::fund::{
    CoverageQuery, CoverageResponse, Layer, OwedQuery, OwedResponse, QueryMsg, RegistrationQuery,
    RegistrationResponse, RegistrationsQuery, RegistrationsResponse, SolvencyResponse, StakeQuery,
    StakeResponse, Tranche, TrancheQuery, TrancheResponse, TrancheSums, TranchesQuery,
    TranchesResponse,
};
use perp_interface::{Lots, MarketId, Price, Quote, Shares};

use crate::actions::{bounty, register_with, revenue_at};
use crate::mocks::MarketMsg;
use crate::suite::{cover, loss_closed, params, register, return_cover, usdc, Suite};

#[track_caller]
fn refused<T: serde::de::DeserializeOwned + std::fmt::Debug>(
    suite: &Suite,
    msg: &QueryMsg,
    code: &str,
) {
    let error = suite.query::<T>(msg).expect_err("is refused").to_string();
    assert!(error.contains(&format!("{code}: ")), "{code} in: {error}");
}

#[test]
fn losses_come_ascending_in_pages() {
    let mut suite = Suite::new();
    for loss_id in (1..=40).rev() {
        suite.by_market(&cover(loss_id * 1_000, 1, 0, 0), &[]);
    }
    let ids = |start_after, limit| -> Vec<_> {
        let losses = suite.losses(start_after, limit);
        losses.iter().map(|loss| loss.loss_id / 1_000).collect()
    };
    assert_eq!(ids(None, None), (1..=30).collect::<Vec<_>>());
    assert_eq!(ids(Some(30_000), None), (31..=40).collect::<Vec<_>>());
    assert_eq!(ids(Some(1_000), Some(2)), [2, 3]);
    assert_eq!(ids(Some(1_500), Some(1)), [2]);
    assert_eq!(ids(None, Some(u32::MAX)).len(), 40);
    assert!(ids(Some(40_000), None).is_empty());
    assert!(ids(None, Some(0)).is_empty());
}

#[test]
fn a_page_has_at_most_a_hundred_losses() {
    let mut suite = Suite::new();
    for loss_id in 1..=100 {
        suite.by_market(&cover(loss_id, 1, 0, 0), &[]);
    }
    // Not through `by_market`: its check of the books reads one page.
    let (market, fund) = (suite.market.clone(), suite.fund.clone());
    let msg = cover(101, 1, 0, 0);
    suite
        .app
        .execute_contract(market, fund, &msg, &[])
        .expect("passes");
    assert_eq!(suite.losses(None, Some(101)).len(), 100);
    assert_eq!(suite.losses(Some(100), Some(101)).len(), 1);
}

#[test]
fn an_unknown_loss_is_refused_with_its_number() {
    let error = Suite::new().loss(7).expect_err("is refused").to_string();
    assert!(error.contains("unknown_loss: loss 7"), "{error}");
}

#[test]
fn a_tranche_answers_with_all_that_it_holds_and_has_moved() {
    let mut suite = Suite::with_capital(100);
    let alice = suite.staker("alice", 200);
    suite.requests(&alice, Tranche::Shared, 7);
    suite.gives(Tranche::Shared, Layer::Bounties, 9);
    let params = perp_interface::params::FundParams {
        target_floor: Quote(1_000),
        bounty_per_loss_cap: Quote(4),
        ..params()
    };
    suite.update(params);
    suite.market_leaves(0, 0, 0);
    suite.by_market(&cover(1, 5, 150, 0), &[]);
    suite.by_market(&bounty(1, 3, &alice, 4), &[]);
    suite.by_market(&return_cover(1), &usdc(10));
    assert_eq!(
        suite.tranche(Tranche::Shared),
        TrancheResponse {
            tranche: Tranche::Shared,
            seed: Quote(0),
            staked: Quote(160),
            shares: Shares(200_000),
            share_price_ppm: 800_995u128.into(),
            requested: Shares(7),
            wiped: false,
            seed_hole: Quote(100),
            staked_hole: Quote(40),
            bounties: Quote(5),
            target: Quote(1_000),
            sums: TrancheSums {
                contributed: Quote(109),
                staked_in: Quote(200),
                paid: Quote(150),
                returned: Quote(10),
                bounties_paid: Quote(4),
                ..TrancheSums::default()
            },
            open_losses: 1,
            open_since: Some(suite.now().time.seconds()),
        }
    );
    suite.by_market(&loss_closed(1), &[]);
    let closed = suite.tranche(Tranche::Shared);
    assert_eq!((closed.open_losses, closed.open_since), (0, None));
    let tranche = Tranche::Market(8);
    let msg = QueryMsg::Tranche(TrancheQuery { tranche });
    refused::<TrancheResponse>(&suite, &msg, "unknown_tranche");
}

#[test]
fn tranches_come_in_pages_the_shared_one_first() {
    let mut suite = Suite::new();
    for market in [300, 8, 2, u16::MAX] {
        suite.by_authority(&register(market, true));
    }
    let page = |start_after, limit| -> Vec<_> {
        let msg = QueryMsg::Tranches(TranchesQuery { start_after, limit });
        let page = suite.query::<TranchesResponse>(&msg).expect("answers");
        page.tranches.iter().map(|t| t.tranche).collect()
    };
    let own = Tranche::Market;
    let all = [Tranche::Shared, own(2), own(8), own(300), own(u16::MAX)];
    assert_eq!(page(None, None), all);
    assert_eq!(page(None, Some(2)), all[..2]);
    assert_eq!(page(Some(Tranche::Shared), Some(2)), all[1..3]);
    assert_eq!(page(Some(own(5)), None), all[2..]);
    assert!(page(Some(own(u16::MAX)), Some(u32::MAX)).is_empty());
    let msg = QueryMsg::Tranche(TrancheQuery { tranche: own(8) });
    let one: TrancheResponse = suite.query(&msg).expect("answers");
    assert_eq!(one, suite.tranche(own(8)));
}

#[test]
fn who_has_no_stake_has_nothing() {
    let mut suite = Suite::new();
    let alice = suite.staker("alice", 100);
    let bob = suite.person("bob");
    let nothing = StakeResponse {
        shares: Shares(0),
        value: Quote(0),
        requests: vec![],
    };
    assert_eq!(suite.stake_of(&bob, Tranche::Shared), nothing);
    let msg = |tranche, staker: &str| {
        let staker = staker.to_string();
        QueryMsg::Stake(StakeQuery { tranche, staker })
    };
    let elsewhere = msg(Tranche::Market(8), alice.as_str());
    refused::<StakeResponse>(&suite, &elsewhere, "unknown_tranche");
    suite
        .query::<StakeResponse>(&msg(Tranche::Shared, "nobody"))
        .expect_err("no address");
}

#[test]
fn registrations_come_in_pages_and_one_by_one() {
    let mut suite = Suite::new();
    suite.by_authority(&register_with(300, true, Some(50), None));
    suite.by_market(&revenue_at(300, 70), &usdc(6));
    let page = |start_after, limit| {
        let msg = QueryMsg::Registrations(RegistrationsQuery { start_after, limit });
        let page = suite.query::<RegistrationsResponse>(&msg);
        page.expect("answers").registrations
    };
    let markets = |start_after, limit| -> Vec<MarketId> {
        let page = page(start_after, limit);
        page.iter().map(|row| row.market).collect()
    };
    assert_eq!(markets(None, None), [1, 2, 3, 4, 5, 6, 7, 8, 9, 300]);
    assert_eq!(markets(Some(3), Some(2)), [4, 5]);
    assert!(markets(Some(300), None).is_empty());
    let row = RegistrationResponse {
        market: 300,
        tranche: Tranche::Market(300),
        window_cap: Some(Quote(50)),
        paid_in_cap: None,
        paid_in: Quote(6),
        drawn: Quote(0),
        open_interest: Quote(70),
    };
    assert_eq!(page(Some(9), None), std::slice::from_ref(&row));
    assert_eq!(suite.registration(300), row);
    let msg = QueryMsg::Registration(RegistrationQuery { market: 301 });
    refused::<RegistrationResponse>(&suite, &msg, "not_registered");
}

fn coverage(market: MarketId, move_bps: u32) -> QueryMsg {
    QueryMsg::Coverage(CoverageQuery { market, move_bps })
}

#[test]
fn coverage_sets_capital_against_open_interest_and_a_move() {
    let mut suite = Suite::with_capital(1_500);
    let trades = |lots, mark| MarketMsg::Trades {
        lots: Lots(lots),
        mark: Price(mark),
    };
    suite.tell_market(&trades(100, 70));
    let answer: CoverageResponse = suite.query(&coverage(3, 1_001)).expect("answers");
    let expected = CoverageResponse {
        tranche: Some(Tranche::Shared),
        capital: Quote(1_500),
        payable: Quote(1_000),
        open_interest: Quote(7_000),
        of_open_interest_bps: Some(2_142),
        stress_loss_bound: Quote(701),
        of_stress_loss_bps: Some(21_398),
    };
    assert_eq!(answer, expected);
    let answer: CoverageResponse = suite.query(&coverage(77, 10_000)).expect("answers");
    let expected = CoverageResponse {
        tranche: None,
        capital: Quote(0),
        payable: Quote(0),
        of_open_interest_bps: Some(0),
        stress_loss_bound: Quote(7_000),
        of_stress_loss_bps: Some(0),
        ..expected
    };
    assert_eq!(answer, expected);
    suite.tell_market(&trades(0, 70));
    let answer: CoverageResponse = suite.query(&coverage(3, 1)).expect("answers");
    let ratios = (answer.of_open_interest_bps, answer.of_stress_loss_bps);
    assert_eq!((answer.stress_loss_bound.0, ratios), (0, (None, None)));
}

#[test]
fn coverage_refuses_moves_out_of_bounds_and_a_market_that_is_not_there() {
    let mut suite = Suite::with_capital(1_500);
    for move_bps in [0, 10_001] {
        let msg = coverage(3, move_bps);
        refused::<CoverageResponse>(&suite, &msg, "param_out_of_bounds");
    }
    suite.gated(None);
    let silent = suite.query::<CoverageResponse>(&coverage(3, 1));
    let error = silent.expect_err("no answer").to_string();
    assert!(error.contains("mock_market_is_silent"), "{error}");
    let suite = Suite::unconnected();
    refused::<CoverageResponse>(&suite, &coverage(3, 1), "not_connected");
}

#[test]
fn nothing_is_owed_to_a_stranger() {
    let suite = Suite::new();
    assert_eq!(suite.owed(&suite.stranger), 0);
    let to = "nobody".to_string();
    suite
        .query::<OwedResponse>(&QueryMsg::Owed(OwedQuery { to }))
        .expect_err("no address");
}

#[test]
fn coins_that_somebody_sent_are_unbooked_and_nobodys() {
    let mut suite = Suite::with_capital(100);
    suite.by_authority(&register(8, true));
    suite.gives(Tranche::Market(8), Layer::Bounties, 30);
    suite.staker("alice", 60);
    let (stranger, fund) = (suite.stranger.clone(), suite.fund.clone());
    let mut coins = usdc(50);
    coins.push(cosmwasm_std::Coin::new(5u128, "uatom"));
    suite
        .app
        .send_tokens(stranger, fund, &coins)
        .expect("sends");
    suite.market_leaves(1, 0, 0);
    suite.by_market(&cover(1, 0, 20, 0), &[]);
    assert_eq!(
        suite.solvency(),
        SolvencyResponse {
            balance: Quote(220),
            in_tranches: Quote(170),
            owed: Quote(0),
            unbooked: Quote(50),
            solvent: true,
            open_losses: 1,
        }
    );
}
