//! What each cap costs: the most that pairs draw from the fund, as `docs/fund-costs.md` says it.

use perp_interface::fund::RegisterMarket;
use perp_interface::market::{CollectFees, ExecuteMsg};
use perp_interface::params::{FundParams, MarketParams, PaidInCap};
use perp_interface::{Quote, Side};
use perp_testkit::chain::Order;
use perp_testkit::Chain;

use super::generator::{Book, Fund, Legs, Path, Queue, Shape, Tactic};
use super::pair::{Leg, Pair, LOTS, MARKET};
use super::run::run;
use super::world::TIGHT;
use crate::situation::{capital, cross, party, rest, Party, ENTRY, USDC};

const DOC: &str = include_str!("../../../../../docs/fund-costs.md");

/// Capital of the fund before anything happens.
const CAPITAL: u128 = 1_000 * USDC;

/// Pairs in a row.
const PAIRS: usize = 8;

/// The price after the gap: twice the margin.
const GAPPED: u64 = ENTRY * 8 / 10;

/// What is varied: one cap at a time.
struct Row {
    name: &'static str,
    params: FundParams,
    paid_in: Option<PaidInCap>,
    one_owner: bool,
    tactics: &'static [Tactic],
}

/// No limits but what `change` sets; windows of an hour.
fn limited(name: &'static str, change: impl Fn(&mut FundParams)) -> Row {
    let mut params = FundParams {
        window_seconds: 3_600,
        ..FundParams::without_limits()
    };
    change(&mut params);
    Row {
        name,
        params,
        paid_in: None,
        one_owner: false,
        tactics: &[Tactic::AtOnce, Tactic::PlantedBid, Tactic::ClosesBefore],
    }
}

fn rows() -> Vec<Row> {
    let usdc = |amount: i128| Quote(amount * USDC as i128);
    let paid_in = PaidInCap {
        base: Quote(0),
        bps: 10_000,
    };
    let all = |p: &mut FundParams| {
        (p.per_loss_cap, p.per_block_cap) = (usdc(20), usdc(50));
        (p.window_cap, p.market_window_cap) = (usdc(120), usdc(80));
        p.trip_bps = 1_000;
    };
    let one_owner = |name, tactics| Row {
        one_owner: true,
        tactics,
        ..limited(name, |_| {})
    };
    vec![
        limited("none", |_| {}),
        limited("`per_loss_cap` 20", |p| p.per_loss_cap = usdc(20)),
        limited("`per_block_cap` 50", |p| p.per_block_cap = usdc(50)),
        limited("`window_cap` 120 in an hour", |p| p.window_cap = usdc(120)),
        limited("`market_window_cap` 80 in an hour", |p| {
            p.market_window_cap = usdc(80);
        }),
        Row {
            paid_in: Some(paid_in),
            ..limited("`paid_in_cap` 100 % of fees", |_| {})
        },
        limited("`trip_bps` 1 000", |p| p.trip_bps = 1_000),
        limited("all of these but `paid_in_cap`", all),
        limited("defaults", |p| *p = FundParams::default()),
        one_owner(
            "none, one owner, the winner stays open",
            &[Tactic::AtOnce, Tactic::PlantedBid],
        ),
        one_owner(
            "none, one owner, the winner closes first",
            &[Tactic::ClosesBefore],
        ),
    ]
}

/// When the pairs' losses are opened.
#[derive(Clone, Copy)]
enum Plan {
    OnePair,
    InOneBlock,
    InOneWindow,
    InTwoWindows,
}

const PLANS: [Plan; 4] = [
    Plan::OnePair,
    Plan::InOneBlock,
    Plan::InOneWindow,
    Plan::InTwoWindows,
];

/// The most that the pairs draw, over all tactics.
fn most(row: &Row, plan: Plan) -> i128 {
    let drawn = row.tactics.iter().map(|tactic| drawn(row, plan, *tactic));
    drawn.max().unwrap_or(0)
}

fn drawn(row: &Row, plan: Plan, tactic: Tactic) -> i128 {
    let mut chain = Chain::builder().fund(row.params.clone()).build();
    chain
        .list(MARKET, ENTRY, MarketParams::default())
        .expect("lists");
    chain
        .register(RegisterMarket {
            market: MARKET,
            isolated: false,
            window_cap: None,
            paid_in_cap: row.paid_in,
        })
        .expect("registers");
    chain.contribute(CAPITAL).expect("contributes");
    let maker = crowd(&mut chain);
    let count = if matches!(plan, Plan::OnePair) {
        1
    } else {
        PAIRS
    };
    let pairs: Vec<Pair> = (0..count).map(|i| open(&mut chain, row, i)).collect();
    let anybody = chain.user("anybody");
    let collect = ExecuteMsg::CollectFees(CollectFees { market: MARKET });
    chain.market(&anybody, collect).expect("collects");
    gap(&mut chain, &maker);
    let before = paid(&chain);
    for (i, pair) in pairs.iter().enumerate() {
        match plan {
            Plan::InOneWindow if i > 0 => chain.advance(6, 1),
            Plan::InTwoWindows if i == count / 2 => {
                chain.advance(7_200, 1_200);
                chain.set_price(MARKET, GAPPED).expect("prices");
            }
            Plan::InTwoWindows if i > 0 => chain.advance(6, 1),
            _ => {}
        }
        liquidate(&mut chain, pair, tactic);
    }
    paid(&chain) - before
}

fn paid(chain: &Chain) -> i128 {
    let fund = capital(chain);
    fund.paid.0 - fund.returned.0
}

/// Honest positions of low leverage; answers the maker.
fn crowd(chain: &mut Chain) -> Party {
    let [maker, long, short] = [
        ("maker", 1_000_000),
        ("slow long", 50_000),
        ("slow short", 50_000),
    ]
    .map(|(name, usdc)| party(chain, name, usdc));
    cross(chain, MARKET, (&long, &short), 3_000, ENTRY);
    maker
}

fn open(chain: &mut Chain, row: &Row, number: usize) -> Pair {
    let (first, second) = (format!("first {number}"), format!("second {number}"));
    let second = if row.one_owner {
        (first.as_str(), 1)
    } else {
        (second.as_str(), 0)
    };
    let legs = [(first.as_str(), 0), second].map(|name| Leg::open(chain, name, TIGHT));
    let [long, short] = &legs;
    short
        .place(chain, Order::limit(MARKET, Side::Short, LOTS, ENTRY))
        .expect("rests");
    long.place(chain, Order::ioc(MARKET, Side::Long, LOTS, ENTRY))
        .expect("takes");
    Pair {
        legs,
        keeper: chain.user("keeper of the pairs"),
    }
}

fn gap(chain: &mut Chain, maker: &Party) {
    chain.set_price(MARKET, GAPPED).expect("gaps");
    let edge = GAPPED / 1_000;
    rest(
        chain,
        maker,
        Order::limit(MARKET, Side::Short, 10 * LOTS, GAPPED + edge),
    );
}

fn liquidate(chain: &mut Chain, pair: &Pair, tactic: Tactic) {
    let [loser, winner] = &pair.legs;
    match tactic {
        Tactic::PlantedBid => {
            let bid = Order::limit(MARKET, Side::Long, LOTS, GAPPED - GAPPED / 200);
            winner.place(chain, bid).expect("rests");
        }
        Tactic::ClosesBefore => winner.close(chain),
        _ => {}
    }
    chain
        .liquidate(&pair.keeper, loser.id)
        .expect("is liquidated");
    while pair.step(chain).is_some() {}
    winner.cancel_all(chain);
}

/// USDC, rounded to cents.
fn money(units: i128) -> String {
    let cents = (units + 5_000).div_euclid(10_000);
    format!("{}.{:02}", cents / 100, cents % 100)
}

fn caps() -> Vec<String> {
    rows()
        .iter()
        .map(|row| {
            let cells = PLANS.map(|plan| money(most(row, plan)));
            format!("| {} | {} |", row.name, cells.join(" | "))
        })
        .collect()
}

/// USDC with its sign.
fn signed(units: i128) -> String {
    if units < 0 {
        return format!("−{}", money(-units));
    }
    money(units)
}

/// What one pair does, and where.
fn ways() -> [(&'static str, Path); 6] {
    let path = Path {
        shape: Shape::GapTwice,
        book: Book::Deep,
        tactic: Tactic::AtOnce,
        queue: Queue::Crowd,
        fund: Fund::BigCaps,
        legs: Legs::Same,
        mirrored: false,
    };
    let closes = Path {
        tactic: Tactic::ClosesBefore,
        ..path
    };
    let slow = Path {
        shape: Shape::SlowDump,
        ..path
    };
    [
        ("gap, the winner stays open", path),
        ("gap, it closes on the book first", closes),
        (
            "gap, the same, and nobody else has a profit",
            Path {
                queue: Queue::Alone,
                ..closes
            },
        ),
        (
            "gap, it stays open at low leverage",
            Path {
                legs: Legs::SecondSafe,
                ..path
            },
        ),
        (
            "steps of 1 %, no book",
            Path {
                book: Book::Empty,
                ..slow
            },
        ),
        ("steps of 1 %, deep book", slow),
    ]
}

/// Where the money of one pair's profit comes from: with a fund that could pay all, and with none.
fn sources() -> Vec<String> {
    let mut lines = vec![];
    for (name, path) in ways() {
        for (capital, fund) in [("enough", Fund::BigCaps), ("none", Fund::Empty)] {
            let out = run(Path { fund, ..path }, 1);
            let sums = [out.fund, out.others, out.bad_debt, out.joint].map(signed);
            lines.push(format!("| {name} | {capital} | {} |", sums.join(" | ")));
        }
    }
    lines
}

/// `cargo test -p perp-testkit --test attacks attack_17_price_paths::table -- --nocapture` prints it.
#[test]
fn the_document_says_what_the_caps_cost() {
    let rows: Vec<String> = caps().into_iter().chain(sources()).collect();
    println!("{}", rows.join("\n"));
    let is_row = |line: &&str| line.starts_with("| ") && !line.starts_with("| what ");
    let said: Vec<&str> = DOC.lines().filter(is_row).collect();
    assert_eq!(said, rows);
}
