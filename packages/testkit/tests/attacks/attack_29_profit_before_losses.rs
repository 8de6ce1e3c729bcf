//! Profit withdrawn before anybody's loss is realised, and unrealised profit as collateral for
//! whatever can be taken out.

use perp_interface::Side;
use perp_testkit::chain::Order;
use perp_testkit::Chain;

use crate::situation::{
    cash, cross, equity, list, one_market, party, refused, rest, shorts_of, ENTRY, USDC,
};

#[test]
fn open_profit_does_not_leave() {
    let mut chain = one_market();
    let pumper = party(&mut chain, "pumper", 100);
    let accomplice = shorts_of(&mut chain, 1, &pumper, &[("accomplice", 100, 90)]);
    chain.set_price(1, 30_000_000).expect("pumps");
    assert_eq!(equity(&chain, &pumper), 1_900 * USDC as i128);
    refused(
        chain.withdraw(&pumper.user, 100_000_001),
        "exceeds_withdrawable",
    );
    chain
        .withdraw(&pumper.user, 100_000_000)
        .expect("its own cash");
    refused(chain.withdraw(&pumper.user, 1), "exceeds_withdrawable");
    // Nor by selling to the accomplice, who cannot pay.
    rest(
        &mut chain,
        &pumper,
        Order::limit(1, Side::Short, 90, 30_000_000).reduce_only(),
    );
    let buy = Order::ioc(1, Side::Long, 90, 30_000_000);
    refused(chain.place(&accomplice[0].user, buy), "bankrupt");
    assert_eq!(cash(&chain, &pumper), 0);
}

#[test]
fn nor_by_losing_it_to_another_wallet_beyond_its_own_margin() {
    let mut chain = Chain::builder().check_every(1).build();
    list(&mut chain, &[1, 2]);
    let pumper = party(&mut chain, "pumper", 100);
    let accomplice = party(&mut chain, "accomplice", 2_000);
    shorts_of(&mut chain, 1, &pumper, &[("other", 10_000, 90)]);
    chain.set_price(1, 11_000_000).expect("moves");
    // Equity 190, of which 90 are open profit; 99 are needed in the first market.
    cross(&mut chain, 2, (&pumper, &accomplice), 90, ENTRY);
    let spoil = Order::limit(2, Side::Short, 10, 2 * ENTRY);
    rest(&mut chain, &accomplice, spoil);
    let bet = Order::ioc(2, Side::Long, 10, 2 * ENTRY);
    refused(chain.place(&pumper.user, bet), "insufficient_margin");
    assert!(equity(&chain, &pumper) >= 189 * USDC as i128);
}
