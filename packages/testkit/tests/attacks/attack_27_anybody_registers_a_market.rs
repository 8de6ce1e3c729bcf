//! Whoever can name a market that may draw owns the fund. Only governance can; a market that it has listed
//! but not registered draws nothing, and no other contract draws at all.

use perp_interface::fund::{CoverDeficit, ExecuteMsg, RegisterMarket, Tranche};
use perp_interface::loss::LossTerms;
use perp_interface::market::{self as exchange, ListMarket};
use perp_interface::{Lots, MarketId, PerLot, Price, Quote, Side};
use perp_testkit::Chain;

use crate::situation::{
    capital, free_market, liquidate, loss, one_market, party, refused, shorts_of, tranche, ENTRY,
    USDC,
};

const fn terms(market: MarketId) -> RegisterMarket {
    RegisterMarket {
        market,
        isolated: false,
        window_cap: None,
        paid_in_cap: None,
    }
}

fn list_only(chain: &mut Chain, market: MarketId) -> exchange::ExecuteMsg {
    chain.set_price(market, ENTRY).expect("prices");
    exchange::ExecuteMsg::ListMarket(ListMarket {
        market,
        symbol: format!("M{market}"),
        params: free_market(),
    })
}

#[test]
fn only_governance_lists_and_registers() {
    let mut chain = one_market();
    chain.contribute(1_000 * USDC).expect("contributes");
    let before = capital(&chain);
    let msg = list_only(&mut chain, 2);
    let (market, queue) = (
        chain.addresses.market.clone(),
        chain.addresses.queue.clone(),
    );
    for sender in [chain.user("anybody"), market, queue] {
        refused(chain.market(&sender, msg.clone()), "unauthorized");
        let register = ExecuteMsg::RegisterMarket(terms(2));
        refused(chain.fund(&sender, register), "unauthorized");
    }
    assert_eq!(capital(&chain), before);
}

#[test]
fn a_contract_that_is_not_the_market_draws_nothing() {
    let mut chain = one_market();
    chain.contribute(1_000 * USDC).expect("contributes");
    let msg = CoverDeficit {
        terms: LossTerms {
            loss_id: 1,
            market: 1,
            side: Side::Long,
            mark: Price(ENTRY),
            index: PerLot(0),
        },
        lots: Lots(1),
        need: Quote(USDC as i128),
        slippage_allowance: Quote(0),
        same_owner_lots: Lots(0),
        defer: false,
    };
    let others = [
        chain.user("anybody"),
        chain.governance.clone(),
        chain.addresses.queue.clone(),
        chain.addresses.feed.clone(),
    ];
    for sender in others {
        let msg = ExecuteMsg::CoverDeficit(msg.clone());
        refused(chain.fund(&sender, msg), "unauthorized");
    }
    assert_eq!(capital(&chain).paid.0, 0);
}

#[test]
fn a_listed_market_draws_from_when_it_is_registered_on() {
    let mut chain = one_market();
    chain.contribute(1_000 * USDC).expect("contributes");
    let (governance, msg) = (chain.governance.clone(), list_only(&mut chain, 2));
    chain.market(&governance, msg).expect("lists");
    let before = tranche(&chain, Tranche::Shared);
    for (loss_id, used) in [(1, 0), (2, 80_000_000)] {
        chain.set_price(2, ENTRY).expect("prices");
        let loser = party(&mut chain, &format!("loser{loss_id}"), 120);
        shorts_of(
            &mut chain,
            2,
            &loser,
            &[(&format!("s{loss_id}"), 1_000, 100)],
        );
        chain.set_price(2, 8_000_000).expect("prices");
        liquidate(&mut chain, &loser).expect("liquidates");
        let loss = loss(&chain, loss_id);
        assert!(loss.closed, "the queue has taken the rest");
        assert_eq!(
            (loss.fund_used.0, loss.adl_taken.0),
            (used, 80_000_000 - used)
        );
        if used == 0 {
            assert_eq!(tranche(&chain, Tranche::Shared), before);
            chain.register(terms(2)).expect("registers");
        }
    }
}
