//! The situations of the gas figures (`packages/wasm-tests/src/scenario`), with the same amounts in the same
//! order, on the chain.

use perp_interface::market::{CancelOrder, CollectFees, ExecuteMsg, Liquidate, Withdraw};
use perp_interface::params::MarketParams;
use perp_interface::queue::{self, PublishLights, Refresh};
use perp_interface::{Quote, Side};
use perps_chain::deploy::Part;

use crate::bench::{Bench, KEEPER};
use crate::error::PlayResult;
use crate::net::Letter;
use crate::suite::{
    contribution, deposit, listing, number_in, price_message, registration, Order, ENTRY,
};

const MARKET: Part = Part::Market;
const MAKER: &str = "trader17";
const TAKER: &str = "trader18";
const MAKERS: [&str; 10] = [
    "trader01", "trader02", "trader03", "trader04", "trader05", "trader06", "trader07", "trader08",
    "trader09", "trader10",
];
const TAKER_OF_TEN: &str = "trader11";

/// 20 % under the entry.
const CRASHED: u64 = 8_000_000;

fn ask(lots: u64, price: u64) -> ExecuteMsg {
    Order::limit(1, Side::Short, lots, price).into()
}

fn bid(lots: u64, price: u64) -> ExecuteMsg {
    Order::limit(1, Side::Long, lots, price).into()
}

fn buy(lots: u64, price: u64) -> ExecuteMsg {
    Order::ioc(1, Side::Long, lots, price).into()
}

/// What a trader sends on an ordinary day.
///
/// # Errors
/// What the chain answers.
pub fn trading(b: &mut Bench<'_>) -> PlayResult<()> {
    let first = vec![
        b.any((KEEPER, Part::Feed), &price_message(&[(1, ENTRY)]), 0)?,
        b.any((KEEPER, MARKET), &listing(1, MarketParams::default()), 0)?,
        b.any((KEEPER, Part::Fund), &registration(1), 0)?,
    ];
    b.measure("list_market", KEEPER, first, 0)?;
    let price = price_message(&[(1, ENTRY)]);
    b.step("set_prices", (KEEPER, Part::Feed), &price, 0)?;
    for user in [MAKER, TAKER] {
        b.step("deposit_first", (user, MARKET), &deposit(0), 10_000_000_000)?;
    }
    b.step("place_order_resting", (MAKER, MARKET), &ask(10, ENTRY), 0)?;
    b.step("place_order_one_fill", (TAKER, MARKET), &buy(10, ENTRY), 0)?;
    let again = "place_order_resting_again";
    b.step(again, (MAKER, MARKET), &ask(10, ENTRY), 0)?;
    let taken = "place_order_one_fill_again";
    b.step(taken, (TAKER, MARKET), &buy(5, ENTRY), 0)?;
    fills_of_ten(b)?;
    let rested = b.step(again, (MAKER, MARKET), &ask(7, ENTRY), 0)?;
    let order_id = number_in(&rested, "order_rested", "order_id")?;
    let cancel = ExecuteMsg::CancelOrder(CancelOrder {
        subaccount: 0,
        order_id: u64::try_from(order_id).unwrap_or_default(),
    });
    b.step("cancel_order", (MAKER, MARKET), &cancel, 0)?;
    b.step("deposit", (TAKER, MARKET), &deposit(0), 1_000_000)?;
    let withdraw = ExecuteMsg::Withdraw(Withdraw {
        subaccount: 0,
        amount: Quote(2_000_000),
    });
    b.step("withdraw", (TAKER, MARKET), &withdraw, 0)?;
    let fund = (KEEPER, Part::Fund);
    b.step("contribute", fund, &contribution(), 30_000_000)?;
    let fees = ExecuteMsg::CollectFees(CollectFees { market: 1 });
    b.step("collect_fees", (TAKER, MARKET), &fees, 0)?;
    let accounts = vec![b.suite.account(b.net, TAKER, 0)?.account];
    let refresh = queue::ExecuteMsg::Refresh(Refresh { accounts });
    b.step("refresh", (TAKER, Part::Queue), &refresh, 0)?;
    let lights = queue::ExecuteMsg::PublishLights(PublishLights {
        market: 1,
        side: Side::Short,
    });
    b.step("publish_lights", (KEEPER, Part::Queue), &lights, 0)?;
    Ok(())
}

/// One order that meets ten others of ten accounts.
fn fills_of_ten(b: &mut Bench<'_>) -> PlayResult<()> {
    let coins = 100_000_000;
    let makers: PlayResult<Vec<Letter>> = MAKERS
        .iter()
        .map(|by| {
            let comes = b.any((by, MARKET), &deposit(0), coins)?;
            let asks = b.any((by, MARKET), &ask(2, ENTRY + 1), 0)?;
            Ok(Letter {
                coins,
                ..Letter::plain(by, vec![comes, asks])
            })
        })
        .collect();
    b.net.send_all(makers?)?;
    b.suite.deposit(b.net, TAKER_OF_TEN, 1_000_000_000)?;
    // The five lots that are left at the entry price come first.
    let order = buy(5 + 20, ENTRY + 1);
    b.step("place_order_ten_fills", (TAKER_OF_TEN, MARKET), &order, 0)?;
    Ok(())
}

/// A market without fees, so that the sums are round.
fn free_market(b: &Bench<'_>) -> PlayResult<()> {
    let params = MarketParams {
        taker_fee_bps: 0,
        maker_fee_bps: 0,
        bounty_per_fill: Quote(0),
        ..MarketParams::default()
    };
    let msgs = vec![
        b.any((KEEPER, Part::Feed), &price_message(&[(1, ENTRY)]), 0)?,
        b.any((KEEPER, MARKET), &listing(1, params), 0)?,
        b.any((KEEPER, Part::Fund), &registration(1), 0)?,
    ];
    b.net.send(Letter::plain(KEEPER, msgs))?;
    Ok(())
}

/// `long` buys from `short`.
fn cross(b: &Bench<'_>, long: &str, short: &str, lots: u64) -> PlayResult<()> {
    let order = Order::limit(1, Side::Short, lots, ENTRY);
    b.suite.place(b.net, short, order)?;
    let order = Order::ioc(1, Side::Long, lots, ENTRY);
    b.suite.place(b.net, long, order)?;
    Ok(())
}

fn liquidate(b: &mut Bench<'_>, figure: &'static str, name: &str) -> PlayResult<()> {
    let account = b.suite.account(b.net, name, 0)?.account;
    let message = ExecuteMsg::Liquidate(Liquidate { account });
    b.step(figure, (KEEPER, MARKET), &message, 0)?;
    Ok(())
}

fn come(b: &Bench<'_>, parties: &[(&str, u128)]) -> PlayResult<()> {
    // One after the other, so that accounts get their numbers in this order.
    for (name, amount) in parties {
        b.suite.deposit(b.net, name, *amount)?;
    }
    Ok(())
}

/// A solvent account under maintenance, sold on the book.
///
/// # Errors
/// What the chain answers.
pub fn liquidation(b: &mut Bench<'_>) -> PlayResult<()> {
    free_market(b)?;
    let parties = [
        ("trader01", 120_000_000),
        ("trader02", 500_000_000),
        ("trader03", 500_000_000),
    ];
    come(b, &parties)?;
    cross(b, "trader01", "trader02", 100)?;
    let price = price_message(&[(1, 9_200_000)]);
    b.suite.call(b.net, (KEEPER, Part::Feed), &price, 0)?;
    let resting = bid(100, 9_200_000);
    b.suite.call(b.net, ("trader03", MARKET), &resting, 0)?;
    liquidate(b, "liquidate_solvent", "trader01")
}

/// Bankrupt account, fund that pays a part, whole positions in rank order.
///
/// # Errors
/// What the chain answers.
pub fn cascade(b: &mut Bench<'_>) -> PlayResult<()> {
    free_market(b)?;
    let fund = (KEEPER, Part::Fund);
    b.suite.call(b.net, fund, &contribution(), 30_000_000)?;
    let shorts = ["trader03", "trader04", "trader05"];
    let parties = [
        ("trader01", 120_000_000),
        ("trader02", 10_000_000_000),
        (shorts[0], 200_000_000),
        (shorts[1], 350_000_000),
        (shorts[2], 500_000_000),
    ];
    come(b, &parties)?;
    for short in shorts {
        cross(b, "trader02", short, 40)?;
    }
    cross(b, "trader01", "trader02", 100)?;
    let price = price_message(&[(1, CRASHED)]);
    b.suite.call(b.net, (KEEPER, Part::Feed), &price, 0)?;
    liquidate(b, "liquidate_cascade_3_fills", "trader01")
}
