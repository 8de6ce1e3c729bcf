//! Walks one path and measures what the pair has of it.

use cosmwasm_std::Event;
use perp_interface::fund::{LossQuery, LossRecord, QueryMsg as FundQuery};
use perp_interface::{LossId, Side};
use perp_testkit::chain::Order;
use perp_testkit::receipts::of_kind;

use super::generator::{Book, Path, Shape, Tactic};
use super::pair::{LOTS, MARKET};
use super::world::World;
use crate::situation::{capital, loss, market, ENTRY};

/// Age of a price at which the pair may still open, in seconds.
const GREATEST_AGE: u64 = 60;

/// A loss of one leg, and how things stood when it was opened.
#[derive(Clone, Debug)]
pub struct Seen {
    /// What the fund says of it; nothing if the book closed it whole.
    pub record: Option<LossRecord>,
    /// Its need when it was opened.
    pub need: i128,
    /// Lots of it.
    pub lots: u64,
    /// Lots that the other leg held on the other side.
    pub against: u64,
    /// Both legs were still whole.
    pub was_whole: bool,
    /// How far the price went in the last step, per lot.
    pub last_move: i128,
}

/// What a path came to, in quote units. What prices did to net lots is left out of both profits.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Profit of the pair: legs, wallets, keeper, bounties.
    pub joint: i128,
    /// Profit of everybody else in the market.
    pub honest: i128,
    /// What the market's fees grew by.
    pub fees: i128,
    /// Trading and liquidation fees that the legs paid.
    pub paid_fees: i128,
    /// Of those, what the keeper had back.
    pub liquidator_fees: i128,
    /// Bounties booked.
    pub bounties: i128,
    /// What the fund paid, less what came back.
    pub fund: i128,
    /// What the queue charged and cut from others than the legs.
    pub others: i128,
    /// Recorded bad debt.
    pub bad_debt: i128,
    /// Fills of the queue on each leg.
    pub adl_on: [u32; 2],
    /// Sales of a leg above zero.
    pub sold_down: u32,
    /// The losses.
    pub losses: Vec<Seen>,
    /// What the caps of the fund allow for that many.
    pub caps: i128,
}

impl Outcome {
    /// What honest traders lost other than by the queue: to the pair, or in fees.
    pub const fn picked(&self) -> i128 {
        -self.honest - self.others
    }
}

/// Walks a path.
pub fn run(path: Path, check_every: u64) -> Outcome {
    let mut world = World::before(path, check_every);
    let mut walk = Walk::start(&mut world);
    if path.shape == Shape::Lag {
        walk.world.chain.advance(GREATEST_AGE, 10);
    }
    walk.pair_opens();
    let steps = path.shape.steps();
    for (i, step) in steps.iter().enumerate() {
        walk.move_to(*step);
        if path.tactic != Tactic::SelfLate || i + 1 == steps.len() {
            walk.liquidate();
        }
    }
    // A thin book takes a part each time.
    for _ in 0..3 {
        walk.liquidate();
    }
    walk.end()
}

/// A path that is being walked.
struct Walk<'a> {
    world: &'a mut World,
    start: Sums,
    out: Outcome,
    last_move: i128,
}

/// What is measured before and after.
struct Sums {
    joint: i128,
    honest: i128,
    fees: i128,
    bad_debt: i128,
    fund: i128,
    bounties: i128,
}

impl Sums {
    fn of(world: &World) -> Self {
        let (listed, fund) = (market(&world.chain, MARKET), capital(&world.chain));
        Self {
            joint: world.pair.wealth(&world.chain),
            honest: world.honest_equity(),
            fees: listed.fees.0,
            bad_debt: listed.bad_debt.0,
            fund: fund.paid.0 - fund.returned.0,
            bounties: fund.bounties_paid.0,
        }
    }
}

impl<'a> Walk<'a> {
    fn start(world: &'a mut World) -> Self {
        let start = Sums::of(world);
        Self {
            world,
            start,
            out: Outcome::default(),
            last_move: 0,
        }
    }

    fn pair_opens(&mut self) {
        let before = market(&self.world.chain, MARKET).fees.0;
        self.world.open();
        self.out.paid_fees += market(&self.world.chain, MARKET).fees.0 - before;
    }

    /// The next price: what it does to net lots is nobody's doing.
    fn move_to(&mut self, bps: i64) {
        let world = &mut *self.world;
        let path = world.path;
        if path.shape == Shape::Lag {
            // The losing leg knows of the gap: it keeps only what it must.
            world.pair.legs[0].withdraw_all(&mut world.chain);
        }
        let bps = if path.mirrored { -bps } else { bps };
        let price = (ENTRY as i64 + ENTRY as i64 * bps / 10_000) as u64;
        self.last_move = i128::from(price) - i128::from(world.price);
        let drift = world.pair.net_lots(&world.chain) * self.last_move;
        self.out.joint -= drift;
        self.out.honest += drift;
        world.price = price;
        world.chain.advance(6, 1);
        world.chain.set_price(MARKET, price).expect("prices");
        if path.book != Book::Late {
            world.quote();
        }
        if path.shape == Shape::Lag {
            // The new price ages too, as far as withdrawing allows.
            world.chain.advance(GREATEST_AGE, 10);
        }
    }

    fn liquidate(&mut self) {
        for leg in 0..2 {
            let chain = &self.world.chain;
            let id = self.world.pair.legs[leg].id;
            if !chain.health(id).expect("answers").liquidatable {
                continue;
            }
            self.before(leg);
            let chain = &self.world.chain;
            if !chain.health(id).expect("answers").liquidatable {
                continue;
            }
            self.liquidate_leg(leg);
            self.after(leg);
        }
    }

    /// What the winning leg does first.
    fn before(&mut self, leg: usize) {
        let world = &mut *self.world;
        let winner = world.pair.other(leg).clone();
        match world.path.tactic {
            Tactic::PlantedBid => {
                let lots = world.pair.legs[leg].lots(&world.chain);
                let band = world.price / 200;
                let (side, price) = if lots > 0 {
                    (Side::Long, world.price - band)
                } else {
                    (Side::Short, world.price + band)
                };
                let order = Order::limit(MARKET, side, lots.unsigned_abs() as u64, price);
                // Refused where the winner could not bear it.
                let events = winner.place(&mut world.chain, order);
                self.note(&events.unwrap_or_default());
            }
            Tactic::ClosesBefore => winner.close(&mut world.chain),
            Tactic::Withdraws => winner.withdraw_all(&mut world.chain),
            _ => {}
        }
    }

    fn liquidate_leg(&mut self, leg: usize) {
        let world = &mut *self.world;
        let (this, winner) = (world.pair.legs[leg].clone(), world.pair.other(leg).clone());
        let held = [&this, &winner].map(|leg| leg.lots(&world.chain));
        let sender = match world.path.tactic {
            Tactic::SelfLate => winner.user.clone(),
            _ => world.pair.keeper.clone(),
        };
        let mut events = world
            .chain
            .liquidate(&sender, this.id)
            .expect("is liquidated");
        while let Some((_, more)) = world.pair.step(&mut world.chain) {
            events.extend(more);
            if world.path.tactic == Tactic::Withdraws {
                winner.withdraw_all(&mut world.chain);
                winner.close(&mut world.chain);
            }
        }
        self.note(&events);
        for opened in of_kind(&events, "loss_opened") {
            let opened = Opened {
                loss_id: opened.number("loss_id") as LossId,
                held,
            };
            self.note_loss(opened);
        }
    }

    fn note_loss(&mut self, opened: Opened) {
        let chain = &self.world.chain;
        let closed = loss(chain, opened.loss_id);
        assert!(closed.closed, "{:?}", self.world.path);
        let query = FundQuery::Loss(LossQuery {
            loss_id: opened.loss_id,
        });
        let record = chain.query(&chain.addresses.fund, &query).ok();
        let [lots, other] = opened.held;
        let against = if lots * other < 0 {
            other.unsigned_abs()
        } else {
            0
        };
        self.out.losses.push(Seen {
            record,
            need: closed.need.0,
            lots: closed.lots.0,
            against: against as u64,
            was_whole: lots == -other && lots.unsigned_abs() == u128::from(LOTS),
            last_move: self.last_move.abs(),
        });
    }

    /// Books what events say of fees and charges.
    fn note(&mut self, events: &[Event]) {
        let pair = &self.world.pair;
        for sale in of_kind(events, "liquidation") {
            self.out.sold_down += 1;
            self.out.paid_fees += sale.number("fee");
            self.out.liquidator_fees += sale.number("liquidator_fee");
        }
        for (kind, amount) in [("adl_fill", "charge"), ("adl_haircut", "amount")] {
            for record in of_kind(events, kind) {
                let account = record.number("account") as u64;
                if !pair.owns(account) {
                    self.out.others += record.number(amount);
                } else if kind == "adl_fill" {
                    self.out.adl_on[usize::from(account == pair.legs[1].id)] += 1;
                }
            }
        }
    }

    /// What the winning leg does afterwards.
    fn after(&mut self, leg: usize) {
        let world = &mut *self.world;
        let winner = world.pair.other(leg).clone();
        match world.path.tactic {
            Tactic::PlantedBid => winner.cancel_all(&mut world.chain),
            Tactic::ClosesAfter => winner.close(&mut world.chain),
            Tactic::Withdraws => winner.withdraw_all(&mut world.chain),
            _ => {}
        }
    }

    fn end(mut self) -> Outcome {
        let end = Sums::of(self.world);
        let start = &self.start;
        for leg in &self.world.pair.legs {
            assert!(leg.equity(&self.world.chain) >= 0, "nothing is left behind");
        }
        self.out.joint += end.joint - start.joint;
        self.out.honest += end.honest - start.honest;
        self.out.fees = end.fees - start.fees;
        self.out.bad_debt = end.bad_debt - start.bad_debt;
        self.out.fund = end.fund - start.fund;
        self.out.bounties = end.bounties - start.bounties;
        self.out.caps = self.world.most(self.out.losses.len());
        self.out
    }
}

/// A loss just after it was opened.
struct Opened {
    loss_id: LossId,
    /// Lots of the bankrupt leg and of the other before that.
    held: [i128; 2],
}
