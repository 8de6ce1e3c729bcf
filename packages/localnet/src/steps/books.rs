//! Conservation, from bank balances.

use perp_interface::fund::{self, SolvencyResponse};
use perp_interface::market::{ExecuteMsg, HealthQuery, HealthResponse, QueryMsg, Withdraw};
use perps_chain::deploy::Part;
use perps_cli::verify::{export, State};

use super::trade::{total, SHORTS};
use crate::error::{ensure, same, PlayResult};
use crate::play::Play;
use crate::suite::coins_of;

/// What every account has at the start.
const START: u128 = 100_000_000_000_000;

/// Winners withdraw; then no coin is missing anywhere: not in all, not of any account, and not in any
/// contract against its own books.
///
/// # Errors
/// Whatever is not as it must be.
pub fn conservation(play: &mut Play, step: &'static str) -> PlayResult<()> {
    let withdrawn = withdraw(play)?;
    let now = total(play)?;
    same("all coins of accounts and contracts", &now, &play.coins)?;
    let net = &play.net;
    for name in net.names() {
        let balance = net.balance(&net.address(name)?)?;
        let missing =
            i128::try_from(START).unwrap_or_default() - i128::try_from(balance).unwrap_or_default();
        let paid = net.paid(name);
        same(
            &format!("what {name} has paid, less what it was paid"),
            &missing,
            &paid,
        )?;
    }
    let market = play.suite.at(Part::Market)?;
    let block = net.rest.latest()?;
    let state = export(&net.rest.at(block), market)?;
    let client = net.client.at(block.height);
    let denom = &net.home.chain.margin_denom;
    let held = client.balance(market, denom)?;
    same(
        "coins of the market against its books",
        &i128::try_from(held).unwrap_or(-1),
        &booked(&state),
    )?;
    let held = client.balance(play.suite.at(Part::Fund)?, denom)?;
    let solvency: SolvencyResponse =
        client.query_smart(play.suite.at(Part::Fund)?, &fund::QueryMsg::Solvency {})?;
    let owed = solvency.in_tranches.0 + solvency.owed.0;
    same(
        "coins of the fund against its books",
        &i128::try_from(held).unwrap_or(-1),
        &owed,
    )?;
    ensure(solvency.solvent && solvency.unbooked.0 == 0, || {
        format!("the fund: {solvency:?}")
    })?;
    let found = format!(
        "{now} coins in all as before; market {} and fund {held} to the unit; {withdrawn} withdrawn",
        booked(&state)
    );
    play.passed(step, found)
}

/// `Σ cash − Σ cost + fees + funding pool − bad debt`: what the market's books say that it holds.
fn booked(state: &State) -> i128 {
    let accounts = state.accounts.iter().map(|account| {
        let cost: i128 = account.positions.iter().map(|p| p.cost.0).sum();
        account.cash.0 - cost
    });
    let markets = state
        .markets
        .iter()
        .map(|m| m.fees.0 + m.funding_pool.0 - m.bad_debt.0);
    accounts.chain(markets).sum()
}

/// Half of what three winners may take, so that they can do so again.
fn withdraw(play: &Play) -> PlayResult<u128> {
    let (net, suite) = (&play.net, &play.suite);
    let mut sum = 0;
    for name in &SHORTS[..3] {
        let account = suite.account(net, name, 0)?.account;
        let health = QueryMsg::Health(HealthQuery { account });
        let health: HealthResponse = suite.ask(net, Part::Market, &health)?;
        let amount = perp_interface::Quote(health.withdrawable.0 / 2);
        ensure(amount.0 > 0, || {
            format!("{name} may withdraw nothing: {health:?}")
        })?;
        let message = ExecuteMsg::Withdraw(Withdraw {
            subaccount: 0,
            amount,
        });
        suite.call(net, (name, Part::Market), &message, 0)?;
        sum += coins_of(amount);
    }
    Ok(sum)
}
