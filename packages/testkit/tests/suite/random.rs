//! Randomised books: who cannot bear a trade does not take part, so every one of them is reachable.

use perp_interface::params::{FundParams, MarketParams, QueueParams};
use perp_interface::{Lots, MarketId, PerLot, Policy, Quote, ScoreKind, Side};
use perp_testkit::chain::Order;
use perp_testkit::{Chain, ChainBuilder};
use proptest::prelude::*;

use crate::situation::{free_market, party, Party, ENTRY, USDC};

/// A trade that is attempted: who cannot bear it does not take part.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    pub market: MarketId,
    pub buyer: usize,
    pub seller: usize,
    pub lots: u64,
    pub price: u64,
}

/// A resting order of somebody rich, after the crash.
#[derive(Clone, Copy, Debug)]
pub struct Depth {
    pub market: MarketId,
    pub side: Side,
    pub lots: u64,
    pub offset_bps: u64,
}

/// A randomised situation.
#[derive(Clone, Debug)]
pub struct Situation {
    pub policy: Policy,
    /// Whether all markets are of one hedge group.
    pub hedges: bool,
    pub funding: Vec<i128>,
    pub deposits: Vec<u128>,
    pub before: Vec<Attempt>,
    pub middle: Vec<u64>,
    pub between: Vec<Attempt>,
    pub bottom: Vec<u64>,
    pub depth: Vec<Depth>,
    pub aftershock: Vec<u64>,
    pub fund: u128,
    pub cap: i128,
}

/// Every kind of selection policy; the default ranking most of the time.
pub fn policy() -> impl Strategy<Value = Policy> {
    let kinds = vec![
        ScoreKind::ProfitLeverage,
        ScoreKind::ProfitLeverage,
        ScoreKind::Leverage,
        ScoreKind::Profit,
    ];
    (
        prop::sample::select(kinds),
        prop::sample::select(vec![1u32, 3, 100]),
        prop::bool::weighted(0.7),
        prop::sample::select(vec![1u64, 1, 4]),
    )
        .prop_map(|(score, breadth, protect_principal, min_fill)| Policy {
            score,
            breadth,
            protect_principal,
            min_fill: Lots(min_fill),
        })
}

/// Trades between random accounts.
pub fn attempts(
    markets: MarketId,
    accounts: usize,
    most: usize,
) -> impl Strategy<Value = Vec<Attempt>> {
    // Few sizes and prices, so that ties are common.
    let one = (
        1..=markets,
        0..accounts,
        0..accounts,
        prop::sample::select(vec![1u64, 5, 10, 10, 20, 37]),
        prop::sample::select(vec![9_500_000u64, ENTRY, ENTRY, ENTRY, 10_300_001]),
    );
    let one = one.prop_map(|(market, buyer, seller, lots, price)| Attempt {
        market,
        buyer,
        seller,
        lots,
        price,
    });
    prop::collection::vec(one, most / 2..=most)
}

/// Orders around the bottom.
pub fn depth(markets: MarketId) -> impl Strategy<Value = Vec<Depth>> {
    let one = (1..=markets, any::<bool>(), 1u64..15, 0u64..120);
    let one = one.prop_map(|(market, is_long, lots, offset_bps)| Depth {
        market,
        side: if is_long { Side::Long } else { Side::Short },
        lots,
        offset_bps,
    });
    prop::collection::vec(one, 0..4)
}

/// A whole course of events in so many markets.
pub fn situation(markets: MarketId) -> impl Strategy<Value = Situation> {
    dense(markets, 16)
}

/// As [`situation`], but an account trades in few of the markets, so that one bankruptcy does not
/// gate all of them.
pub fn scattered(markets: MarketId) -> impl Strategy<Value = Situation> {
    dense(markets, 8).prop_map(|mut s| {
        let accounts = s.deposits.len();
        for a in s.before.iter_mut().chain(&mut s.between) {
            let first = usize::from(a.market);
            a.buyer = (first + a.buyer % 4) % accounts;
            a.seller = (first + a.seller % 4) % accounts;
        }
        s
    })
}

fn dense(markets: MarketId, trades: usize) -> impl Strategy<Value = Situation> {
    let n = usize::from(markets);
    let accounts = 8;
    let prices = move |low: u64, high: u64| prop::collection::vec(low..=high, n);
    let rates = prop::sample::select(vec![0i128, 0, 1 << 34, -(1 << 36)]);
    let deposits = prop::sample::select(vec![14u128, 14, 25, 25, 40, 60, 150]);
    let setting = (
        (policy(), any::<bool>()),
        prop::collection::vec(rates, n),
        prop::collection::vec(deposits, accounts),
        prop::sample::select(vec![0u128, 0, 0, 5 * USDC, 25 * USDC, 1_000 * USDC]),
        prop::sample::select(vec![1i128 << 60, 7_000_001]),
    );
    let course = (
        attempts(markets, accounts, trades * n),
        prices(9_000_000, 11_000_000),
        attempts(markets, accounts, 4 * n),
        prices(5_500_000, 15_500_000),
        depth(markets),
        prices(4_000_000, 19_000_000),
    );
    (setting, course).prop_map(|(setting, course)| {
        let ((policy, hedges), funding, deposits, fund, cap) = setting;
        let (before, middle, between, bottom, depth, aftershock) = course;
        Situation {
            policy,
            hedges,
            funding,
            deposits,
            before,
            middle,
            between,
            bottom,
            depth,
            aftershock,
            fund,
            cap,
        }
    })
}

/// A chain in the course of a [`Situation`].
pub struct Run {
    pub chain: Chain,
    pub parties: Vec<Party>,
}

impl Run {
    /// Markets, fund and accounts.
    pub fn build(s: &Situation, step_limit: u32, builder: ChainBuilder) -> Self {
        let mut chain = builder
            .queue(QueueParams {
                step_limit,
                default_policy: s.policy,
            })
            .fund(FundParams {
                per_loss_cap: Quote(s.cap),
                ..FundParams::default()
            })
            .build();
        for (i, rate) in s.funding.iter().enumerate() {
            let params = MarketParams {
                funding_rate: PerLot(*rate),
                taker_fee_bps: 1,
                hedge_group: u16::from(s.hedges),
                ..free_market()
            };
            chain.list(i as MarketId + 1, ENTRY, params).expect("lists");
        }
        if s.fund > 0 {
            chain.contribute(s.fund).expect("contributes");
        }
        let mut parties: Vec<_> = s
            .deposits
            .iter()
            .enumerate()
            .map(|(i, deposit)| party(&mut chain, &format!("party {i}"), deposit * USDC))
            .collect();
        parties.push(party(&mut chain, "rich", 1_000_000 * USDC));
        Self { chain, parties }
    }

    /// Tries the trades.
    pub fn attempt(&mut self, attempts: &[Attempt]) {
        for a in attempts {
            if a.buyer == a.seller {
                continue;
            }
            let (buyer, seller) = (&self.parties[a.buyer].user, &self.parties[a.seller].user);
            let ask = Order::limit(a.market, Side::Short, a.lots, a.price);
            if self.chain.place(seller, ask).is_ok() {
                let bid = Order::ioc(a.market, Side::Long, a.lots, a.price);
                let _ = self.chain.place(buyer, bid);
            }
        }
    }

    /// A new price in every market, a little later.
    pub fn set_prices(&mut self, prices: &[u64]) {
        self.chain.advance(50, 5);
        for (i, price) in prices.iter().enumerate() {
            self.chain
                .set_price(i as MarketId + 1, *price)
                .expect("prices");
        }
    }

    /// Puts the depth on the books.
    pub fn add_depth(&mut self, s: &Situation) {
        let rich = self.parties.last().expect("rich").user.clone();
        for d in &s.depth {
            let mark = s.bottom[usize::from(d.market) - 1];
            let offset = mark * d.offset_bps / 10_000;
            let price = match d.side {
                Side::Long => mark - offset,
                Side::Short => mark + offset,
            };
            // It would take what rests from before the crash: that is no depth.
            let _ = self
                .chain
                .place(&rich, Order::limit(d.market, d.side, d.lots, price));
        }
    }
}
