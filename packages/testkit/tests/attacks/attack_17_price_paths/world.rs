//! The chain that a path starts from: honest makers and traders, the fund, and the pair.

use perp_interface::fund::{Layer, RegisterMarket, Tranche};
use perp_interface::market::{CollectFees, ExecuteMsg};
use perp_interface::params::{FundParams, MarketParams, PaidInCap};
use perp_interface::{Quote, Side};
use perp_testkit::chain::Order;
use perp_testkit::Chain;

use super::generator::{Book, Fund, Legs, Path, Queue};
use super::pair::{Leg, Pair, LOTS, MARKET};
use crate::situation::{cross, orders, party, rest, steps_of, Party, ENTRY, USDC};

/// Deposit of a leg at the highest leverage: the initial margin of 100 USDC and its fees.
pub const TIGHT: u128 = 105 * USDC;

/// Deposit of a safe second leg.
const SAFE: u128 = 5_000 * USDC;

/// Caps of [`Fund::SmallCaps`], in quote units: per loss, block, window, and market window.
pub const SMALL: [i128; 4] = [7_000_000, 9_000_000, 12_000_000, 11_000_000];

/// Capital of [`Fund::Tripped`] before it stops: it pays one part in a hundred.
const TO_TRIP: u128 = 100 * USDC;

/// Another market, in which the fund is brought to its stop.
const ELSEWHERE: u16 = 2;

/// How far from the price a maker quotes, in basis points: more than any fee, inside both bands.
const EDGE_BPS: u64 = 20;

/// Everybody.
#[derive(Debug)]
pub struct World {
    /// The chain.
    pub chain: Chain,
    /// Who cheats.
    pub pair: Pair,
    /// Who does not: the maker first.
    pub honest: Vec<Party>,
    /// The path.
    pub path: Path,
    /// Price of the market.
    pub price: u64,
}

/// Parameters of the fund of a path.
pub fn params(fund: Fund) -> FundParams {
    let caps = FundParams::default();
    match fund {
        Fund::SmallCaps => FundParams {
            per_loss_cap: Quote(SMALL[0]),
            per_block_cap: Quote(SMALL[1]),
            window_cap: Quote(SMALL[2]),
            market_window_cap: Quote(SMALL[3]),
            ..caps
        },
        Fund::Tripped => FundParams {
            trip_bps: 100,
            resume_bps: 0,
            ..caps
        },
        _ => caps,
    }
}

impl World {
    /// Everything up to the moment at which the pair has its money in its accounts.
    pub fn before(path: Path, check_every: u64) -> Self {
        let steps = if path.queue == Queue::CrowdStepwise {
            1
        } else {
            500
        };
        let mut chain = Chain::builder()
            .check_every(check_every)
            .fund(params(path.fund))
            .queue(steps_of(steps))
            .build();
        let market = MarketParams::default();
        assert!(market.bounty_per_fill.0 > 0 && market.least_fee_bps() > 0);
        chain.list(MARKET, ENTRY, market).expect("lists");
        let mut honest = vec![party(&mut chain, "maker", 1_000_000)];
        if path.queue != Queue::Alone {
            let (a, b) = (
                party(&mut chain, "slow long", 5_000),
                party(&mut chain, "slow short", 5_000),
            );
            cross(&mut chain, MARKET, (&a, &b), 3 * LOTS, ENTRY);
            honest.extend([a, b]);
        }
        fill_fund(&mut chain, path.fund, &honest[0]);
        let pair = pair(&mut chain, path);
        Self {
            chain,
            pair,
            honest,
            path,
            price: ENTRY,
        }
    }

    /// The legs trade with each other; then the maker quotes.
    pub fn open(&mut self) {
        let first = if self.path.mirrored {
            Side::Short
        } else {
            Side::Long
        };
        let [a, b] = self.pair.legs.clone();
        b.place(
            &mut self.chain,
            Order::limit(MARKET, first.opposite(), LOTS, self.price),
        )
        .expect("rests");
        a.place(&mut self.chain, Order::ioc(MARKET, first, LOTS, self.price))
            .expect("takes");
        assert_eq!(a.lots(&self.chain), first.sign() * i128::from(LOTS));
        self.quote();
    }

    /// The maker's quotes at the price of now.
    pub fn quote(&mut self) {
        let lots = match self.path.book {
            Book::Deep | Book::Late => 10 * LOTS,
            Book::Thin => LOTS / 10,
            Book::Empty => return,
        };
        let (chain, maker) = (&mut self.chain, &self.honest[0]);
        for order in orders(chain, maker) {
            chain.cancel(&maker.user, order.order_id).expect("cancels");
        }
        let edge = self.price * EDGE_BPS / 10_000;
        let bid = Order::limit(MARKET, Side::Long, lots, self.price - edge);
        let ask = Order::limit(MARKET, Side::Short, lots, self.price + edge);
        rest(chain, maker, bid);
        rest(chain, maker, ask);
    }

    /// Equity of all honest accounts.
    pub fn honest_equity(&self) -> i128 {
        let equity = |party: &Party| self.chain.health(party.id).expect("answers").equity.0;
        self.honest.iter().map(equity).sum()
    }

    /// What the caps allow at most for this many losses within one window, from parameters and books.
    pub fn most(&self, losses: usize) -> i128 {
        match self.path.fund {
            Fund::Empty | Fund::Tripped => 0,
            Fund::SmallCaps => {
                let [per_loss, _, window, market] = SMALL;
                (per_loss * losses as i128).min(window).min(market)
            }
            Fund::BigCaps => params(Fund::BigCaps).per_loss_cap.0 * losses as i128,
            Fund::PaidIn => {
                crate::situation::registration(&self.chain, MARKET)
                    .paid_in
                    .0
                    + BASE
            }
        }
    }
}

/// What [`Fund::PaidIn`] pays a market that has paid nothing.
const BASE: i128 = 500_000;

fn fill_fund(chain: &mut Chain, fund: Fund, maker: &Party) {
    let capital = match fund {
        Fund::Empty => 0,
        Fund::Tripped => TO_TRIP,
        _ => 10_000 * USDC,
    };
    if capital > 0 {
        chain.contribute(capital).expect("contributes");
    }
    chain
        .contribute_to(Tranche::Shared, Layer::Bounties, 100 * USDC)
        .expect("contributes");
    match fund {
        Fund::Tripped => trip(chain, maker),
        Fund::PaidIn => tie_to_fees(chain),
        _ => {}
    }
}

/// An honest loss elsewhere, for which the fund pays down to its line.
fn trip(chain: &mut Chain, maker: &Party) {
    chain
        .list(ELSEWHERE, ENTRY, MarketParams::default())
        .expect("lists");
    let victim = party(chain, "victim", TIGHT / USDC);
    cross(chain, ELSEWHERE, (&victim, maker), LOTS, ENTRY);
    chain.set_price(ELSEWHERE, ENTRY * 8 / 10).expect("prices");
    crate::situation::liquidate(chain, &victim).expect("liquidates");
    chain.finish_jobs(100).expect("ends");
    let headroom = crate::situation::headroom(chain, MARKET);
    assert!(headroom.tripped && headroom.capital.0 == 99 * USDC as i128);
}

fn tie_to_fees(chain: &mut Chain) {
    let cap = PaidInCap {
        base: Quote(BASE),
        bps: 10_000,
    };
    let terms = RegisterMarket {
        market: MARKET,
        isolated: false,
        window_cap: None,
        paid_in_cap: Some(cap),
    };
    chain.register(terms).expect("registers");
    let anybody = chain.user("anybody");
    // Nobody has traded yet where the pair is alone.
    let _ = chain.market(
        &anybody,
        ExecuteMsg::CollectFees(CollectFees { market: MARKET }),
    );
}

fn pair(chain: &mut Chain, path: Path) -> Pair {
    let second = match path.legs {
        Legs::Same => (("second", 0), TIGHT),
        Legs::SecondSafe => (("second", 0), SAFE),
        Legs::OneOwner => (("first", 1), TIGHT),
    };
    let legs = [(("first", 0), TIGHT), second].map(|(name, amount)| Leg::open(chain, name, amount));
    Pair {
        legs,
        keeper: chain.user("keeper of the pair"),
    }
}
