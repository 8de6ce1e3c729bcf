//! Losses made on purpose for the bounties of their fills. Everybody here is one colluder: the bankrupt
//! accounts, all their counterparties, and the keeper who liquidates and steps. The purse is full.
//!
//! Asserted, for every loss and in sum, at the highest bounty that a market's parameters allow: bounties are
//! never more than the least fee of the bankrupt position, and less than what the colluders paid in fees to
//! open it, because the other side of every lot has paid too. What the losses themselves move stays among
//! the colluders: the fund has no capital here, see `attack_17_price_paths` for one that has.

use perp_interface::fund::{Layer, Tranche};
use perp_interface::market::ListMarket;
use perp_interface::params::{FundParams, MarketParams};
use perp_interface::{Policy, Quote, Side};
use perp_testkit::chain::Order;
use perp_testkit::receipts::of_kind;
use perp_testkit::Chain;

use crate::situation::{
    capital, market, party, place_for, refused, rest, steps_of, update_market, Party, ENTRY, USDC,
};

/// Least notional, taker fee, maker fee: a bounty at the limit follows from them.
#[derive(Clone, Copy, Debug)]
struct Terms {
    min_lots: u64,
    taker_bps: u32,
    maker_bps: u32,
}

const TERMS: [Terms; 5] = [
    terms(1, 5, 2),
    terms(1, 1, 1),
    terms(10, 100, 100),
    terms(3, 0, 100),
    terms(100, 2, 5),
];

const fn terms(min_lots: u64, taker_bps: u32, maker_bps: u32) -> Terms {
    Terms {
        min_lots,
        taker_bps,
        maker_bps,
    }
}

impl Terms {
    fn bounty(self) -> i128 {
        let notional = i128::from(self.min_lots * ENTRY);
        notional * i128::from(self.taker_bps.min(self.maker_bps)) / 10_000
    }

    fn market(self) -> MarketParams {
        MarketParams {
            min_notional: Quote(i128::from(self.min_lots * ENTRY)),
            taker_fee_bps: self.taker_bps,
            maker_fee_bps: self.maker_bps,
            bounty_per_fill: Quote(self.bounty()),
            ..MarketParams::default()
        }
    }
}

/// How the losses are made.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// One loss against this many counterparties of least notional, by the queue.
    ManyCounterparties(u64),
    /// The same, each closing its lot by lot on the book, with the fund's money.
    LotByLot(u64),
    /// This many losses of least notional, one counterparty each.
    ManyLosses(u64),
}

/// What a way brings and costs.
#[derive(Debug, Default)]
struct Farmed {
    fills: i128,
    bounties: i128,
    fees: i128,
}

fn farm(terms: Terms, way: Way, breadth: u32, step_limit: u32) -> Farmed {
    let mut queue = steps_of(step_limit);
    queue.default_policy = Policy::of_breadth(breadth);
    // Nothing but the terms of the market limits a bounty.
    let fund = FundParams {
        bounty_per_loss_cap: Quote(1 << 60),
        ..FundParams::default()
    };
    let checked = Chain::builder().check_every(25).fund(fund).queue(queue);
    let mut chain = checked.build();
    chain.list(1, ENTRY, terms.market()).expect("lists");
    chain
        .contribute_to(Tranche::Shared, Layer::Bounties, 1_000_000 * USDC)
        .expect("contributes");
    if let Way::LotByLot(_) = way {
        chain.contribute(1_000_000 * USDC).expect("contributes");
    }
    let (losers, each) = match way {
        Way::ManyCounterparties(n) | Way::LotByLot(n) => (1, n),
        Way::ManyLosses(n) => (n, 1),
    };
    let mut counterparties = Vec::new();
    let losers: Vec<_> = (0..losers)
        .map(|i| open(&mut chain, terms, (i, each), &mut counterparties))
        .collect();
    let fees = market(&chain, 1).fees.0;
    let price = ENTRY * 8 / 10;
    chain.set_price(1, price).expect("gaps");
    if let Way::LotByLot(_) = way {
        plant(&mut chain, &counterparties, terms, price - price / 200);
    }
    work_off(&mut chain, &losers, terms, fees)
}

/// A loser, and its counterparties, each of least notional.
fn open(
    chain: &mut Chain,
    terms: Terms,
    (number, each): (u64, u64),
    counterparties: &mut Vec<Party>,
) -> Party {
    let lots = u128::from(terms.min_lots);
    // Margin of a tenth, and fees.
    let loser = party(
        chain,
        &format!("loser {number}"),
        2 * lots * u128::from(each) + 2,
    );
    for i in 0..each {
        let other = party(chain, &format!("other {number} {i}"), 20 * lots);
        rest(
            chain,
            &other,
            Order::limit(1, Side::Short, terms.min_lots, ENTRY),
        );
        chain
            .place(
                &loser.user,
                Order::ioc(1, Side::Long, terms.min_lots, ENTRY),
            )
            .expect("takes");
        counterparties.push(other);
    }
    // All but the margin leaves again.
    let free = chain.health(loser.id).expect("answers").withdrawable.0;
    chain.withdraw(&loser.user, free).expect("withdraws");
    loser
}

/// Bids for one lot each at the edge of the band that the fund pays for.
fn plant(chain: &mut Chain, counterparties: &[Party], terms: Terms, price: u64) {
    for other in counterparties {
        for _ in 0..terms.min_lots.min(4) {
            let bid = Order::limit(1, Side::Long, 1, price).reduce_only();
            place_for(chain, (&other.user, 0), bid).expect("rests");
        }
    }
}

fn work_off(chain: &mut Chain, losers: &[Party], terms: Terms, fees: i128) -> Farmed {
    let mut farmed = Farmed {
        fees,
        ..Farmed::default()
    };
    for loser in losers {
        let position = chain.account(&loser.user).expect("is there").positions[0].clone();
        let mark = i128::from(ENTRY * 8 / 10) * i128::from(position.lots.0);
        let least = i128::from(terms.taker_bps.min(terms.maker_bps));
        let allowance = position.cost.0.min(mark) * least / 10_000;
        let before = capital(chain).bounties_paid.0;
        let keeper = chain.user("keeper");
        let mut events = chain.liquidate(&keeper, loser.id).expect("liquidates");
        events.extend(chain.finish_jobs(5_000).expect("ends").1);
        let bounties = capital(chain).bounties_paid.0 - before;
        let fills = of_kind(&events, "adl_fill").len() + of_kind(&events, "loss_book_fill").len();
        assert!(
            bounties <= allowance,
            "{bounties} of {allowance}: {terms:?}"
        );
        assert!(
            bounties * losers.len() as i128 <= fees || fees == 0,
            "{bounties} of {fees}: {terms:?}"
        );
        assert_eq!(bounties, allowance.min(terms.bounty() * fills as i128));
        farmed.fills += fills as i128;
        farmed.bounties += bounties;
    }
    farmed
}

#[test]
fn at_the_limit_of_the_parameters_bounties_are_less_than_fees() {
    let ways = [
        Way::ManyCounterparties(1),
        Way::ManyCounterparties(30),
        Way::LotByLot(12),
        Way::ManyLosses(20),
    ];
    let (mut runs, mut earned) = (0, 0);
    for terms in TERMS {
        for way in ways {
            for (breadth, step_limit) in [(1, 500), (10_000, 500), (1, 1), (10_000, 1)] {
                let farmed = farm(terms, way, breadth, step_limit);
                let Farmed {
                    fills,
                    bounties,
                    fees,
                } = farmed;
                assert!(bounties < fees, "{farmed:?}: {terms:?}, {way:?}, {breadth}");
                assert!(fills > 0, "{terms:?}, {way:?}");
                runs += 1;
                earned += u32::from(bounties > 0);
            }
        }
    }
    assert_eq!(
        (runs, earned),
        (80, 64),
        "all but those that pay no taker fee"
    );
}

#[test]
fn just_above_the_limit_the_parameters_are_refused() {
    let mut chain = Chain::builder().check_every(1).build();
    chain.list(1, ENTRY, TERMS[0].market()).expect("lists");
    chain.set_price(2, ENTRY).expect("prices");
    let governance = chain.governance.clone();
    for terms in TERMS {
        let at = terms.market();
        let above = MarketParams {
            bounty_per_fill: Quote(terms.bounty() + 1),
            ..at.clone()
        };
        update_market(&mut chain, 1, at.clone()).expect("is within bounds");
        refused(update_market(&mut chain, 1, above.clone()), "param_bounty");
        let list = perp_interface::market::ExecuteMsg::ListMarket(ListMarket {
            market: 2,
            symbol: "M2".to_owned(),
            params: above,
        });
        refused(chain.market(&governance, list), "param_bounty");
        let cheaper = MarketParams {
            min_notional: Quote(at.min_notional.0 - 1),
            ..at
        };
        if terms.bounty() > 0 {
            refused(update_market(&mut chain, 1, cheaper), "param_bounty");
        }
    }
}
