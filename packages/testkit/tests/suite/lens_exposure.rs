//! The lens's `Exposure` shows an account what a bankruptcy of the other side then takes from it.

use cosmwasm_std::Event;
use perp_core::bankruptcy::bankruptcy_limit;
use perp_interface::lens::{ExposureQuery, ExposureResponse, QueryMsg};
use perp_interface::params::{MarketParams, QueueParams};
use perp_interface::{AccountId, Lots, PerLot, Policy, Price, Quote, ScoreKind, Side};
use perp_testkit::chain::ChainResult;
use perp_testkit::{receipts, Chain};

use crate::situation::{cross, free_market, market, party, Party, ENTRY, USDC};

fn ask(chain: &Chain, query: ExposureQuery) -> ChainResult<ExposureResponse> {
    let lens = chain.addresses.lens.clone().expect("is deployed");
    chain.query(&lens, &QueryMsg::Exposure(query))
}

fn exposure(chain: &Chain, account: AccountId, lots: u64, need: i128) -> ExposureResponse {
    let query = ExposureQuery {
        account,
        market: 1,
        shortfall_lots: Lots(lots),
        need: Some(Quote(need)),
        mark: None,
    };
    ask(chain, query).expect("answers")
}

/// A chain with a lens and this breadth.
fn chain(breadth: u32) -> Chain {
    chain_with(Policy::of_breadth(breadth))
}

fn chain_with(default_policy: Policy) -> Chain {
    let queue = QueueParams {
        default_policy,
        ..QueueParams::default()
    };
    Chain::builder().queue(queue).lens().check_every(1).build()
}

/// A long of 100 lots with 150 USDC, against shorts with these deposits (in USDC) and lots who have
/// entered this much lower, each by so much more than the last; the fifth of them stands in a second market too.
fn winners_and_loser(
    chain: &mut Chain,
    winners: &[(u128, u64)],
    (lower, step): (u64, u64),
) -> (Vec<Party>, Party) {
    // Longs pay 256 units a lot each second, once time passes.
    let params = MarketParams {
        funding_rate: PerLot(1 << 40),
        ..free_market()
    };
    chain.list(1, ENTRY, params.clone()).expect("lists");
    chain.list(2, ENTRY, params).expect("lists");
    let long = party(chain, "long", 150 * USDC);
    let whale = party(chain, "whale", 1_000_000 * USDC);
    let mut shorts = Vec::new();
    for (i, (deposit, lots)) in winners.iter().enumerate() {
        let short = party(chain, &format!("w{i}"), deposit * USDC);
        let price = ENTRY - lower - step * i as u64;
        chain.set_price(1, price).expect("prices");
        cross(chain, 1, (&whale, &short), *lots, price);
        shorts.push(short);
    }
    chain.set_price(1, ENTRY).expect("prices");
    cross(chain, 1, (&long, &whale), 100, ENTRY);
    cross(chain, 2, (&shorts[4], &whale), 1, ENTRY);
    (shorts, long)
}

/// What the events of an execution took from an account: lots, charge, asked of kept, cut.
fn taken(events: &[Event], account: AccountId) -> (i128, i128, i128, i128) {
    let id = i128::from(account as u32);
    let of = |kind: &str| {
        let mut records = receipts::of_kind(events, kind);
        records.retain(|r| r.number("account") == id);
        records
    };
    let (fills, cuts) = (of("adl_fill"), of("adl_haircut"));
    let in_pass = |pass: i128| -> i128 {
        let those = cuts.iter().filter(|c| c.number("pass") == pass);
        those.map(|c| c.number("amount")).sum()
    };
    (
        fills.iter().map(|f| f.number("lots")).sum(),
        fills.iter().map(|f| f.number("charge")).sum(),
        in_pass(4),
        in_pass(5),
    )
}

/// Asks for everybody, lets the bankruptcy happen, and holds the two against each other. Returns how
/// many were charged, how many were asked again for what they had kept, and how many were cut.
fn assert_same(
    winners: &[(u128, u64)],
    policy: Policy,
    (fall, lower): (u64, (u64, u64)),
) -> [usize; 3] {
    let mut chain = chain_with(policy);
    let (shorts, long) = winners_and_loser(&mut chain, winners, lower);
    // Funding that no position has settled yet.
    chain.advance(300, 60);
    chain.set_price(1, ENTRY - fall).expect("prices");
    chain.set_price(2, ENTRY).expect("prices");
    let need = -long.equity(&chain);
    assert!(need > 0, "the fall outweighs the margin");
    let shown: Vec<_> = shorts
        .iter()
        .map(|short| exposure(&chain, short.id, 100, need))
        .collect();
    let keeper = chain.user("keeper");
    let mut events = chain.liquidate(&keeper, long.id).expect("liquidates");
    events.extend(chain.finish_jobs(100).expect("finishes").1);
    for (short, shown) in shorts.iter().zip(&shown) {
        assert!(shown.complete);
        assert_eq!(shown.policy, policy);
        let said = (
            i128::from(shown.lots.0),
            shown.charge.0,
            shown.kept_asked.0,
            shown.haircut.0,
        );
        assert_eq!(said, taken(&events, short.id));
        let health = chain.health(short.id).expect("is there");
        assert_eq!(shown.after.equity, health.equity);
        assert_eq!(shown.after.maintenance, health.maintenance);
        assert_eq!(-i128::from(shown.after.lots.0), short.lots(&chain, 1));
        assert_bounds(shown);
    }
    [
        shown.iter().filter(|s| s.charge.0 > 0).count(),
        shown.iter().filter(|s| s.kept_asked.0 > 0).count(),
        shown.iter().filter(|s| s.haircut.0 > 0).count(),
    ]
}

/// What an answer says of itself.
fn assert_bounds(shown: &ExposureResponse) {
    let all = shown.charge.0 + shown.kept_asked.0 + shown.haircut.0;
    assert_eq!(shown.before.equity.0 - all, shown.after.equity.0);
    assert_eq!(
        shown.before.open_profit.0 - shown.profit.0 - shown.haircut.0,
        shown.after.open_profit.0
    );
    assert!(shown.charge.0 + shown.kept_asked.0 <= shown.most.0);
    assert!(all <= shown.most_of_position.0);
    assert_eq!(
        shown.keeps.0,
        shown.profit.0 - shown.charge.0 - shown.kept_asked.0
    );
    let Some(price) = shown.price else {
        assert_eq!(shown.lots, Lots(0));
        return;
    };
    // A short buys at the mark and charge/lots more, rounded up.
    let exact = i128::from(shown.mark.0 * shown.lots.0) + shown.charge.0;
    let rounded = i128::from(price.rounded_against.expect("a price").0);
    let lots = i128::from(shown.lots.0);
    assert!(rounded * lots >= exact && (rounded - 1) * lots < exact);
    assert_eq!(
        price.rounded_against,
        bankruptcy_limit(Side::Long, shown.mark, price.charge, price.lots).expect("fits")
    );
}

const WINNERS: [(u128, u64); 6] = [(60, 30), (45, 30), (70, 40), (40, 30), (400, 50), (90, 20)];

/// Entries close to that of the loser, and to each other.
const CLOSE: (u64, u64) = (0, 30_000);

#[test]
fn shows_what_a_bankruptcy_then_takes() {
    for (breadth, charged) in [(1, 3), (10, 6)] {
        let [fills, kept, cut] =
            assert_same(&WINNERS, Policy::of_breadth(breadth), (2_500_000, CLOSE));
        assert_eq!((fills, kept, cut), (charged, 0, 0), "breadth {breadth}");
    }
}

#[test]
fn shows_kept_profit_and_haircuts_too() {
    for (breadth, kept_of, cut_of) in [(1, 1, 1), (10, 1, 2)] {
        let policy = Policy::of_breadth(breadth);
        let [_, kept, cut] = assert_same(&WINNERS, policy, (4_900_000, (800_000, 800_000)));
        assert_eq!((kept, cut), (kept_of, cut_of), "breadth {breadth}");
    }
}

/// Without protected principal the equity bears the loss, and that is what is stated as the most.
#[test]
fn shows_what_equity_bears() {
    let policy = Policy {
        score: ScoreKind::Leverage,
        protect_principal: false,
        ..Policy::of_breadth(10)
    };
    let [fills, _, _] = assert_same(&WINNERS, policy, (4_900_000, (800_000, 800_000)));
    assert!(fills > 0);
    let mut chain = chain_with(policy);
    let (shorts, _) = winners_and_loser(&mut chain, &WINNERS, CLOSE);
    chain.set_price(1, ENTRY - 2_500_000).expect("prices");
    let shown = exposure(&chain, shorts[0].id, 100, 1 << 90);
    assert_eq!(shown.most_of_position, shown.before.equity);
    assert!(shown.charge > shown.profit);
    assert_bounds(&shown);
}

#[test]
fn the_most_is_what_a_need_beyond_everything_takes() {
    let mut chain = chain(1);
    let (shorts, _) = winners_and_loser(&mut chain, &WINNERS, CLOSE);
    chain.set_price(1, ENTRY - 2_500_000).expect("prices");
    for short in &shorts {
        let shown = exposure(&chain, short.id, 100, 1 << 90);
        let all = shown.charge.0 + shown.kept_asked.0 + shown.haircut.0;
        assert_eq!(all, shown.most_of_position.0);
        assert_eq!(shown.charge.0 + shown.kept_asked.0, shown.most.0);
        assert!(all > 0 && shown.bad_debt.0 > 0);
        let modest = exposure(&chain, short.id, 100, 1);
        assert_eq!(modest.most_of_position, shown.most_of_position);
        assert_bounds(&shown);
    }
}

#[test]
fn without_a_need_lots_close_at_the_mark() {
    let mut chain = chain(1);
    let (shorts, _) = winners_and_loser(&mut chain, &WINNERS, CLOSE);
    let query = ExposureQuery {
        account: shorts[3].id,
        market: 1,
        shortfall_lots: Lots(200),
        need: None,
        mark: Some(Price(ENTRY - 2_000_000)),
    };
    let shown = ask(&chain, query).expect("answers");
    assert_eq!((shown.lots, shown.charge), (Lots(30), Quote(0)));
    assert_eq!(shown.mark, Price(ENTRY - 2_000_000), "not the feed's");
    let price = shown.price.expect("lots are taken");
    assert_eq!(price.rounded_against, Some(shown.mark));
    assert_eq!(shown.keeps, shown.profit);
    assert!(
        shown.most > Quote(0),
        "what a need could cost is said all the same"
    );
    assert_eq!(shown.after.equity, shown.before.equity);
}

#[test]
fn a_long_sees_the_mirror_image() {
    let mut chain = chain(1);
    market(&mut chain, 1);
    let short = party(&mut chain, "short", 150 * USDC);
    let long = party(&mut chain, "winner", 500 * USDC);
    cross(&mut chain, 1, (&long, &short), 100, ENTRY);
    chain.set_price(1, 12_000_000).expect("prices");
    let shown = exposure(&chain, long.id, 30, 10_000_001);
    assert_eq!((shown.side, shown.lots), (Side::Long, Lots(30)));
    let price = shown.price.expect("lots are taken");
    // 12 000 000 − 333 333.3…, rounded down: it sells.
    assert_eq!(price.rounded_against, Some(Price(11_666_666)));
    assert_eq!(shown.keeps, Quote(60_000_000 - 10_000_001));
    assert_eq!(shown.after.maintenance, Quote(42_000_000));
}

#[test]
fn refuses_what_cannot_be_asked() {
    let mut chain = chain(1);
    let (shorts, long) = winners_and_loser(&mut chain, &WINNERS, CLOSE);
    let good = ExposureQuery {
        account: shorts[1].id,
        market: 1,
        shortfall_lots: Lots(200),
        need: None,
        mark: None,
    };
    ask(&chain, good.clone()).expect("is fine");
    let with = |change: fn(&mut ExposureQuery)| {
        let mut query = good.clone();
        change(&mut query);
        query
    };
    let table: [(&str, ExposureQuery); 10] = [
        ("unknown_market", with(|q| q.market = 7)),
        ("unknown_market", with(|q| q.market = 0)),
        ("unknown_account", with(|q| q.account = 999)),
        ("unknown_account", with(|q| q.account = 0)),
        (
            "no_position",
            with(|q| (q.market, q.shortfall_lots) = (2, Lots(1))),
        ),
        ("lots_out_of_range", with(|q| q.shortfall_lots = Lots(0))),
        (
            "exceeds_open_interest",
            with(|q| q.shortfall_lots = Lots(201)),
        ),
        ("negative_need", with(|q| q.need = Some(Quote(-1)))),
        ("price_out_of_range", with(|q| q.mark = Some(Price(0)))),
        (
            "price_out_of_range",
            with(|q| q.mark = Some(Price(1 << 40))),
        ),
    ];
    for (code, query) in table {
        let error = ask(&chain, query.clone()).expect_err("is refused");
        assert!(error.has_code(code), "{query:?}: {error}");
    }
    let loser = ask(
        &chain,
        ExposureQuery {
            account: long.id,
            ..good
        },
    )
    .expect("answers");
    assert_eq!(
        loser.most_of_position,
        Quote(0),
        "who has no profit cannot be charged"
    );
}
