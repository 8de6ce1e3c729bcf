//! Situations that show each message of the suite. They run on either [`Code`], so that the built
//! contracts can be compared with the native ones, and their log is what costs are read from.

mod fund;
mod governance;
mod losses;
mod trading;

use cosmwasm_std::{coin, Addr, Event};
use perp_interface::market::{self, ExecuteMsg};
use perp_interface::{AccountId, MarketId, Side};
use perp_testkit::chain::{ChainResult, Order, DENOM};
use perp_testkit::Chain;

use crate::stage::{Code, Stage};

/// Price at which positions are opened: 10 USDC a lot.
pub const ENTRY: u64 = 10_000_000;

/// A situation from the deployment to its end.
pub type Scenario = fn(Code) -> Stage;

/// All of them, by name.
pub const SCENARIOS: [(&str, Scenario); 10] = [
    ("trading", trading::trading),
    ("liquidation", losses::liquidation),
    ("cascade", losses::cascade),
    ("cascade_shared", losses::cascade_shared),
    ("steps", losses::steps),
    ("bad_debt", losses::bad_debt),
    ("resumed", losses::resumed),
    ("forced", losses::forced),
    ("fund", fund::fund),
    ("governance", governance::governance),
];

/// An account that takes part.
#[derive(Clone, Debug)]
pub(crate) struct Party {
    pub user: Addr,
    pub id: AccountId,
}

/// A funded account.
pub(crate) fn party(chain: &mut Chain, name: &str, amount: u128) -> Party {
    let user = chain.user(name);
    let id = chain.deposit(&user, amount).expect("deposits");
    Party { user, id }
}

/// `long` buys from `short`.
pub(crate) fn cross(chain: &mut Chain, long: &Party, short: &Party, (lots, price): (u64, u64)) {
    chain
        .place(&short.user, Order::limit(1, Side::Short, lots, price))
        .expect("rests");
    chain
        .place(&long.user, Order::ioc(1, Side::Long, lots, price))
        .expect("takes");
}

/// A deposit and nothing else: [`Chain::deposit`] asks for the account afterwards.
pub(crate) fn deposit(chain: &mut Chain, user: &Addr, amount: u128) -> ChainResult<Vec<Event>> {
    chain.mint(user, amount);
    let to = chain.addresses.market.clone();
    let message = ExecuteMsg::Deposit(market::Deposit { subaccount: 0 });
    chain.send(user, &to, &message, &[coin(amount, DENOM)])
}

/// Lists a market with the default parameters, fees among them.
pub(crate) fn list(chain: &mut Chain, market: MarketId) -> ChainResult<Vec<Event>> {
    chain.list(market, ENTRY, Default::default())
}
