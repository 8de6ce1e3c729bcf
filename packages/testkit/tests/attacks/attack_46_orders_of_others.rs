//! Deleting somebody else's orders, and other messages that are not one's own.

use perp_interface::market::{CancelOrder, ExecuteMsg};
use perp_interface::Side;
use perp_testkit::chain::Order;

use crate::situation::{one_market, orders, party, refused, rest, shorts_of, ENTRY};

#[test]
fn nobody_cancels_what_is_not_his() {
    let mut chain = one_market();
    let owner = party(&mut chain, "owner", 1_000);
    let thief = party(&mut chain, "thief", 1_000);
    let order = rest(
        &mut chain,
        &owner,
        Order::limit(1, Side::Long, 5, ENTRY - 1),
    );
    refused(chain.cancel(&thief.user, order), "unknown_order");
    for subaccount in [1, u32::MAX] {
        let msg = CancelOrder {
            subaccount,
            order_id: order,
        };
        refused(
            chain.market(&owner.user, ExecuteMsg::CancelOrder(msg)),
            "unknown_account",
        );
    }
    let stranger = chain.user("stranger");
    refused(chain.cancel(&stranger, order), "unknown_account");
    refused(chain.withdraw(&stranger, 1), "unknown_account");
    refused(
        chain.place(&stranger, Order::ioc(1, Side::Long, 1, 1)),
        "unknown_account",
    );
    // A healthy account's orders do not go by liquidation either.
    refused(chain.liquidate(&thief.user, owner.id), "not_liquidatable");
    assert_eq!(orders(&chain, &owner).len(), 1);
    chain.cancel(&owner.user, order).expect("its own");
}

#[test]
fn an_attempt_that_fails_removes_no_orders() {
    let mut chain = one_market();
    let owner = party(&mut chain, "owner", 1_000);
    let poor = party(&mut chain, "poor", 1);
    shorts_of(&mut chain, 1, &owner, &[("other", 1_000, 10)]);
    rest(&mut chain, &owner, Order::limit(1, Side::Short, 90, ENTRY));
    // The order at the front would leave the book, were the attempt to succeed.
    let spoofer = party(&mut chain, "spoofer", 100);
    rest(
        &mut chain,
        &spoofer,
        Order::limit(1, Side::Short, 90, ENTRY - 1),
    );
    chain.withdraw(&spoofer.user, 100_000_000).expect("is free");
    let take = Order::ioc(1, Side::Long, 90, ENTRY);
    refused(chain.place(&poor.user, take), "insufficient_margin");
    assert_eq!(
        (orders(&chain, &owner).len(), orders(&chain, &spoofer).len()),
        (1, 1)
    );
}
