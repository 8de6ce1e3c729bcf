//! An embedded chain that a keeper reads from and sends to, with the ways a network fails.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::io::Write;
use std::rc::Rc;

use cosmwasm_std::Addr;
use perp_testkit::Chain;
use perps_chain::keeper::executor::{Announce, Executor};
use perps_chain::keeper::fate::{reason, Fate, Included, Reason, Ticket};
use perps_chain::keeper::plan::Config;
use perps_chain::keeper::read::{Bounds, Reader};
use perps_chain::keeper::run::{Keeper, Round};
use perps_chain::keeper::work::{Contracts, Key, Kind, Work};
use perps_chain::stop::{self, Stop, Stopper};
use perps_cli::verify::{Block, Querier, QueryError};

/// What becomes of a transaction on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It is included, and the node says so.
    Open,
    /// It is included, but the node falls silent before it says so.
    Silent,
    /// It is included later, when it is looked for the second time.
    Late,
    /// It is never included.
    Lost,
    /// The node is gone before it is sent.
    Gone,
    /// Somebody else does the same work just before.
    Beaten,
    /// More gas than there is.
    OutOfGas,
}

/// A transaction on its way.
struct Parcel {
    work: Work,
    way: Way,
    looks: u32,
    fate: Option<Fate>,
}

/// The chain and the network.
pub struct World {
    pub chain: Chain,
    pub me: Addr,
    /// What becomes of the next transactions; open after that.
    pub ways: VecDeque<Way>,
    /// Everything that was handed over.
    pub sent: Vec<Work>,
    /// Whether the node answers.
    pub is_down: bool,
    /// Whether the queue refuses all questions.
    pub is_queue_down: bool,
    /// Stopped when something is sent.
    pub stopper: Option<Stopper>,
    parcels: BTreeMap<String, Parcel>,
}

/// A handle of it; the keeper has two more.
#[derive(Clone)]
pub struct Net(pub Rc<RefCell<World>>);

impl World {
    fn contracts(&self) -> Contracts {
        let all = &self.chain.addresses;
        Contracts {
            market: all.market.to_string(),
            fund: all.fund.to_string(),
            queue: all.queue.to_string(),
            feed: all.feed.to_string(),
        }
    }

    /// Executes a work in a block of its own.
    fn include(&mut self, sender: &Addr, work: &Work) -> Fate {
        self.chain.advance(1, 1);
        let to = Addr::unchecked(self.contracts().of(work.contract()));
        let message = work.message().expect("JSON");
        let included = Included {
            height: self.chain.app.block_info().height,
            gas_used: 1_000,
        };
        match self.chain.send(sender, &to, &message, &[]) {
            Ok(_) => Fate::Done(included),
            Err(error) => Fate::Failed {
                reason: reason("wasm", 5, &error.to_string()),
                what: error.to_string(),
                included: Some(included),
            },
        }
    }

    fn assert_nothing_under_way(&self, key: Key) {
        let open = self.parcels.values().next().map(|p| p.work.key());
        assert!(open.is_none(), "{key} is sent while {open:?} is under way");
    }
}

impl Querier for Net {
    fn smart(&self, contract: &str, msg: &[u8]) -> Result<Vec<u8>, QueryError> {
        let world = self.0.borrow();
        if world.is_down {
            return Err(QueryError("node_unreachable: a test".to_owned()));
        }
        if world.is_queue_down && contract == world.chain.addresses.queue.as_str() {
            return Err(QueryError("query_failed: a test".to_owned()));
        }
        world.chain.smart(contract, msg)
    }

    fn block(&self) -> Result<Block, QueryError> {
        let world = self.0.borrow();
        if world.is_down {
            return Err(QueryError("node_unreachable: a test".to_owned()));
        }
        world.chain.block()
    }
}

impl Executor for Net {
    fn send(&mut self, work: &Work, announce: Announce<'_>) -> Fate {
        let world = &mut *self.0.borrow_mut();
        world.assert_nothing_under_way(work.key());
        let ticket = Ticket {
            hash: Some(format!("{}", world.sent.len() + 1)),
            until: Some(1),
        };
        if announce(&ticket).is_err() {
            return Fate::Unknown(ticket, "it was not announced".to_owned());
        }
        world.sent.push(work.clone());
        if let Some(stopper) = &world.stopper {
            stopper.stop();
        }
        let (way, me) = (
            world.ways.pop_front().unwrap_or(Way::Open),
            world.me.clone(),
        );
        let failed = |reason| Fate::Failed {
            reason,
            what: "a test".to_owned(),
            included: None,
        };
        let fate = match way {
            Way::Open => return world.include(&me, work),
            Way::Gone => return failed(Reason::Unreachable),
            Way::OutOfGas => return failed(Reason::OutOfGas),
            Way::Beaten => {
                let other = world.chain.user("somebody faster");
                let first = world.include(&other, work);
                assert!(matches!(first, Fate::Done(_)), "{first:?}");
                return world.include(&me, work);
            }
            Way::Silent => Some(world.include(&me, work)),
            Way::Late | Way::Lost => None,
        };
        let hash = format!("{}", world.sent.len());
        let parcel = Parcel {
            work: work.clone(),
            way,
            looks: 0,
            fate,
        };
        world.parcels.insert(hash, parcel);
        Fate::Unknown(ticket, "the node is silent".to_owned())
    }

    fn look(&mut self, ticket: &Ticket) -> Fate {
        let world = &mut *self.0.borrow_mut();
        world.chain.advance(1, 1);
        let hash = ticket.hash.clone().expect("every parcel has one");
        let mut parcel = world.parcels.remove(&hash).expect("it was sent");
        parcel.looks += 1;
        if parcel.looks < 3 {
            world.parcels.insert(hash, parcel);
            return Fate::Unknown(ticket.clone(), "still silent".to_owned());
        }
        match (parcel.way, parcel.fate) {
            (_, Some(fate)) => fate,
            (Way::Late, None) => {
                let me = world.me.clone();
                world.include(&me, &parcel.work)
            }
            (_, None) => Fate::Expired,
        }
    }

    fn balance(&self) -> Option<u128> {
        Some(77)
    }
}

impl Net {
    /// A network over a chain, for a keeper that sends from `me`.
    pub fn new(chain: Chain, me: &Addr) -> Self {
        Self(Rc::new(RefCell::new(World {
            chain,
            me: me.clone(),
            ways: VecDeque::new(),
            sent: Vec::new(),
            is_down: false,
            is_queue_down: false,
            stopper: None,
            parcels: BTreeMap::new(),
        })))
    }

    /// A reader of this chain.
    pub fn reader(&self) -> Reader {
        self.reader_of(Bounds::default().near)
    }

    fn reader_of(&self, near: usize) -> Reader {
        let world = self.0.borrow();
        let bounds = Bounds {
            page: 2,
            slow_blocks: 1,
            near,
            ..Bounds::default()
        };
        Reader::new(world.contracts(), bounds, Some(world.me.to_string()))
    }

    /// A keeper on this network.
    pub fn keeper(&self, config: Config) -> Keeper<Self, Self> {
        Keeper::new((self.clone(), self.clone()), self.reader(), config)
    }

    /// A keeper that reads no more than so many accounts again at one look.
    pub fn narrow(&self, near: usize) -> Keeper<Self, Self> {
        let both = (self.clone(), self.clone());
        Keeper::new(both, self.reader_of(near), Config::default())
    }

    /// Works of a kind that were sent.
    pub fn sent(&self, kind: Kind) -> usize {
        let world = self.0.borrow();
        world.sent.iter().filter(|work| work.kind() == kind).count()
    }

    /// Everything that was sent, by kind.
    pub fn kinds(&self) -> Vec<Kind> {
        self.0.borrow().sent.iter().map(Work::kind).collect()
    }

    /// The next transactions go these ways.
    pub fn ways(&self, ways: &[Way]) {
        self.0.borrow_mut().ways.extend(ways);
    }

    /// Looks at, or moves, the chain.
    pub fn with<T>(&self, look: impl FnOnce(&mut Chain) -> T) -> T {
        look(&mut self.0.borrow_mut().chain)
    }
}

/// Rounds of a keeper, a block apart, until one sends nothing and nothing is under way.
pub fn rounds(keeper: &mut Keeper<Net, Net>, most: usize) -> Vec<Round> {
    let (_stopper, stop) = stop::channel();
    let mut all = Vec::new();
    for _ in 0..most {
        let round = keeper.round(&stop).expect("reads");
        all.push(round);
        keeper.querier.with(|chain| chain.advance(1, 1));
        if round.sent == 0 && keeper.memory().in_flight().is_empty() {
            break;
        }
    }
    all
}

/// A number of rounds, a block apart, whatever they send.
pub fn exactly(keeper: &mut Keeper<Net, Net>, rounds: usize) {
    let stop = never();
    for _ in 0..rounds {
        keeper.round(&stop).expect("reads");
        keeper.querier.with(|chain| chain.advance(1, 1));
    }
}

/// Never stops.
pub fn never() -> Stop {
    stop::channel().1
}

/// Lines that a keeper writes.
#[derive(Clone, Default)]
pub struct Lines(Rc<RefCell<Vec<u8>>>);

impl Lines {
    pub fn text(&self) -> String {
        String::from_utf8(self.0.borrow().clone()).expect("text")
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
