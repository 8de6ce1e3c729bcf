//! Situations that attacks start from, built by ordinary messages.

use cosmwasm_std::{Addr, Event};
use perp_interface::fund::{
    CapitalResponse, ExecuteMsg as FundMsg, HeadroomQuery, HeadroomResponse, QueryMsg as FundQuery,
    RegistrationQuery, RegistrationResponse, RequestUnstake, StakeQuery, StakeResponse, Tranche,
    TrancheQuery, TrancheResponse, UnstakeRequest, WithdrawCapital,
};
use perp_interface::governance::ApplyPending;
use perp_interface::market::{
    AccountResponse, BookQuery, BookResponse, ExecuteMsg, LossQuery, LossResponse, MarketQuery,
    MarketResponse, OrderResponse, OrdersQuery, OrdersResponse, PlaceOrder, QueryMsg, UpdateMarket,
};
use perp_interface::params::{FundParams, MarketParams, QueueParams};
use perp_interface::queue::{JobsResponse, QueryMsg as QueueQuery};
use perp_interface::{AccountId, LossId, Lots, MarketId, Price, Quote, Side};
use perp_testkit::chain::{ChainResult, Order};
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
        liquidation_fee_bps: 0,
        ..MarketParams::default()
    }
}

/// A fund that pays at most `cap` for one loss.
pub fn capped(cap: i128) -> FundParams {
    FundParams {
        per_loss_cap: perp_interface::Quote(cap),
        ..FundParams::default()
    }
}

/// A queue whose every call does `step_limit` units of work.
pub fn steps_of(step_limit: u32) -> QueueParams {
    QueueParams {
        step_limit,
        ..QueueParams::default()
    }
}

/// A chain with one market without fees, checked after every message.
pub fn one_market() -> Chain {
    let mut chain = Chain::builder().check_every(1).build();
    list(&mut chain, &[1]);
    chain
}

/// Opens markets without fees at [`ENTRY`].
pub fn list(chain: &mut Chain, markets: &[MarketId]) {
    for market in markets {
        chain.list(*market, ENTRY, free_market()).expect("lists");
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
pub fn party(chain: &mut Chain, name: &str, usdc: u128) -> Party {
    let user = chain.user(name);
    let id = chain.deposit(&user, usdc * USDC).expect("deposits");
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
    rest(chain, short, Order::limit(market, Side::Short, lots, price));
    chain
        .place(&long.user, Order::ioc(market, Side::Long, lots, price))
        .expect("takes");
}

/// Rests an order; returns its number.
pub fn rest(chain: &mut Chain, party: &Party, order: Order) -> u64 {
    let events = chain.place(&party.user, order).expect("rests");
    let rested = perp_testkit::receipts::of_kind(&events, "order_rested");
    rested
        .first()
        .expect("rests on the book")
        .number("order_id") as u64
}

/// A loser that is long against shorts, each with its deposit and its lots.
pub fn shorts_of(
    chain: &mut Chain,
    market: MarketId,
    loser: &Party,
    shorts: &[(&str, u128, u64)],
) -> Vec<Party> {
    let open = |(name, usdc, lots): &(&str, u128, u64)| {
        let short = party(chain, name, *usdc);
        cross(chain, market, (loser, &short), *lots, ENTRY);
        short
    };
    shorts.iter().map(open).collect()
}

/// Account of a party.
pub fn account(chain: &Chain, party: &Party) -> AccountResponse {
    chain.account(&party.user).expect("is there")
}

/// Cash of a party.
pub fn cash(chain: &Chain, party: &Party) -> i128 {
    account(chain, party).cash.0
}

/// Equity of a party at the feed's prices.
pub fn equity(chain: &Chain, party: &Party) -> i128 {
    chain.health(party.id).expect("healthy answer").equity.0
}

/// Signed lots of a party in a market.
pub fn lots(chain: &Chain, party: &Party, market: MarketId) -> i64 {
    let account = account(chain, party);
    let held = account.positions.iter().find(|p| p.market == market);
    held.map_or(0, |p| p.side.sign() as i64 * p.lots.0 as i64)
}

/// A loss.
pub fn loss(chain: &Chain, loss_id: LossId) -> LossResponse {
    chain
        .query(
            &chain.addresses.market,
            &QueryMsg::Loss(LossQuery { loss_id }),
        )
        .expect("the loss is there")
}

/// A market.
pub fn market(chain: &Chain, market: MarketId) -> MarketResponse {
    chain
        .query(
            &chain.addresses.market,
            &QueryMsg::Market(MarketQuery { market }),
        )
        .expect("is listed")
}

/// One side of a book.
pub fn book(chain: &Chain, market: MarketId, side: Side) -> Vec<OrderResponse> {
    let query = QueryMsg::Book(BookQuery {
        market,
        side,
        limit: Some(500),
    });
    let book: BookResponse = chain
        .query(&chain.addresses.market, &query)
        .expect("answers");
    book.orders
}

/// Resting orders of a party.
pub fn orders(chain: &Chain, party: &Party) -> Vec<OrderResponse> {
    let query = QueryMsg::Orders(OrdersQuery { account: party.id });
    let orders: OrdersResponse = chain
        .query(&chain.addresses.market, &query)
        .expect("answers");
    orders.orders
}

/// The fund's sums.
pub fn capital(chain: &Chain) -> CapitalResponse {
    chain
        .query(&chain.addresses.fund, &FundQuery::Capital {})
        .expect("answers")
}

/// A tranche of the fund.
pub fn tranche(chain: &Chain, tranche: Tranche) -> TrancheResponse {
    chain
        .query(
            &chain.addresses.fund,
            &FundQuery::Tranche(TrancheQuery { tranche }),
        )
        .expect("is open")
}

/// Shares, their value and the open requests of a staker.
pub fn stake_of(chain: &Chain, staker: &Addr, tranche: Tranche) -> StakeResponse {
    let staker = staker.to_string();
    let query = FundQuery::Stake(StakeQuery { tranche, staker });
    chain.query(&chain.addresses.fund, &query).expect("answers")
}

/// Asks for the money of all shares of a staker in the shared tranche.
pub fn request_all(chain: &mut Chain, staker: &Addr) -> ChainResult<Vec<Event>> {
    let tranche = Tranche::Shared;
    let shares = stake_of(chain, staker, tranche).shares;
    chain.fund(
        staker,
        FundMsg::RequestUnstake(RequestUnstake { tranche, shares }),
    )
}

/// Claims the first request of a staker in the shared tranche; how many coins that brought.
pub fn claim(chain: &mut Chain, staker: &Addr) -> ChainResult<u128> {
    let before = chain.balance(staker);
    let msg = UnstakeRequest {
        tranche: Tranche::Shared,
        request: 0,
    };
    chain.fund(staker, FundMsg::ClaimUnstake(msg))?;
    Ok(chain.balance(staker) - before)
}

/// Governance takes seed out of a tranche.
pub fn withdraw_seed(chain: &mut Chain, tranche: Tranche, amount: i128) -> ChainResult<Vec<Event>> {
    let governance = chain.governance.clone();
    let msg = WithdrawCapital {
        tranche,
        amount: Quote(amount),
        to: governance.to_string(),
    };
    chain.fund(&governance, FundMsg::WithdrawCapital(msg))
}

/// Open jobs.
pub fn jobs(chain: &Chain) -> JobsResponse {
    chain
        .query(&chain.addresses.queue, &QueueQuery::Jobs {})
        .expect("answers")
}

/// Replaces a market's parameters.
pub fn update_market(
    chain: &mut Chain,
    id: MarketId,
    params: MarketParams,
) -> ChainResult<Vec<Event>> {
    let expected_version = market(chain, id).version;
    let governance = chain.governance.clone();
    let msg = UpdateMarket {
        market: id,
        expected_version,
        params: params.clone(),
    };
    let mut events = chain.market(&governance, ExecuteMsg::UpdateMarket(msg))?;
    // What does not tighten takes its steps.
    while market(chain, id).params != params {
        chain.advance(1, 1);
        let step = ApplyPending { market: Some(id) };
        events.extend(chain.market(&governance, ExecuteMsg::ApplyPending(step))?);
    }
    Ok(events)
}

/// Places an order for any subaccount.
pub fn place_for(
    chain: &mut Chain,
    (user, subaccount): (&Addr, u32),
    order: Order,
) -> ChainResult<Vec<Event>> {
    let msg = PlaceOrder {
        subaccount,
        market: order.market,
        side: order.side,
        lots: Lots(order.lots),
        price: Price(order.price),
        kind: order.kind,
        reduce_only: order.reduce_only,
    };
    chain.market(user, ExecuteMsg::PlaceOrder(msg))
}

/// Liquidates as somebody who has nothing to do with it.
pub fn liquidate(chain: &mut Chain, party: &Party) -> ChainResult<Vec<Event>> {
    let keeper = chain.user("keeper");
    chain.liquidate(&keeper, party.id)
}

/// Refused with this stable code.
pub fn refused<T: std::fmt::Debug>(answer: ChainResult<T>, code: &str) {
    let error = answer.expect_err("is refused");
    assert!(error.has_code(code), "wanted {code}, got {error}");
}

/// How a market is registered with the fund.
pub fn registration(chain: &Chain, market: MarketId) -> RegistrationResponse {
    let query = FundQuery::Registration(RegistrationQuery { market });
    chain
        .query(&chain.addresses.fund, &query)
        .expect("is registered")
}

/// What the fund could pay for a market now.
pub fn headroom(chain: &Chain, market: MarketId) -> HeadroomResponse {
    let query = FundQuery::Headroom(HeadroomQuery { market });
    chain.query(&chain.addresses.fund, &query).expect("answers")
}
