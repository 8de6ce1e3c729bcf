//! What a trader sends on an ordinary day.

use perp_interface::market::{CollectFees, ExecuteMsg};
use perp_interface::queue::{self, PublishLights, Refresh};
use perp_interface::Side;
use perp_testkit::chain::Order;
use perp_testkit::receipts::of_kind;

use super::{deposit, list, party, ENTRY};
use crate::stage::{Code, Stage};

/// Deposits, orders, fills, a cancellation, a withdrawal, fees.
pub fn trading(code: Code) -> Stage {
    let mut stage = Stage::new(code, |builder| builder);
    stage.step("list_market", |chain| list(chain, 1));
    stage.step("set_prices", |chain| chain.set_price(1, ENTRY));
    let [maker, taker] = ["maker", "taker"].map(|name| stage.chain.user(name));
    for user in [&maker, &taker] {
        stage.step("deposit_first", |chain| {
            deposit(chain, user, 10_000_000_000)
        });
    }
    let ask = |lots| Order::limit(1, Side::Short, lots, ENTRY);
    let buy = |lots| Order::ioc(1, Side::Long, lots, ENTRY);
    stage.step("place_order_resting", |chain| chain.place(&maker, ask(10)));
    stage.step("place_order_one_fill", |chain| chain.place(&taker, buy(10)));
    stage.step("place_order_resting_again", |chain| {
        chain.place(&maker, ask(10))
    });
    stage.step("place_order_one_fill_again", |chain| {
        chain.place(&taker, buy(5))
    });
    fills_of_ten(&mut stage);
    let rested = stage.step("place_order_resting_again", |chain| {
        chain.place(&maker, ask(7))
    });
    let order = of_kind(&rested.events, "order_rested")[0].number("order_id") as u64;
    stage.step("cancel_order", |chain| chain.cancel(&maker, order));
    stage.step("deposit", |chain| deposit(chain, &taker, 1_000_000));
    stage.step("withdraw", |chain| chain.withdraw(&taker, 2_000_000));
    stage.step("contribute", |chain| chain.contribute(30_000_000));
    stage.step("collect_fees", |chain| {
        let message = ExecuteMsg::CollectFees(CollectFees { market: 1 });
        chain.market(&taker, message)
    });
    let accounts = vec![stage.chain.account(&taker).expect("is there").account];
    stage.step("refresh", |chain| {
        chain.queue(&taker, queue::ExecuteMsg::Refresh(Refresh { accounts }))
    });
    lights(&mut stage);
    stage
}

/// One order that meets ten others of ten accounts.
fn fills_of_ten(stage: &mut Stage) {
    for i in 0..10 {
        let maker = party(&mut stage.chain, &format!("maker {i}"), 100_000_000);
        let order = Order::limit(1, Side::Short, 2, ENTRY + 1);
        stage.chain.place(&maker.user, order).expect("rests");
    }
    let taker = party(&mut stage.chain, "taker of ten", 1_000_000_000);
    stage.step("place_order_ten_fills", |chain| {
        // The five lots that are left at the entry price come first.
        let order = Order::ioc(1, Side::Long, 5 + 20, ENTRY + 1);
        chain.place(&taker.user, order)
    });
}

/// Published lights, and the trades of one who comes to another light.
fn lights(stage: &mut Stage) {
    let keeper = stage.chain.user("keeper");
    let message = queue::ExecuteMsg::PublishLights(PublishLights {
        market: 1,
        side: Side::Short,
    });
    stage.step("publish_lights", |chain| chain.queue(&keeper, message));
    let [seller, buyer] = ["maker 3", "maker 7"].map(|name| stage.chain.user(name));
    let bid = Order::limit(1, Side::Long, 1, ENTRY - 100_000);
    stage.chain.place(&buyer, bid).expect("rests");
    let ask = Order::ioc(1, Side::Short, 1, ENTRY - 100_000);
    stage.step("place_order_after_publish_lights", |chain| {
        chain.place(&seller, ask)
    });
}
