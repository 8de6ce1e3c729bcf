//! An error that is swallowed must take back all that the failing part wrote, and nothing else; what
//! raises risk must not swallow it.

use perp_interface::market::{ExecuteMsg, Refresh};
use perp_interface::Side;
use perp_testkit::chain::Order;
use perp_testkit::receipts;

use crate::deaf_queue::{chain_with_deaf_queue, set_deaf, TRACE};
use crate::situation::{liquidate, list, loss, lots, party, refused, rest, shorts_of, ENTRY};

#[test]
fn a_deaf_queue_stops_nothing_but_opening_and_leaves_no_trace() {
    let mut chain = chain_with_deaf_queue();
    list(&mut chain, &[1]);
    let user = party(&mut chain, "user", 120);
    let shorts = shorts_of(&mut chain, 1, &user, &[("a", 600, 60), ("b", 400, 40)]);
    let maker = party(&mut chain, "maker", 1_000);
    rest(&mut chain, &maker, Order::limit(1, Side::Long, 10, ENTRY));
    rest(
        &mut chain,
        &maker,
        Order::limit(1, Side::Short, 10, ENTRY + 1),
    );
    set_deaf(true);
    let open = Order::ioc(1, Side::Long, 1, ENTRY + 1);
    refused(chain.place(&user.user, open), "not_connected");
    chain
        .place(&user.user, Order::ioc(1, Side::Short, 10, ENTRY))
        .expect("reduces");
    chain.withdraw(&shorts[1].user, 1_000_000).expect("leaves");
    assert_eq!(lots(&chain, &user, 1), 90);
    let queue = chain.addresses.queue.clone();
    let trace = chain.app.wrap().query_wasm_raw(&queue, TRACE.to_vec());
    assert_eq!(trace.expect("answers"), None);

    // Liquidation and settlement do without it as well.
    chain.set_price(1, 8_000_000).expect("prices");
    let events = liquidate(&mut chain, &user).expect("liquidates");
    assert!(!receipts::of_kind(&events, "submessage_failed").is_empty());
    chain.finish_jobs(20).expect("ends");
    assert!(loss(&chain, 1).closed);
    assert_eq!(lots(&chain, &user, 1), 0);

    set_deaf(false);
    let accounts = [&user, &maker, &shorts[0], &shorts[1]]
        .map(|p| p.id)
        .to_vec();
    let refresh = perp_interface::queue::Refresh {
        accounts: accounts.clone(),
    };
    let refresh = perp_interface::queue::ExecuteMsg::Refresh(refresh);
    chain.queue(&maker.user, refresh).expect("repairs");
    for account in accounts {
        let msg = Refresh {
            accounts: vec![account],
        };
        chain
            .market(&maker.user, ExecuteMsg::Refresh(msg))
            .expect("repairs");
    }
    perp_testkit::invariants::assert_all(&chain);
}
