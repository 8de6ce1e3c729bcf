//! Situations that tests start from, built by ordinary messages.

use cosmwasm_std::Addr;
use perp_interface::params::MarketParams;
use perp_interface::{AccountId, MarketId, Side};
use perp_testkit::chain::Order;
use perp_testkit::Chain;

/// Price at which positions are opened: 10 USDC a lot.
pub const ENTRY: u64 = 10_000_000;

/// A market without fees, so that amounts in tests are round.
pub fn free_market() -> MarketParams {
    MarketParams {
        taker_fee_bps: 0,
        maker_fee_bps: 0,
        ..MarketParams::default()
    }
}

/// One account that takes part in a situation.
#[derive(Clone, Debug)]
pub struct Party {
    /// Its owner.
    pub user: Addr,
    /// Its number.
    pub id: AccountId,
}

/// A funded account.
pub fn party(chain: &mut Chain, name: &str, deposit: u128) -> Party {
    let user = chain.user(name);
    let id = chain.deposit(&user, deposit).expect("deposits");
    Party { user, id }
}

/// `long` buys `lots` from `short` at `price`.
pub fn cross(
    chain: &mut Chain,
    market: MarketId,
    (long, short): (&Party, &Party),
    lots: u64,
    price: u64,
) {
    chain
        .place(&short.user, Order::limit(market, Side::Short, lots, price))
        .expect("rests");
    chain
        .place(&long.user, Order::ioc(market, Side::Long, lots, price))
        .expect("takes");
}

/// Sends the first price of a market and opens it.
pub fn market(chain: &mut Chain, id: MarketId) {
    chain.list(id, ENTRY, free_market()).expect("lists");
}
