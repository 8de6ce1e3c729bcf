//! One sequence: the fund, the model of it, and what is checked after every action.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use cosmwasm_std::testing::MockApi;
use cosmwasm_std::{Addr, Coin};
use insurance_fund::state::{DRAWS, TRANCHES};
use perp_core::draw::Draws;
use perp_interface::fund::{Connect, ExecuteMsg, RegisterMarket};
use perp_interface::{MarketId, Quote, Shares};
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::chain::{Chain, Plan, Seen};
use crate::counts::Counts;
use crate::generator;
use crate::model::{Model, Refusal};
use crate::ratio::Ratio;

pub const STAKERS: usize = 4;

/// Markets 1 and 2 share, market 3 has a tranche of its own, market 4 is not registered.
pub const ISOLATED: MarketId = 3;
pub const MARKETS: [MarketId; 4] = [1, 2, ISOLATED, 4];

/// The shared tranche and the one of market 3.
pub const POTS: [u32; 2] = [0, ISOLATED as u32 + 1];

/// Who takes part.
pub struct Cast {
    pub authority: Addr,
    pub market: Addr,
    pub queue: Addr,
    pub stakers: Vec<Addr>,
    /// Bounties and surplus go to them.
    pub receivers: Vec<Addr>,
}

pub fn cast() -> &'static Cast {
    static CAST: OnceLock<Cast> = OnceLock::new();
    CAST.get_or_init(|| {
        let make = |name: &str| MockApi::default().addr_make(name);
        let stakers = (0..STAKERS).map(|i| make(&format!("staker{i}")));
        Cast {
            authority: make("authority"),
            market: make("market"),
            queue: make("queue"),
            stakers: stakers.collect(),
            receivers: ["keeper", "surplus", "other"].map(make).to_vec(),
        }
    })
}

/// What an action may do to a tranche.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    Nothing,
    /// One of them; no share loses value.
    One(u32),
    /// One of them; stakers may lose money but no shares.
    Loss(u32),
    /// New parameters: the stop of all of them.
    Stops,
    /// The sums of open interest of all of them.
    Insured,
}

pub struct Sequence {
    pub rng: ChaCha8Rng,
    pub chain: Chain,
    pub model: Model,
    pub counts: Counts,
    pub next_loss: u64,
    /// Amounts of this sequence are below two to the power of this.
    pub bits: u32,
    verbose: bool,
    before: Vec<(u32, i128, u128)>,
}

impl Sequence {
    pub fn new(seed: u64, verbose: bool) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let bits = *[8, 20, 20, 30, 45, 60].choose(&mut rng).expect("some");
        let params = generator::params(&mut rng, bits);
        let cast = cast();
        let chain = Chain::new(&cast.market, &cast.authority, params.clone());
        let model = Model::new(params, chain.code_id());
        let mut sequence = Self {
            rng,
            chain,
            model,
            counts: Counts::default(),
            next_loss: 1,
            bits,
            verbose,
            before: vec![],
        };
        sequence.connect();
        sequence
    }

    fn connect(&mut self) {
        let cast = cast();
        let msg = ExecuteMsg::Connect(Connect {
            market: cast.market.to_string(),
            market_code_id: self.chain.code_id(),
            queue: cast.queue.to_string(),
        });
        let plan = Plan::default();
        let done = self.chain.run(&cast.authority, msg, &[], &plan);
        done.expect("connected");
        for market in [1, 2, ISOLATED] {
            let msg = RegisterMarket {
                market,
                isolated: market == ISOLATED,
                window_cap: None,
                paid_in_cap: None,
            };
            self.register_as(&msg);
        }
    }

    /// One action after another; then everything is compared once more.
    pub fn play(&mut self, actions: u32) {
        for number in 0..actions {
            self.pass_time();
            self.act(number);
        }
        self.compare_records();
    }

    fn pass_time(&mut self) {
        let seconds = match self.rng.gen_range(0..100) {
            0..=39 => None,
            40..=69 => Some(self.rng.gen_range(1..=10)),
            70..=79 => Some(self.rng.gen_range(60..=1_800)),
            80..=89 => Some(self.rng.gen_range(1_800..=30_000)),
            90..=96 => Some(self.rng.gen_range(30_000..=200_000)),
            _ => Some(self.rng.gen_range(200_000..=1_300_000)),
        };
        if let Some(seconds) = seconds {
            self.wait(seconds);
        }
    }

    pub fn wait(&mut self, seconds: u64) {
        let block = &mut self.chain.env.block;
        block.height += 1;
        block.time = block.time.plus_seconds(seconds);
    }

    /// Sends a message and notes how it stood before.
    pub fn send(
        &mut self,
        sender: &Addr,
        msg: ExecuteMsg,
        funds: &[Coin],
        plan: &Plan,
    ) -> Result<Seen, String> {
        let pots = self.model.pots.iter();
        self.before = pots
            .map(|(k, pot)| (*k, pot.staked, pot.shares()))
            .collect();
        let block = &self.chain.env.block;
        (self.model.now, self.model.height) = (block.time.seconds(), block.height);
        let text = self.verbose.then(|| {
            let (now, funds) = (self.model.now, funds.iter().map(Coin::to_string));
            format!(
                "{now} {sender} {msg:?} {:?} {plan:?}",
                funds.collect::<Vec<_>>()
            )
        });
        let outcome = self.chain.run(sender, msg, funds, plan);
        if let Some(text) = text {
            println!("{text}\n    {outcome:?}");
        }
        outcome
    }

    /// Both have to have said the same. Answers what was seen, if it was done.
    pub fn agree(
        &mut self,
        what: &'static str,
        expected: Result<(), Refusal>,
        outcome: Result<Seen, String>,
    ) -> Option<Seen> {
        let how = outcome.as_ref().map_or_else(String::as_str, |_| "done");
        assert_eq!(how, expected.err().unwrap_or("done"), "{what}");
        self.counts.met(what, how);
        if outcome.is_err() {
            self.check(Touch::Nothing);
        }
        outcome.ok()
    }

    /// After every action, done or refused.
    pub fn check(&mut self, touch: Touch) {
        assert_eq!(self.chain.coins, self.model.coins(), "coins");
        for key in self.model.pots.keys() {
            self.compare_pot(*key);
        }
        self.compare_changes(touch);
        for (key, staked, shares) in &self.before {
            let pot = &self.model.pots[key];
            let everybody = pot.stakers.values().map(|staker| {
                let requests = staker.requests.values().map(|asked| asked.shares);
                let shares = requests.chain([staker.free]);
                shares.map(|shares| pot.value(shares).floor()).sum::<u128>()
            });
            let everybody: u128 = everybody.sum();
            assert!(
                everybody <= pot.staked.unsigned_abs(),
                "more shares than money"
            );
            let all = pot.shares();
            if all > 0 && touch != Touch::Loss(*key) {
                let price = |assets: i128, shares: u128| {
                    Ratio::new((assets.unsigned_abs() + 1).into(), (shares + 1_000).into())
                };
                let fell = price(pot.staked, all) < price(*staked, *shares);
                assert!(!fell, "a share of {key} lost value");
            }
        }
    }

    fn compare_pot(&self, key: u32) {
        let stored = TRANCHES.load(&self.chain.storage, key).expect("stored");
        let (pot, layers) = (&self.model.pots[&key], stored.layers);
        let found = [
            layers.seed,
            layers.staked.assets,
            layers.seed_hole,
            layers.staked_hole,
            layers.bounties,
            stored.open_interest,
        ];
        let expected = [
            pot.seed,
            pot.staked,
            pot.seed_hole,
            pot.staked_hole,
            pot.purse,
            self.model.open_interest(key),
        ];
        assert_eq!(found, expected.map(Quote), "layers of {key}");
        let shares = (layers.staked.shares, stored.requested);
        let expected = (Shares(pot.shares()), Shares(pot.requested()));
        assert_eq!(shares, expected, "shares of {key}");
        assert_eq!(stored.sums, pot.sums, "sums of {key}");
        assert_eq!(stored.open_losses, pot.open.len() as u64, "losses of {key}");
        assert!(pot.open.is_empty() || stored.open_since == pot.open_since);
        let draws: Draws = DRAWS.load(&self.chain.storage, key).expect("stored");
        assert_eq!(draws.drawdown.tripped(), pot.tripped, "stop of {key}");
        let of_losses = self.model.losses.values();
        let of_losses = of_losses.filter(|loss| loss.pot == Some(key));
        let paid: i128 = of_losses.map(|loss| loss.paid).sum();
        assert_eq!(stored.sums.paid, Quote(paid), "paid by {key}");
    }

    /// Which keys may have changed: those of the tranche that was meant, and no shares for a loss.
    fn compare_changes(&self, touch: Touch) {
        for key in self.chain.storage.changed() {
            let (map, pot) = place(key);
            let Some(pot) = pot else {
                assert_ne!(touch, Touch::Nothing, "{map} changed");
                continue;
            };
            let fair = match touch {
                Touch::Nothing => false,
                Touch::One(only) => only == pot,
                Touch::Loss(only) => only == pot && map != 'k' && map != 'r',
                Touch::Stops => map == 'd',
                Touch::Insured => map == 's' || map == 'd',
            };
            assert!(fair, "{map} of {pot} changed by {touch:?}");
        }
    }

    pub fn pots(&self) -> &BTreeMap<u32, crate::model::Pot> {
        &self.model.pots
    }
}

/// Which map a key is of, and the tranche that it starts with, if it does.
fn place(key: &[u8]) -> (char, Option<u32>) {
    let number = |bytes: &[u8]| u32::from_be_bytes(bytes.try_into().expect("four bytes"));
    match key {
        [0, 1, map @ (b's' | b'd'), rest @ ..] => (char::from(*map), Some(number(rest))),
        [0, 1, map @ (b'k' | b'r' | b'h'), 0, 4, rest @ ..] => {
            (char::from(*map), Some(number(&rest[..4])))
        }
        [0, 1, map, ..] => (char::from(*map), None),
        _ => ('c', None),
    }
}
