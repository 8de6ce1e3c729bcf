//! What one more counterparty costs in a step of a job: the slope between 20 and 120 fills.

use perp_core::class::{class_floor, class_of};
use perp_interface::params::{MarketParams, QueueParams};
use perp_interface::queue::{ContinueDeleverage, ExecuteMsg, UpdateParams};
use perp_interface::{AccountId, MarketId, Side};
use perp_testkit::chain::Order;
use perp_testkit::receipts::of_kind;
use perp_testkit::Chain;

use crate::figures::Figures;
use crate::gas::Transaction;
use crate::scenario::{party, Party, ENTRY};
use crate::stage::{Code, Stage};

const FEW: u64 = 20;
const MANY: u64 = 120;
/// Fills of the largest step that the default parameters allow.
const FULL: u64 = 500;
/// Counterparties that are left when all is done.
const SPARE: u64 = 30;
/// Lots of each of them.
const LOTS: u64 = 10;
/// 20 % under the entry.
const CRASHED: u64 = 8_000_000;
/// ADL fills of the largest known burst.
const BURST: u64 = 11_279;
const BLOCK_GAS: u64 = 100_000_000;

/// What is different from the plain case: one position per account in 24 classes, whole positions,
/// the step that ends the loss.
#[derive(Clone, Copy, Debug)]
struct Case {
    classes: u16,
    markets: MarketId,
    breadth: u32,
    run: Run,
}

/// Which fills are measured.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Run {
    /// Those of a step that ends the loss.
    Last,
    /// Those of a step that leaves the loss open: what they kept is written down.
    Middle,
    /// Those inside of the liquidation that opened the loss.
    Liquidation,
}

const PLAIN: Case = Case {
    classes: 24,
    markets: 1,
    breadth: 1,
    run: Run::Last,
};

/// `adl_per_fill`, its variants, and the burst.
pub(crate) fn deleverage(figures: &mut Figures) {
    let plain = Slope::of(PLAIN);
    figures.insert("adl_per_fill".into(), plain.total());
    figures.insert("adl_step_overhead".into(), plain.overhead());
    for contract in ["deleverage-queue", "perp-market"] {
        figures.insert(format!("adl_per_fill/{contract}"), plain.part(contract));
    }
    let middle = Case {
        run: Run::Middle,
        ..PLAIN
    };
    let liquidation = Case {
        run: Run::Liquidation,
        ..PLAIN
    };
    for (name, case) in [
        (
            "64_classes",
            Case {
                classes: 64,
                ..PLAIN
            },
        ),
        (
            "4_positions",
            Case {
                markets: 4,
                ..PLAIN
            },
        ),
        (
            "breadth_10",
            Case {
                breadth: 10,
                ..PLAIN
            },
        ),
        ("in_liquidation", liquidation),
    ] {
        figures.insert(format!("adl_per_fill/{name}"), Slope::of(case).total());
    }
    let slope = Slope::of(middle);
    figures.insert("adl_per_fill/loss_stays_open".into(), slope.total());
    let full = measured(middle, FULL).gas();
    figures.insert("tx/continue_deleverage_500_fills".into(), full);
    let whole = measured(liquidation, FEW).gas();
    figures.insert("tx/liquidate_cascade_20_fills".into(), whole);
    burst(figures, full, whole);
}

/// One loss that takes full steps, and many that are liquidated one by one with 20 fills each.
fn burst(figures: &mut Figures, full: u64, whole: u64) {
    let gas = BURST.div_ceil(FULL) * full;
    figures.insert("burst_gas".into(), gas);
    figures.insert("burst_blocks".into(), gas.div_ceil(BLOCK_GAS));
    let blocks = (BURST.div_ceil(FEW) * whole).div_ceil(BLOCK_GAS);
    figures.insert("burst_blocks/liquidations_of_20_fills".into(), blocks);
}

/// Two measured transactions that differ by 100 fills.
struct Slope {
    few: Transaction,
    many: Transaction,
}

impl Slope {
    fn of(case: Case) -> Self {
        Slope {
            few: measured(case, FEW),
            many: measured(case, MANY),
        }
    }

    fn total(&self) -> u64 {
        (self.many.gas() - self.few.gas()).div_ceil(MANY - FEW)
    }

    fn part(&self, contract: &str) -> u64 {
        let gas = |transaction: &Transaction| {
            let sums = transaction.gas_by_contract();
            sums.get(contract).copied().unwrap_or_default()
        };
        (gas(&self.many) - gas(&self.few)).div_ceil(MANY - FEW)
    }

    fn overhead(&self) -> u64 {
        self.many.gas().saturating_sub(MANY * self.total())
    }
}

/// Sets up a crowd of winners and a bankrupt account, and measures `fills` ADL fills.
fn measured(case: Case, fills: u64) -> Transaction {
    let opening = if case.run == Run::Liquidation {
        FULL as u32
    } else {
        1
    };
    let mut stage = Stage::new(Code::Built, |builder| {
        builder.queue(QueueParams {
            step_limit: opening,
            default_policy: perp_interface::Policy::of_breadth(case.breadth),
        })
    });
    // One fill (or one unit of the sum) is made by the liquidation itself.
    let lots = match case.run {
        Run::Last if case.breadth > 1 => fills,
        Run::Last => (fills + 1) * LOTS,
        Run::Middle => (fills + SPARE / 2) * LOTS,
        Run::Liquidation => fills * LOTS,
    };
    let bankrupt = stage.natively(|chain| crash(chain, case, (fills.max(MANY) + SPARE, lots)));
    let keeper = stage.chain.user("keeper");
    if case.run == Run::Liquidation {
        stage.step("liquidate", |chain| chain.liquidate(&keeper, bankrupt));
    } else {
        stage.natively(|chain| open(chain, bankrupt));
        let limit = match case.run {
            Run::Middle => fills as u32,
            _ => FULL as u32,
        };
        stage.step("continue", |chain| {
            let message = ContinueDeleverage {
                loss_id: 1,
                limit: Some(limit),
            };
            chain.queue(&keeper, ExecuteMsg::ContinueDeleverage(message))
        });
    }
    let step = stage.log.pop().expect("just measured");
    let found = of_kind(&step.events, "adl_fill").len() as u64;
    assert_eq!(found, fills, "{case:?}");
    let closed = of_kind(&step.events, "loss_closed").len();
    assert_eq!(closed, usize::from(case.run != Run::Middle), "{case:?}");
    step.transaction
}

/// Liquidates, which makes one unit of work; afterwards a step may do 500.
fn open(chain: &mut Chain, bankrupt: AccountId) {
    let keeper = chain.user("keeper");
    chain.liquidate(&keeper, bankrupt).expect("liquidates");
    let message = ExecuteMsg::UpdateParams(UpdateParams {
        expected_version: 1,
        params: QueueParams::default(),
    });
    let governance = chain.governance.clone();
    chain.queue(&governance, message).expect("sets parameters");
}

fn crash(chain: &mut Chain, case: Case, (crowd, lots): (u64, u64)) -> AccountId {
    let params = MarketParams {
        taker_fee_bps: 0,
        maker_fee_bps: 0,
        bounty_per_fill: perp_interface::Quote(0),
        ..MarketParams::default()
    };
    let whale = party(chain, "whale", 1_000_000_000_000_000);
    for market in 1..=case.markets {
        chain.list(market, ENTRY, params.clone()).expect("lists");
        let bid = Order::limit(market, Side::Long, crowd * LOTS, ENTRY);
        chain.place(&whale.user, bid).expect("rests");
    }
    for i in 0..crowd {
        winner(chain, case, i);
    }
    let Party { user, id } = party(chain, "bankrupt", u128::from(lots * ENTRY / 8));
    chain
        .place(&whale.user, Order::limit(1, Side::Short, lots, ENTRY))
        .expect("rests");
    chain
        .place(&user, Order::ioc(1, Side::Long, lots, ENTRY))
        .expect("takes");
    chain.set_price(1, CRASHED).expect("prices");
    id
}

/// A short in each market, with the collateral per lot of its class.
fn winner(chain: &mut Chain, case: Case, i: u64) {
    let first = class_of(i128::from(ENTRY / 8) << 32) + 1;
    let class = first + (i % u64::from(case.classes)) as u16;
    let per_lot = (class_floor(class) >> 32) + 1;
    let amount = per_lot * u128::from(LOTS) * u128::from(case.markets);
    let Party { user, .. } = party(chain, &format!("winner {i}"), amount);
    for market in 1..=case.markets {
        let sale = Order::ioc(market, Side::Short, LOTS, ENTRY);
        chain.place(&user, sale).expect("takes");
    }
}
