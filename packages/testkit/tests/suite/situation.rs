//! Situations that tests start from, built by ordinary messages.

use cosmwasm_std::Addr;
use perp_interface::market::{LossQuery, LossResponse, MarketQuery, MarketResponse, QueryMsg};
use perp_interface::params::MarketParams;
use perp_interface::{fund, queue, AccountId, LossId, MarketId, Side};
use perp_testkit::chain::Order;
use perp_testkit::Chain;

/// Price at which positions are opened: 10 USDC a lot.
pub const ENTRY: u64 = 10_000_000;

/// One USDC.
pub const USDC: u128 = 1_000_000;

/// A market without fees, so that amounts in tests are round.
pub fn free_market() -> MarketParams {
    MarketParams {
        taker_fee_bps: 0,
        maker_fee_bps: 0,
        bounty_per_fill: perp_interface::Quote(0),
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

impl Party {
    /// Cash of the account.
    pub fn cash(&self, chain: &Chain) -> i128 {
        chain.account(&self.user).expect("is there").cash.0
    }

    /// Signed lots in a market.
    pub fn lots(&self, chain: &Chain, market: MarketId) -> i128 {
        let account = chain.account(&self.user).expect("is there");
        let held = account.positions.iter().find(|p| p.market == market);
        held.map_or(0, |p| p.side.sign() * i128::from(p.lots.0))
    }

    /// Equity of the account.
    pub fn equity(&self, chain: &Chain) -> i128 {
        chain.health(self.id).expect("is there").equity.0
    }
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

/// A loss, by number.
pub fn loss(chain: &Chain, loss_id: LossId) -> LossResponse {
    let query = QueryMsg::Loss(LossQuery { loss_id });
    chain
        .query(&chain.addresses.market, &query)
        .expect("the loss is there")
}

/// A market, by number.
pub fn market_of(chain: &Chain, market: MarketId) -> MarketResponse {
    let query = QueryMsg::Market(MarketQuery { market });
    chain
        .query(&chain.addresses.market, &query)
        .expect("the market is there")
}

/// The open jobs of the queue.
pub fn jobs(chain: &Chain) -> Vec<LossId> {
    let jobs: queue::JobsResponse = chain
        .query(&chain.addresses.queue, &queue::QueryMsg::Jobs {})
        .expect("the queue answers");
    jobs.jobs.iter().map(|job| job.terms.loss_id).collect()
}

/// The sums of the fund.
pub fn capital(chain: &Chain) -> fund::CapitalResponse {
    chain
        .query(&chain.addresses.fund, &fund::QueryMsg::Capital {})
        .expect("the fund answers")
}

/// Everything that the contracts store, and their coins: equal before and after what must change
/// nothing.
pub fn state(chain: &Chain) -> Vec<(Vec<cosmwasm_std::Record>, u128)> {
    let all = &chain.addresses;
    [&all.market, &all.fund, &all.queue, &all.feed]
        .map(|contract| (chain.app.dump_wasm_raw(contract), chain.balance(contract)))
        .into()
}

/// A market in which one long can go bankrupt against three shorts.
#[derive(Clone, Debug)]
pub struct Crash {
    /// Long 100 lots with 120 USDC: at 8 USDC it has lost 200.
    pub long: Party,
    /// Short 40 lots each, the highest leverage first.
    pub shorts: [Party; 3],
    /// Long the 20 lots in between, with plenty of cash.
    pub whale: Party,
    /// Somebody without a position.
    pub keeper: Addr,
}

/// Price at which [`Crash::long`] has a deficit of 80 USDC.
pub const BOTTOM: u64 = 8_000_000;

/// Opens [`Crash`] in market 1.
pub fn crash(chain: &mut Chain) -> Crash {
    market(chain, 1);
    let long = party(chain, "long", 120 * USDC);
    let whale = party(chain, "whale", 10_000 * USDC);
    let shorts = [("a", 200), ("b", 300), ("c", 1_000)]
        .map(|(name, deposit)| party(chain, name, deposit * USDC));
    for short in &shorts {
        cross(chain, 1, (&whale, short), 40, ENTRY);
    }
    cross(chain, 1, (&long, &whale), 100, ENTRY);
    let keeper = chain.user("keeper");
    Crash {
        long,
        shorts,
        whale,
        keeper,
    }
}
