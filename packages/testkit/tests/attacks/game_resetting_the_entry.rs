//! Who closes and opens again stands at the back of a queue that ranks by profit. What it costs, what
//! it saves, and under which policy it saves nothing: the figures of `docs/adr/0004`.
//!
//! `cargo test -p perp-testkit --test attacks game_resetting -- --nocapture` prints the table.

use perp_interface::market::AccountResponse;
use perp_interface::params::{MarketParams, QueueParams};
use perp_interface::queue::{QueryMsg, Top, TopResponse};
use perp_interface::{PerLot, Policy, Price, ScoreKind, Side};
use perp_testkit::chain::Order;
use perp_testkit::{receipts, Chain};

use crate::situation::{account, cross, equity, liquidate, loss, party, rest, Party, ENTRY, USDC};

/// Lots of the player, short from 10 USDC.
const LOTS: u64 = 50;
/// Lots that go bankrupt.
const LOSS: u64 = 60;
/// Where the player thinks of its rank.
const BEFORE: u64 = 8_200_000;
/// Where the bankruptcy happens.
const MARK: u64 = 8_000_000;
/// What the player has put in.
const DEPOSIT: u128 = 150;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Play {
    /// Does nothing.
    Hold,
    /// Closes and opens again, both as taker on the book.
    Reopen,
    /// Sells to a new account of its own, with the same deposit, and withdraws the gain.
    SecondAccount,
}

const PLAYS: [Play; 3] = [Play::Hold, Play::Reopen, Play::SecondAccount];

/// In quote units.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Outcome {
    rank: u32,
    lots: i128,
    charge: i128,
    fees: i128,
}

impl Outcome {
    fn cost(&self) -> i128 {
        self.charge + self.fees
    }
}

const fn levelling() -> Policy {
    Policy {
        score: ScoreKind::Leverage,
        protect_principal: false,
        ..Policy::of_breadth(10_000)
    }
}

/// The player and a rival who are alike, a bankrupt long with this deficit, and others who are calm.
fn situation(policy: Policy, need: i128) -> (Chain, Party, Party, Party) {
    let queue = QueueParams {
        default_policy: policy,
        ..QueueParams::default()
    };
    let mut chain = Chain::builder().queue(queue).check_every(1).build();
    chain
        .list(1, ENTRY, MarketParams::default())
        .expect("lists");
    let player = party(&mut chain, "player", DEPOSIT);
    let rival = party(&mut chain, "rival", DEPOSIT);
    let whale = party(&mut chain, "whale", 100_000);
    cross(&mut chain, 1, (&whale, &player), LOTS, ENTRY);
    cross(&mut chain, 1, (&whale, &rival), LOTS, ENTRY);
    // Loses 2 USDC a lot, after 5 basis points on 600 USDC.
    let lost = i128::from(LOSS) * 2_000_000 + 300_000;
    let user = chain.user("loser");
    let id = chain
        .deposit(&user, (lost - need) as u128)
        .expect("deposits");
    let loser = Party { user, id };
    cross(&mut chain, 1, (&loser, &whale), LOSS, ENTRY);
    chain.set_price(1, BEFORE).expect("prices");
    (chain, player, whale, loser)
}

/// Plays; returns the account that holds the position afterwards.
fn make(chain: &mut Chain, play: Play, player: &Party, whale: &Party) -> Party {
    let order = |side| Order::limit(1, side, LOTS, BEFORE);
    let take = |side| Order::ioc(1, side, LOTS, BEFORE);
    match play {
        Play::Hold => player.clone(),
        Play::Reopen => {
            rest(chain, whale, order(Side::Short));
            chain.place(&player.user, take(Side::Long)).expect("closes");
            rest(chain, whale, order(Side::Long));
            chain.place(&player.user, take(Side::Short)).expect("opens");
            player.clone()
        }
        Play::SecondAccount => {
            let second = party(chain, "nobody in particular", DEPOSIT);
            rest(chain, &second, order(Side::Short));
            chain.place(&player.user, take(Side::Long)).expect("closes");
            let all = account(chain, player).cash.0;
            chain.withdraw(&player.user, all).expect("takes the gain");
            second
        }
    }
}

fn rank(chain: &Chain, of: &Party) -> u32 {
    let top = QueryMsg::Top(Top {
        market: 1,
        side: Side::Short,
        mark: Price(MARK),
        index: PerLot(0),
        score: None,
        pass: None,
        limit: Some(10),
    });
    let top: TopResponse = chain.query(&chain.addresses.queue, &top).expect("answers");
    let found = top.positions.iter().find(|p| p.account == of.id);
    found.expect("is ranked").rank
}

fn play(policy: Policy, play: Play, need: i128) -> Outcome {
    let (mut chain, player, whale, loser) = situation(policy, need);
    let before = equity(&chain, &player);
    let holder = make(&mut chain, play, &player, &whale);
    let put_in = match play {
        Play::SecondAccount => DEPOSIT * USDC,
        _ => 0,
    };
    let withdrawn = chain.balance(&player.user) as i128;
    let now = match play {
        Play::SecondAccount => equity(&chain, &player) + equity(&chain, &holder),
        _ => equity(&chain, &player),
    };
    let fees = before + put_in as i128 - now - withdrawn;
    if play == Play::SecondAccount {
        assert_nothing_to_go_by(&account(&chain, &player), &account(&chain, &holder));
    }
    chain.set_price(1, MARK).expect("prices");
    let rank = rank(&chain, &holder);
    let events = liquidate(&mut chain, &loser).expect("liquidates");
    assert!(loss(&chain, 1).closed);
    assert_eq!(loss(&chain, 1).need.0, need);
    let mut fills = receipts::of_kind(&events, "adl_fill");
    fills.retain(|f| f.number("account") == i128::from(holder.id as u32));
    Outcome {
        rank,
        lots: fills.iter().map(|f| f.number("lots")).sum(),
        charge: fills.iter().map(|f| f.number("charge")).sum(),
        fees,
    }
}

/// A rule that counts what an account has realised lately finds nothing: the one that did has no
/// position to be ranked, and the one with the position has realised nothing.
fn assert_nothing_to_go_by(first: &AccountResponse, second: &AccountResponse) {
    assert_eq!(first.positions, []);
    assert_eq!(first.cash.0, 0);
    assert_eq!(second.positions.len(), 1);
    let position = &second.positions[0];
    assert_eq!(position.cost.0, -i128::from(LOTS * BEFORE));
    assert!(second.cash.0 < (DEPOSIT * USDC) as i128);
}

/// The need that comes to this many basis points of the notional that is closed.
fn need(bps: i128) -> i128 {
    i128::from(LOSS * MARK) * bps / 10_000
}

/// Of how many such moves one must end in deleveraging for the fees to be worth it.
fn pays_from(hold: &Outcome, reset: &Outcome) -> String {
    let saved = hold.charge - reset.charge;
    if saved <= reset.fees {
        return "never".to_owned();
    }
    let mille = reset.fees * 1_000 / saved;
    format!("{}.{} %", mille / 10, mille % 10)
}

/// Lots given, and charge and fees in basis points of the player's notional.
fn lots_and_cost(outcome: &Outcome) -> String {
    let tenths = outcome.cost() * 100_000 / i128::from(LOTS * MARK);
    format!("{}, {}.{}", outcome.lots, tenths / 10, tenths % 10)
}

/// The table of the decision record, row by row as it stands there.
#[test]
fn table() {
    let record = include_str!("../../../../docs/adr/0004-resetting-the-entry.md");
    let policies = [
        ("queue", Policy::default()),
        ("pro-rata", Policy::of_breadth(10_000)),
        ("leverage, equity bears", levelling()),
    ];
    let mut missing = Vec::new();
    for bps in [10, 59, 98, 200] {
        for (name, policy) in policies {
            let [hold, reopen, second] = PLAYS.map(|kind| play(policy, kind, need(bps)));
            let row = format!(
                "| {bps} bp | {name} | {} | {} | {} | {} | {} |",
                lots_and_cost(&hold),
                lots_and_cost(&reopen),
                pays_from(&hold, &reopen),
                lots_and_cost(&second),
                pays_from(&hold, &second),
            );
            println!("{row}");
            if !record.contains(&row) {
                missing.push(row);
            }
        }
    }
    assert_eq!(missing, [""; 0], "the record does not say so");
}

#[test]
fn a_reset_costs_seven_to_ten_basis_points_for_certain() {
    let notional = i128::from(LOTS * BEFORE);
    for policy in [Policy::default(), Policy::of_breadth(10_000), levelling()] {
        let fees = |kind| play(policy, kind, need(59)).fees;
        assert_eq!(fees(Play::Hold), 0);
        assert_eq!(fees(Play::Reopen), notional * 10 / 10_000, "taker twice");
        let second = notional * 7 / 10_000;
        assert_eq!(fees(Play::SecondAccount), second, "taker and maker, once");
    }
}

#[test]
fn it_moves_a_winner_back_where_profit_ranks() {
    for kind in [Play::Reopen, Play::SecondAccount] {
        let hold = play(Policy::default(), Play::Hold, need(59));
        let reset = play(Policy::default(), kind, need(59));
        assert_eq!((hold.rank, hold.lots), (1, LOTS as i128));
        assert_eq!((reset.rank, reset.lots), (2, (LOSS - LOTS) as i128));
        let wide = Policy::of_breadth(10_000);
        let hold = play(wide, Play::Hold, need(59));
        let reset = play(wide, kind, need(59));
        // Half of 60 lots by equal profits; then what the rival, with ten times the profit, has not.
        assert_eq!((hold.lots, reset.lots), (30, 10));
    }
}

/// The bare fees are more than a charge of ten basis points; at the median charge of 10 October 2025
/// a reset pays if deleveraging is certain, and does not if it is less likely than one in ten.
#[test]
fn it_pays_only_who_knows_that_deleveraging_comes() {
    for kind in [Play::Reopen, Play::SecondAccount] {
        for policy in [Policy::default(), Policy::of_breadth(10_000)] {
            let hold = |bps| play(policy, Play::Hold, need(bps));
            let reset = |bps| play(policy, kind, need(bps));
            assert!(reset(59).cost() < hold(59).cost());
            let (held, reset) = (hold(59), reset(59));
            assert!(reset.fees * 10 > held.charge - reset.charge);
        }
        let policy = Policy::of_breadth(10_000);
        let saved = play(policy, Play::Hold, need(10)).cost() - play(policy, kind, need(10)).cost();
        assert!(saved < 0, "{kind:?} at ten basis points: {saved}");
    }
}

/// Levelled leverage does not look at the entry: closed profit is cash, and counts as before.
#[test]
fn leverage_that_equity_bears_takes_the_gain_out() {
    for bps in [10, 59, 98, 200] {
        let hold = play(levelling(), Play::Hold, need(bps));
        assert!(hold.lots > 0 && hold.charge > 0);
        let reopen = play(levelling(), Play::Reopen, need(bps));
        // Within one lot, because collateral counts in steps, and dearer by the fees.
        assert!((reopen.lots - hold.lots).abs() <= 1, "{reopen:?}");
        assert!(reopen.cost() > hold.cost());
        // Who has withdrawn the gain has more leverage for it, and gives more.
        let second = play(levelling(), Play::SecondAccount, need(bps));
        assert!(
            second.lots > hold.lots && second.charge > hold.charge,
            "{second:?}"
        );
    }
}
