//! Traders come, and open positions.

use std::collections::BTreeMap;

use perp_interface::{fund, Side};
use perps_chain::deploy::Part;

use super::markets::{FIRST, SECOND, SECOND_ENTRY};
use crate::error::{same, PlayResult};
use crate::net::Letter;
use crate::play::Play;
use crate::suite::{contribution, deposit, Order, ENTRY};

/// Who is bankrupt after the first crash.
pub const VICTIM: &str = "alice";
/// What the victim buys: more than one step of the queue closes.
pub const VICTIM_LOTS: u64 = 100;
/// Who holds the other side.
pub const SHORTS: [&str; 12] = [
    "trader01", "trader02", "trader03", "trader04", "trader05", "trader06", "trader07", "trader08",
    "trader09", "trader10", "trader11", "trader12",
];
/// Lots of each of them.
const EACH: u64 = 10;

/// Seed and a stake for the fund: less than the first crash will cost.
///
/// # Errors
/// Whatever is not as it must be.
pub fn fund(play: &mut Play) -> PlayResult<()> {
    play.coins = total(play)?;
    let (net, suite) = (&play.net, &play.suite);
    suite.call(net, ("carol", Part::Fund), &contribution(), 30_000_000)?;
    let stake = fund::ExecuteMsg::Stake(fund::Stake {
        tranche: fund::Tranche::Shared,
        min_shares: None,
    });
    suite.call(net, ("dave", Part::Fund), &stake, 20_000_000)?;
    let capital: fund::CapitalResponse = suite.ask(net, Part::Fund, &fund::QueryMsg::Capital {})?;
    same("capital of the fund", &capital.capital.0, &50_000_000)?;
    play.passed("fund", "30 USDC of seed, 20 of a staker".to_owned())
}

/// All settlement coins of accounts and contracts together.
///
/// # Errors
/// Those of queries.
pub fn total(play: &Play) -> PlayResult<u128> {
    let mut sum = 0;
    for balance in balances(play)?.values() {
        sum += balance;
    }
    Ok(sum)
}

/// Settlement coins of every account and contract.
///
/// # Errors
/// Those of queries.
pub fn balances(play: &Play) -> PlayResult<BTreeMap<String, u128>> {
    let mut balances = BTreeMap::new();
    for name in play.net.names() {
        let address = play.net.address(name)?;
        balances.insert(name.to_owned(), play.net.balance(&address)?);
    }
    for suite in [&play.suite].into_iter().chain(&play.others) {
        for part in Part::ALL {
            let address = suite.at(part)?;
            balances.insert(address.to_owned(), play.net.balance(address)?);
        }
    }
    Ok(balances)
}

/// Deposits, resting orders, and positions on both sides of two markets.
///
/// # Errors
/// Whatever is not as it must be.
pub fn trade(play: &mut Play) -> PlayResult<()> {
    let (net, suite) = (&play.net, &play.suite);
    let mut deposits = vec![];
    for (i, name) in SHORTS.iter().enumerate() {
        deposits.push((*name, 200_000_000 + 50_000_000 * i as u128));
    }
    deposits.extend([(VICTIM, 120_000_000), ("bob", 5_000_000_000)]);
    deposits.extend([("erin", 1_000_000_000), ("dave", 1_000_000_000)]);
    let letter = |(name, amount): &(&str, u128)| {
        suite.letter(net, (name, Part::Market), &deposit(0), *amount)
    };
    let letters: PlayResult<Vec<Letter>> = deposits.iter().map(letter).collect();
    net.send_all(letters?)?;

    let asks: PlayResult<Vec<Letter>> = SHORTS
        .iter()
        .map(|name| {
            let ask = Order::limit(FIRST, Side::Short, EACH, ENTRY);
            let body = perp_interface::market::ExecuteMsg::from(ask);
            suite.letter(net, (name, Part::Market), &body, 0)
        })
        .collect();
    net.send_all(asks?)?;
    suite.place(
        net,
        VICTIM,
        Order::ioc(FIRST, Side::Long, VICTIM_LOTS, ENTRY),
    )?;
    let rest = EACH * SHORTS.len() as u64 - VICTIM_LOTS;
    suite.place(net, "bob", Order::ioc(FIRST, Side::Long, rest, ENTRY))?;

    suite.place(
        net,
        "dave",
        Order::limit(SECOND, Side::Short, 5, SECOND_ENTRY),
    )?;
    suite.place(net, "erin", Order::ioc(SECOND, Side::Long, 5, SECOND_ENTRY))?;
    // Far below what the crash brings: orders that nobody meets.
    suite.place(net, "erin", Order::limit(FIRST, Side::Long, 10, 6_000_000))?;
    let resting = Order::limit(FIRST, Side::Long, 10, 6_500_000);
    suite.place(net, "bob", resting)?;

    let first = suite.market(net, FIRST)?;
    same(
        "open interest",
        &first.open_interest.0,
        &(VICTIM_LOTS + rest),
    )?;
    let held = suite.account(net, VICTIM, 0)?;
    let lots = held.positions.first().map(|position| position.lots.0);
    same("the victim's lots", &lots, &Some(VICTIM_LOTS))?;
    play.passed(
        "trade",
        format!(
            "{} accounts, {} lots open in market {FIRST}, 5 in market {SECOND}",
            deposits.len(),
            first.open_interest
        ),
    )
}
