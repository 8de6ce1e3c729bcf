//! The ranking at sizes that no test trades together: filled by the queue's own `Update`, sent from
//! the market's address, on native code; measured on the built contract over the same storage.

use cosmwasm_std::Addr;
use perp_core::class::class_floor;
use perp_interface::queue::{
    ExecuteMsg, PublishLights, QueryMsg, RankChange, RankInputs, RankQuery, RankResponse, Top,
    TopResponse, Update,
};
use perp_interface::{AccountId, Lots, MarketId, PerLot, Price, Side};
use perp_testkit::Chain;

use crate::figures::Figures;
use crate::scenario::ENTRY;
use crate::stage::{Code, Stage};

const MARKET: MarketId = 1;
const BATCH: u64 = 1_000;
const SIZES: [u64; 4] = [1_000, 10_000, 100_000, 1_000_000];
/// How the classes are spread is only measured at sizes that are filled in no time.
const SPREAD_SIZES: [u64; 2] = [1_000, 10_000];

/// Collateral per lot of the first of the occupied classes: an initial margin of 1 %.
const FIRST_CLASS: u16 = 1 + 8 * 48 + 4;
const LOWEST_CLASS: u16 = 25;
const CLASSES: u16 = perp_core::class::CLASS_COUNT;

/// How collateral is spread.
#[derive(Clone, Copy, Debug)]
enum Spread {
    /// 1 % to 100 % of the entry price, evenly in octaves.
    Natural,
    /// Exactly 64 classes.
    SixtyFour,
    /// All that a number of stored units can be in.
    All,
}

impl Spread {
    fn collateral(self, i: u64) -> PerLot {
        let class = match self {
            Spread::Natural => {
                // Interpolated between powers of two, which is close enough to an even spread.
                let fraction = hash(i) % (20 << 32) / 3;
                let (octave, part) = (fraction >> 32, fraction & 0xffff_ffff);
                let percent = u128::from(ENTRY) * ((1 << 32) + u128::from(part)) / 100;
                return PerLot(((percent << octave).min(u128::from(ENTRY) << 32)) as i128);
            }
            Spread::SixtyFour => FIRST_CLASS + (i % 64) as u16,
            Spread::All => LOWEST_CLASS + (i % u64::from(CLASSES - LOWEST_CLASS)) as u16,
        };
        PerLot(class_floor(class) as i128)
    }
}

/// Mixes a number's bits (splitmix64): the same population everywhere.
fn hash(i: u64) -> u64 {
    let mut z = i.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Short positions entered within 20 % of the price.
fn position(spread: Spread, account: AccountId) -> RankInputs {
    let fifth = i128::from(ENTRY << 32) / 5;
    let offset = i128::from(hash(account + (1 << 40))) % (2 * fifth);
    RankInputs {
        side: Side::Short,
        lots: Lots(1 + hash(account + (1 << 41)) % 1_000),
        entry: PerLot(i128::from(ENTRY << 32) - fifth + offset),
        collateral: spread.collateral(account),
    }
}

fn change(account: AccountId, market: MarketId, position: RankInputs) -> RankChange {
    RankChange {
        account,
        market,
        position: Some(position),
    }
}

fn send(chain: &mut Chain, changes: Vec<RankChange>) {
    let market: Addr = chain.addresses.market.clone();
    let update = Update { changes, job: None };
    chain
        .queue(&market, ExecuteMsg::Update(update))
        .expect("the queue hears the market");
}

/// Accounts `from..to` in each of the first `markets` markets.
fn fill(stage: &mut Stage, spread: Spread, (from, to): (u64, u64), markets: MarketId) {
    let accounts: Vec<AccountId> = (from..to).collect();
    stage.natively(|chain| {
        for batch in accounts.chunks(BATCH as usize) {
            let changes = batch.iter().flat_map(|account| {
                (0..markets).map(|m| change(*account, MARKET + m, position(spread, *account)))
            });
            send(chain, changes.collect());
        }
    });
}

fn top_of_20(stage: &mut Stage) -> u64 {
    let query = QueryMsg::Top(Top {
        market: MARKET,
        side: Side::Short,
        mark: Price(ENTRY * 9 / 10),
        index: PerLot(0),
        score: None,
        pass: None,
        limit: Some(20),
    });
    let queue = stage.chain.addresses.queue.clone();
    let ask = |chain: &mut Chain| chain.query::<TopResponse>(&queue, &query).expect("answers");
    let (answer, transaction) = stage.measure(ask);
    assert_eq!(answer.positions.len(), 20);
    assert_eq!(answer, stage.natively(ask));
    transaction.gas()
}

/// A chain with the market listed, where a mark is asked for.
fn stage() -> Stage {
    let mut stage = Stage::new(Code::Built, |builder| builder);
    stage.natively(|chain| {
        chain
            .list(MARKET, ENTRY, Default::default())
            .expect("lists");
        chain.set_price(MARKET, ENTRY * 9 / 10).expect("a price");
    });
    stage
}

/// The rank of one account, mark and funding asked of the market.
fn rank_of(stage: &mut Stage, account: AccountId) -> u64 {
    let query = QueryMsg::Rank(RankQuery {
        account,
        market: MARKET,
        mark: None,
        index: None,
    });
    let queue = stage.chain.addresses.queue.clone();
    let ask = |chain: &mut Chain| {
        let answer = chain.query::<Option<RankResponse>>(&queue, &query);
        answer.expect("answers").expect("is ranked")
    };
    let (answer, transaction) = stage.measure(ask);
    assert!(answer.lots_ahead_min <= answer.lots_ahead_max);
    assert_eq!(answer, stage.natively(ask));
    transaction.gas()
}

/// A publication of lights.
fn publish_lights(stage: &mut Stage) -> u64 {
    let message = ExecuteMsg::PublishLights(PublishLights {
        market: MARKET,
        side: Side::Short,
    });
    let keeper = stage.chain.governance.clone();
    let (sent, transaction) = stage.measure(|chain| chain.queue(&keeper, message));
    sent.expect("publishes");
    transaction.gas()
}

/// What one changed account costs: its entry and its collateral move in all of its markets.
fn moved(stage: &mut Stage, collateral: PerLot, account: AccountId, markets: MarketId) -> u64 {
    let position = RankInputs {
        entry: PerLot(i128::from(ENTRY << 32) + 7),
        collateral,
        ..position(Spread::Natural, account)
    };
    let changes = (0..markets).map(|m| change(account, MARKET + m, position));
    let changes = changes.collect();
    stage.measure(|chain| send(chain, changes)).1.gas()
}

/// `top20@n`, `rank@n`, `move@n` and `publish_lights@n`.
pub(crate) fn ranking(figures: &mut Figures) {
    let mut stage = self::stage();
    let mut filled = 0;
    for size in SIZES {
        fill(&mut stage, Spread::Natural, (filled, size), 1);
        filled = size;
        reads(figures, &mut stage, &size.to_string(), size);
        let other = Spread::Natural.collateral(size / 2 + 1);
        let gas = moved(&mut stage, other, size / 2, 1);
        figures.insert(format!("move@{size}"), gas);
    }
    let gas = publish_lights(&mut stage);
    figures.insert(format!("publish_lights@{filled}"), gas);
    let other = Spread::Natural.collateral(filled / 2 + 2);
    let gas = moved(&mut stage, other, filled / 2 + 3, 1);
    figures.insert(format!("move@{filled}/lights_published"), gas);
    for size in SPREAD_SIZES {
        spread(figures, size);
    }
    let mut stage = self::stage();
    fill(&mut stage, Spread::Natural, (0, 1_000), 4);
    reads(figures, &mut stage, "1000/4_positions", 1_000);
    let other = Spread::Natural.collateral(501);
    let gas = moved(&mut stage, other, 500, 4);
    figures.insert("move@1000/4_positions".into(), gas);
}

fn reads(figures: &mut Figures, stage: &mut Stage, name: &str, size: u64) {
    figures.insert(format!("top20@{name}"), top_of_20(stage));
    figures.insert(format!("rank@{name}"), rank_of(stage, size / 3));
}

fn spread(figures: &mut Figures, size: u64) {
    for (name, spread, next) in [
        ("64_classes", Spread::SixtyFour, FIRST_CLASS + 64),
        ("all_classes", Spread::All, 0),
    ] {
        let mut stage = self::stage();
        fill(&mut stage, spread, (0, size), 1);
        reads(figures, &mut stage, &format!("{size}/{name}"), size);
        let other = spread.collateral(size / 2 + 1);
        let gas = moved(&mut stage, other, size / 2, 1);
        figures.insert(format!("move@{size}/{name}"), gas);
        if next > 0 {
            let unoccupied = PerLot(class_floor(next) as i128);
            let gas = moved(&mut stage, unoccupied, size / 2 + 1, 1);
            figures.insert(format!("move@{size}/{name}_and_a_new_one"), gas);
        }
        let gas = publish_lights(&mut stage);
        figures.insert(format!("publish_lights@{size}/{name}"), gas);
    }
}
