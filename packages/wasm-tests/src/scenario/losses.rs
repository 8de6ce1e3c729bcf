//! Liquidations and losses, on every way that they can end.

use perp_interface::market::{ExecuteMsg, ForceLoss, ResumeLoss};
use perp_interface::params::{MarketParams, QueueParams};
use perp_interface::queue::{self, ContinueDeleverage, JobsResponse, Refresh};
use perp_interface::{AccountId, Side};
use perp_testkit::chain::Order;
use perp_testkit::Chain;

use super::{cross, deposit, party, Party, ENTRY};
use crate::stage::{Code, Stage};

/// 20 % under the entry.
const CRASHED: u64 = 8_000_000;

/// A market without fees, so that the sums are round.
fn free_market(chain: &mut Chain) {
    let params = MarketParams {
        taker_fee_bps: 0,
        maker_fee_bps: 0,
        bounty_per_fill: perp_interface::Quote(0),
        ..MarketParams::default()
    };
    chain.list(1, ENTRY, params).expect("lists");
}

fn queue_params(step_limit: u32, breadth: u32) -> QueueParams {
    QueueParams {
        step_limit,
        default_policy: perp_interface::Policy::of_breadth(breadth),
    }
}

/// One account long 100 lots with 120 USDC of margin, `count` others short 120 lots together, and
/// the price 20 % down: a loss of 200 against 120.
struct Crash {
    long: Party,
    shorts: Vec<Party>,
    keeper: cosmwasm_std::Addr,
}

fn crash(stage: &mut Stage, count: u64) -> Crash {
    let chain = &mut stage.chain;
    free_market(chain);
    chain.contribute(30_000_000).expect("contributes");
    let long = party(chain, "long", 120_000_000);
    let whale = party(chain, "whale", 10_000_000_000);
    let shorts: Vec<Party> = (0..count)
        .map(|i| {
            let amount = 200_000_000 + 150_000_000 * u128::from(i);
            party(chain, &format!("short {i}"), amount)
        })
        .collect();
    for short in &shorts {
        cross(chain, &whale, short, (120 / count, ENTRY));
    }
    cross(chain, &long, &whale, (100, ENTRY));
    stage.step("set_prices", |chain| chain.set_price(1, CRASHED));
    let keeper = stage.chain.user("keeper");
    Crash {
        long,
        shorts,
        keeper,
    }
}

/// A solvent account under maintenance, sold on the book.
pub fn liquidation(code: Code) -> Stage {
    let mut stage = Stage::new(code, |builder| builder);
    let chain = &mut stage.chain;
    free_market(chain);
    let [long, short, bidder] = [
        ("long", 120_000_000),
        ("short", 500_000_000),
        ("bidder", 500_000_000),
    ]
    .map(|(name, amount)| party(chain, name, amount));
    cross(chain, &long, &short, (100, ENTRY));
    chain.set_price(1, 9_200_000).expect("prices");
    let bid = Order::limit(1, Side::Long, 100, 9_200_000);
    chain.place(&bidder.user, bid).expect("rests");
    let keeper = chain.user("keeper");
    stage.step("liquidate_solvent", |chain| {
        chain.liquidate(&keeper, long.id)
    });
    stage
}

/// Bankrupt account, fund that pays a part, whole positions in rank order.
pub fn cascade(code: Code) -> Stage {
    let mut stage = Stage::new(code, |builder| builder);
    let Crash { long, keeper, .. } = crash(&mut stage, 3);
    stage.step("liquidate_cascade_3_fills", |chain| {
        chain.liquidate(&keeper, long.id)
    });
    stage
}

/// The same, spread over ten times its lots.
pub fn cascade_shared(code: Code) -> Stage {
    let mut stage = Stage::new(code, |builder| builder.queue(queue_params(500, 10)));
    let Crash { long, keeper, .. } = crash(&mut stage, 6);
    stage.step("liquidate_cascade_6_fills_breadth_10", |chain| {
        chain.liquidate(&keeper, long.id)
    });
    stage
}

/// Two units of work per call; meanwhile one counterparty deposits, so that its key waits for a
/// refresh.
pub fn steps(code: Code) -> Stage {
    let mut stage = Stage::new(code, |builder| builder.queue(queue_params(2, 10)));
    let Crash {
        long,
        shorts,
        keeper,
    } = crash(&mut stage, 6);
    stage.step("liquidate_first_step", |chain| {
        chain.liquidate(&keeper, long.id)
    });
    let changed = shorts.last().expect("six of them").clone();
    stage.step("deposit_during_job", |chain| {
        deposit(chain, &changed.user, 900_000_000)
    });
    finish(&mut stage, &keeper);
    let accounts = vec![changed.id];
    stage.step("refresh", |chain| {
        chain.queue(&keeper, queue::ExecuteMsg::Refresh(Refresh { accounts }))
    });
    stage
}

fn finish(stage: &mut Stage, keeper: &cosmwasm_std::Addr) {
    for _ in 0..50 {
        let queue = stage.chain.addresses.queue.clone();
        let open: JobsResponse = stage
            .chain
            .query(&queue, &queue::QueryMsg::Jobs {})
            .expect("answers");
        let Some(job) = open.jobs.first() else { return };
        let loss_id = job.terms.loss_id;
        stage.step("continue_deleverage_2_units", |chain| {
            let message = ContinueDeleverage {
                loss_id,
                limit: None,
            };
            chain.queue(keeper, queue::ExecuteMsg::ContinueDeleverage(message))
        });
    }
    panic!("the jobs do not end");
}

/// Winners whose profit does not reach: every pass, haircut and bad debt.
pub fn bad_debt(code: Code) -> Stage {
    let mut stage = Stage::new(code, |builder| builder);
    let chain = &mut stage.chain;
    free_market(chain);
    let [long, whale] = [("long", 120_000_000), ("whale", 10_000_000_000)]
        .map(|(name, amount)| party(chain, name, amount));
    cross(chain, &long, &whale, (100, ENTRY));
    chain.set_price(1, 8_900_000).expect("prices");
    // The early winner leaves; those who take over have little to lose.
    for i in 0..6 {
        let late = party(chain, &format!("late {i}"), 40_000_000 * (1 + i));
        cross(chain, &whale, &late, (20, 8_200_000));
    }
    chain.set_price(1, CRASHED).expect("prices");
    let keeper = chain.user("keeper");
    stage.step("liquidate_to_bad_debt", |chain| {
        chain.liquidate(&keeper, long.id)
    });
    finish(&mut stage, &keeper);
    stage
}

/// A fund that cannot be reached at first.
pub fn resumed(code: Code) -> Stage {
    let mut stage = Stage::new(code, |builder| builder);
    let Crash { keeper, .. } = unanswered(&mut stage);
    stage.fund_refuses(false);
    stage.step("resume_loss", |chain| {
        chain.market(&keeper, ExecuteMsg::ResumeLoss(ResumeLoss { loss_id: 1 }))
    });
    stage
}

/// A fund that is never reached: the loss is closed at the mark.
pub fn forced(code: Code) -> Stage {
    let mut stage = Stage::new(code, |builder| builder);
    let Crash { keeper, shorts, .. } = unanswered(&mut stage);
    stage.chain.advance(600, 600);
    let accounts: Vec<AccountId> = shorts.iter().map(|short| short.id).collect();
    stage.step("force_loss", |chain| {
        let message = ForceLoss {
            loss_id: 1,
            accounts,
        };
        chain.market(&keeper, ExecuteMsg::ForceLoss(message))
    });
    stage
}

fn unanswered(stage: &mut Stage) -> Crash {
    let crash = crash(stage, 3);
    stage.fund_refuses(true);
    stage.step("liquidate_unanswered", |chain| {
        chain.liquidate(&crash.keeper, crash.long.id)
    });
    crash
}
