//! The lens's `Stress` names who goes bankrupt, by how much, and what is left: as it then happens.

use perp_interface::lens::{
    BankruptAccount, LiquidatableAccount, QueryMsg, StressOutlook, StressQuery, StressTotals,
};
use perp_interface::params::MarketParams;
use perp_interface::{lens, AccountId, LossId, MarketId, PerLot, Side};
use perp_testkit::chain::ChainResult;
use perp_testkit::scan::Scan;
use perp_testkit::Chain;
use proptest::prelude::*;

use crate::situation::{cross, free_market, party, ENTRY, USDC};

fn ask(chain: &Chain, query: StressQuery) -> ChainResult<lens::StressResponse> {
    let lens = chain.addresses.lens.clone().expect("is deployed");
    chain.query(&lens, &QueryMsg::Stress(query))
}

const fn question(market: MarketId, move_bps: i32) -> StressQuery {
    StressQuery {
        market,
        move_bps,
        cursor: None,
        limit: None,
    }
}

/// All pages put together.
#[derive(Debug, PartialEq)]
struct Whole {
    price: u64,
    bankrupt: Vec<BankruptAccount>,
    liquidatable: Vec<LiquidatableAccount>,
    totals: StressTotals,
    outlook: Vec<StressOutlook>,
}

fn stress(chain: &Chain, move_bps: i32, limit: u32) -> Whole {
    let mut query = StressQuery {
        limit: Some(limit),
        ..question(1, move_bps)
    };
    let (mut bankrupt, mut liquidatable) = (vec![], vec![]);
    loop {
        let page = ask(chain, query.clone()).expect("answers");
        assert!(page.bankrupt.len() + page.liquidatable.len() <= limit as usize);
        bankrupt.extend(page.bankrupt);
        liquidatable.extend(page.liquidatable);
        if page.next.is_none() {
            return Whole {
                price: page.price.0,
                bankrupt,
                liquidatable,
                totals: page.totals,
                outlook: page.outlook,
            };
        }
        assert_eq!(page.outlook, [], "only the last page knows");
        query.cursor = page.next;
    }
}

/// One who is long in market 1: lots, deposit in USDC above the initial margin, and lots in market 2
/// (short if negative, none if 0).
type Long = (u64, u128, i64);

/// A market in which longs are paid 256 units a lot each second.
fn market(chain: &mut Chain, id: MarketId) {
    let params = MarketParams {
        funding_rate: PerLot(-(1 << 40)),
        ..free_market()
    };
    chain.list(id, ENTRY, params).expect("lists");
}

/// Longs against four shorts of market 1, and two whales on both sides of market 2, where the price
/// has fallen by 5 %. All books are empty.
fn situation(chain: &mut Chain, longs: &[Long]) -> Vec<AccountId> {
    market(chain, 1);
    market(chain, 2);
    let whales = ["bull", "bear"].map(|name| party(chain, name, 1_000_000 * USDC));
    cross(chain, 2, (&whales[0], &whales[1]), 500, ENTRY);
    let shorts = [70, 90, 150, 400].map(|usdc| party(chain, &format!("s{usdc}"), usdc * USDC));
    let mut all = Vec::new();
    for (i, (lots, more, other)) in longs.iter().enumerate() {
        let margin = u128::from(*lots) + u128::from(other.unsigned_abs());
        let long = party(chain, &format!("l{i}"), (margin + more) * USDC);
        // The large ones cannot be met by the small shorts.
        let short = &shorts[if *lots > 30 { 3 } else { i % 4 }];
        cross(chain, 1, (&long, short), *lots, ENTRY);
        let size = other.unsigned_abs();
        match other.signum() {
            1 => cross(chain, 2, (&long, &whales[1]), size, ENTRY),
            -1 => cross(chain, 2, (&whales[0], &long), size, ENTRY),
            _ => {}
        }
        all.push(long.id);
    }
    chain.set_price(2, ENTRY - 500_000).expect("prices");
    all
}

/// Moves the price, liquidates every account in the order of their numbers, and compares.
fn assert_comes_true(longs: &[Long], capital: u128, move_bps: i32) -> Whole {
    let mut chain = Chain::builder().lens().check_every(1).build();
    situation(&mut chain, longs);
    if capital > 0 {
        chain.contribute(capital).expect("contributes");
    }
    // Funding that no position has settled yet.
    chain.advance(300, 60);
    chain.set_price(2, ENTRY - 500_000).expect("prices");
    let shown = stress(&chain, move_bps, 500);
    for limit in [1, 3] {
        assert_eq!(stress(&chain, move_bps, limit), shown, "pages of {limit}");
    }
    chain.set_price(1, shown.price).expect("prices");
    let accounts = Scan::take(&chain).expect("scans").accounts;
    let in_market =
        |a: &&perp_interface::market::AccountResponse| a.positions.iter().any(|p| p.market == 1);
    let mut low = Vec::new();
    for account in accounts.iter().filter(in_market) {
        let health = chain.health(account.account).expect("is there");
        if health.liquidatable && !health.bankrupt {
            low.push((account.account, health.equity, health.maintenance));
        }
    }
    let said: Vec<_> = shown
        .liquidatable
        .iter()
        .map(|l| (l.account, l.equity, l.maintenance))
        .collect();
    assert_eq!(said, low);
    let keeper = chain.user("keeper");
    for account in &accounts {
        match chain.liquidate(&keeper, account.account) {
            Ok(_) => drop(chain.finish_jobs(100).expect("finishes")),
            Err(error) => assert!(error.has_code("not_liquidatable"), "{error}"),
        }
    }
    assert_losses(&chain, &shown);
    shown
}

fn assert_losses(chain: &Chain, shown: &Whole) {
    let scan = Scan::take(chain).expect("scans");
    let here: Vec<_> = scan.losses.iter().filter(|l| l.terms.market == 1).collect();
    let happened: Vec<_> = here
        .iter()
        .map(|l| (l.account, l.terms.side, l.lots, l.need, l.fund_used))
        .collect();
    let said: Vec<_> = shown
        .bankrupt
        .iter()
        .map(|b| (b.account, b.side, b.lots, b.need, b.fund_pays))
        .collect();
    assert_eq!(said, happened);
    assert!(here.iter().all(|l| l.closed));
    for bankrupt in &shown.bankrupt {
        let own = scan.losses.iter().filter(|l| l.account == bankrupt.account);
        assert_eq!(bankrupt.deficit.0, own.map(|l| l.need.0).sum::<i128>());
    }
    let elsewhere: i128 = scan
        .losses
        .iter()
        .filter(|l| l.terms.market != 1)
        .map(|l| l.fund_used.0)
        .sum();
    assert_eq!(shown.totals.fund_pays_elsewhere.0, elsewhere);
    assert_eq!(shown.totals.fund_left, scan.capital.capital);
    for (side, outlook) in [Side::Long, Side::Short].into_iter().zip(&shown.outlook) {
        let losses = here.iter().filter(|l| l.terms.side == side);
        let bad_debt: i128 = losses.clone().map(|l| l.bad_debt.0).sum();
        let by_adl: i128 = losses.clone().map(|l| l.adl_taken.0 + l.haircut.0).sum();
        assert_eq!(outlook.left.0, by_adl + bad_debt);
        assert_eq!(outlook.lots.0, losses.map(|l| l.adl_lots.0).sum::<u64>());
        assert!(outlook.bad_debt_at_least.0 <= bad_debt);
    }
}

const LONGS: [Long; 6] = [
    (100, 60, 0),
    (50, 20, 30),
    (20, 35, -10),
    (10, 5, 3),
    (10, 900, 0),
    (30, 60, 0),
];

#[test]
fn comes_true_without_a_fund() {
    let shown = assert_comes_true(&LONGS, 0, -3_000);
    assert_eq!(shown.bankrupt.len(), 3);
    assert_eq!(shown.totals.long.fund_pays.0, 0);
    assert!(shown.liquidatable.iter().any(|l| !l.already));
    assert_eq!(
        shown.totals.accounts, 12,
        "whales and shorts are looked at too"
    );
}

#[test]
fn comes_true_with_a_fund_that_is_too_small() {
    let shown = assert_comes_true(&LONGS, 673_333_334, -3_000);
    assert_eq!(
        shown.totals.fund_left.0, 471_333_334,
        "down to the line of the drawdown"
    );
    assert!(shown.totals.long.fund_pays.0 > 0 && shown.totals.long.left.0 > 0);
    assert!(shown.totals.fund_pays_elsewhere.0 > 0);
    let large = assert_comes_true(&LONGS, 10_000_000_000, -3_000);
    assert_eq!(large.totals.long.left.0, 0);
}

#[test]
fn a_rise_breaks_the_shorts() {
    let shown = assert_comes_true(&LONGS, 0, 4_000);
    let sides: Vec<_> = shown.bankrupt.iter().map(|b| b.side).collect();
    assert!(
        !sides.is_empty() && sides.iter().all(|s| *s == Side::Short),
        "{sides:?}"
    );
}

/// One loss alone takes all that can bear before there is bad debt: the bound is reached.
#[test]
fn the_bound_on_bad_debt_is_exact_for_one_loss() {
    let mut chain = Chain::builder().lens().check_every(1).build();
    market(&mut chain, 1);
    let long = party(&mut chain, "long", 110 * USDC);
    for (i, lots) in [60u64, 40].into_iter().enumerate() {
        let short = party(&mut chain, &format!("s{i}"), 200 * USDC);
        // Entered lower than the long did, so that their profit is smaller than its loss.
        let whale = party(&mut chain, &format!("w{i}"), 10_000 * USDC);
        chain.set_price(1, ENTRY).expect("prices");
        cross(&mut chain, 1, (&long, &whale), lots, ENTRY);
        chain.set_price(1, 8_500_000).expect("prices");
        cross(&mut chain, 1, (&whale, &short), lots, 8_500_000);
    }
    let shown = stress(&chain, -4_000, 500);
    let said = shown.outlook[0].bad_debt_at_least.0;
    assert!(said > 0);
    chain.set_price(1, shown.price).expect("prices");
    let keeper = chain.user("keeper");
    chain.liquidate(&keeper, long.id).expect("liquidates");
    chain.finish_jobs(100).expect("finishes");
    let losses = Scan::take(&chain).expect("scans").losses;
    assert_eq!(losses.len(), 1);
    assert_eq!(losses[0].bad_debt.0, said);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn comes_true(
        longs in prop::collection::vec((2u64..30, 1u128..60, -8i64..9), 1..8),
        capital in prop_oneof![Just(0u128), 1_000_000u128..400_000_000],
        move_bps in -6_000i32..-1_000,
    ) {
        assert_comes_true(&longs, capital, move_bps);
    }
}

#[test]
fn accounts_whose_losses_are_open_are_counted_apart() {
    let queue = perp_interface::params::QueueParams {
        step_limit: 1,
        ..Default::default()
    };
    let mut chain = Chain::builder().queue(queue).lens().check_every(1).build();
    let longs = situation(&mut chain, &[(31, 20, 0), (30, 20, 0), (30, 20, 0)]);
    chain.set_price(1, ENTRY / 2).expect("prices");
    let keeper = chain.user("keeper");
    chain.liquidate(&keeper, longs[0]).expect("liquidates");
    let page = ask(&chain, question(1, 0)).expect("answers");
    assert_eq!(page.totals.locked, 1);
    assert_eq!(page.deleveraging, Some(longs[0]));
    assert!(page
        .bankrupt
        .iter()
        .all(|b| b.account != longs[0] && b.already));
    let first: LossId = 1;
    chain.step(&keeper, first).expect("goes on");
}

#[test]
fn refuses_what_cannot_be_asked() {
    let mut chain = Chain::builder().lens().check_every(1).build();
    situation(&mut chain, &LONGS);
    let page = |limit| StressQuery {
        limit: Some(limit),
        ..question(1, -100)
    };
    let cursor = ask(&chain, page(1)).expect("answers").next;
    let cursor = cursor.expect("there are more");
    let with = |change: fn(&mut lens::StressCursor), move_bps| {
        let mut cursor = cursor.clone();
        change(&mut cursor);
        StressQuery {
            cursor: Some(cursor),
            ..question(1, move_bps)
        }
    };
    ask(&chain, with(|_| {}, -100)).expect("goes on");
    let table: [(&str, StressQuery); 10] = [
        ("unknown_market", question(9, -100)),
        ("move_out_of_range", question(1, -10_000)),
        ("move_out_of_range", question(1, i32::MIN)),
        ("price_out_of_range", question(1, i32::MAX)),
        ("limit_out_of_range", page(0)),
        ("limit_out_of_range", page(501)),
        ("cursor_mismatch", with(|_| {}, -101)),
        ("cursor_mismatch", with(|c| c.market = 2, -100)),
        ("price_out_of_range", with(|c| c.price.0 = 0, -100)),
        ("overflow", with(|c| c.totals.accounts = u64::MAX, -100)),
    ];
    for (code, query) in table {
        let error = ask(&chain, query.clone()).expect_err("is refused");
        assert!(error.has_code(code), "{query:?}: {error}");
    }
}
