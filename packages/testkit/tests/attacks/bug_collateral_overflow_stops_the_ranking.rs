//! Collateral per lot beyond 2^96 quote units was an overflow instead of the highest class: no
//! message that touched such an account went through any more, a job that came to it among them.
//! Out of reach for dollars with six decimals, not for a denom with eighteen.

use crate::situation::{cross, liquidate, loss, one_market, party, ENTRY};

#[test]
fn an_account_of_any_wealth_is_ranked_and_deleveraged() {
    let mut chain = one_market();
    let rich = party(&mut chain, "rich", (1 << 99) / crate::situation::USDC);
    let loser = party(&mut chain, "loser", 1);
    cross(&mut chain, 1, (&loser, &rich), 1, ENTRY);
    chain.set_price(1, ENTRY / 2).expect("prices");
    liquidate(&mut chain, &loser).expect("liquidates");
    assert!(loss(&chain, 1).closed);
}
