//! Every storage key of the queue. Values are stored as tuples, keys as fixed bytes: storage is
//! nine tenths of what an update costs.

use cosmwasm_std::{Addr, StdResult, Storage};
use cw_storage_plus::{Bound, Item, Map};
use perp_core::class::CLASS_COUNT;
use perp_core::error::{MathError, MathResult};
use perp_core::score::ENTRY_BOUND;
use perp_governance::{Slot, Versioned};
use perp_interface::params::{OwnPolicy, QueueParams};
use perp_interface::{AccountId, LossId, Lots, MarketId, Policy, ScoreKind, Side};
use serde::{Deserialize, Serialize};

pub use crate::class_record::{ClassMap, ClassRecord};
use crate::error::{ContractError, ContractResult};
pub use crate::job::Job;
pub use crate::occupied::Occupied;
pub use crate::published::Published;

/// `p`: parameters and their version.
pub const PARAMS: Item<Params> = Item::new("p");

/// `gq`: the change of the parameters that waits.
pub const PENDING: Slot<QueueParams> = Slot::own("gq");

/// `l`: the other contracts, once they are named.
pub const LINKS: Item<Links> = Item::new("l");

/// `r`: ([`class_key`], [`place_key`]) → record. Ascending inside of a class is best first.
pub const RANKING: Map<(u32, [u8; 18]), Record> = Map::new("r");

/// `k`: [`position_key`] → where that position stands in the ranking.
pub const KEY_OF: Map<[u8; 10], RankKey> = Map::new("k");

/// `o`: [`RankingId::number`] → occupied classes. Written only when a class fills or empties.
pub const OCCUPIED: Map<u32, Occupied> = Map::new("o");

/// `t`: [`class_key`] → positions of the class and their lots by `s·e`.
pub const CLASS: ClassMap = ClassMap::new("t");

/// `j`: open jobs, ascending in the order in which they are worked off.
pub const JOBS: Map<LossId, Job> = Map::new("j");

/// `m`: market → the loss of its open job.
pub const JOB_OF: Map<MarketId, LossId> = Map::new("m");

/// `b`: selection policy of the markets that have one of their own.
pub const POLICY: Map<MarketId, StoredPolicy> = Map::new("b");

/// `bv`: version of each market's policy, 0 before its first change.
pub const POLICY_VERSION: Map<MarketId, u64> = Map::new("bv");

/// The change of a market's policy that waits, at `gb`.
pub const fn pending_policy(market: MarketId) -> Slot<OwnPolicy> {
    Slot::of("gb", market)
}

/// `g`: [`RankingId::number`] → its lights as they were last published.
pub const LIGHTS: Map<u32, Published> = Map::new("g");

/// Version, from 1, and parameters.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
pub struct Params(pub u64, pub QueueParams);

impl From<Params> for Versioned<QueueParams> {
    fn from(Params(version, params): Params) -> Self {
        Self { version, params }
    }
}

impl From<Versioned<QueueParams>> for Params {
    fn from(versioned: Versioned<QueueParams>) -> Self {
        Self(versioned.version, versioned.params)
    }
}

/// The other contracts.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct Links {
    /// perp-market.
    pub market: Addr,
    /// insurance-fund.
    pub fund: Addr,
}

/// The positions of one market on one side, which are ranked against each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RankingId {
    /// The market.
    pub market: MarketId,
    /// The side.
    pub side: Side,
}

impl RankingId {
    /// Both in one number: the key of [`OCCUPIED`].
    pub const fn number(self) -> u32 {
        (self.market as u32) << 1 | self.side.bit() as u32
    }
}

// A class leaves the side its bit.
const _: () = assert!(CLASS_COUNT < 1 << 15);

/// Market, side and class in one number: the key of [`CLASS`], and what comes first in a key of
/// [`RANKING`].
pub const fn class_key(ranking: RankingId, class: u16) -> u32 {
    ranking.number() << 15 | class as u32
}

/// The inverse of [`class_key`].
pub const fn from_class_key(key: u32) -> (RankingId, u16) {
    let ranking = RankingId {
        market: (key >> 16) as u16,
        side: Side::from_bit((key >> 15 & 1) as u8),
    };
    (ranking, (key & 0x7fff) as u16)
}

/// What comes last in a key of [`RANKING`]: `s·e`, biased so that its bytes sort as the numbers
/// do, then the account.
///
/// # Errors
/// `Overflow` if `order` needs more than its ten bytes.
pub fn place_key(order: i128, account: AccountId) -> MathResult<[u8; 18]> {
    if !(-ENTRY_BOUND..ENTRY_BOUND).contains(&order) {
        return Err(MathError::Overflow {
            operation: "ranking key",
        });
    }
    let biased = ((order + ENTRY_BOUND) as u128).to_be_bytes();
    let mut key = [0; 18];
    key[..10].copy_from_slice(&biased[6..]);
    key[10..].copy_from_slice(&account.to_be_bytes());
    Ok(key)
}

/// The inverse of [`place_key`].
pub fn from_place_key(key: &[u8; 18]) -> (i128, AccountId) {
    let (mut order, mut account) = ([0; 16], [0; 8]);
    order[6..].copy_from_slice(&key[..10]);
    account.copy_from_slice(&key[10..]);
    (
        u128::from_be_bytes(order) as i128 - ENTRY_BOUND,
        u64::from_be_bytes(account),
    )
}

/// The key of [`KEY_OF`]: account, then market, so that an account's positions lie together.
pub fn position_key(account: AccountId, market: MarketId) -> [u8; 10] {
    let mut key = [0; 10];
    key[..8].copy_from_slice(&account.to_be_bytes());
    key[8..].copy_from_slice(&market.to_be_bytes());
    key
}

/// The inverse of [`position_key`].
pub fn from_position_key(key: &[u8; 10]) -> (AccountId, MarketId) {
    let mut account = [0; 8];
    account.copy_from_slice(&key[..8]);
    let market = MarketId::from_be_bytes([key[8], key[9]]);
    (AccountId::from_be_bytes(account), market)
}

/// What the ranking stores of a position besides its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<u64>", into = "Vec<u64>")]
pub struct Record {
    /// Size.
    pub lots: u64,
    /// Which job's pass wrote it; 0, which no job has, takes no bytes.
    pub stamp: u64,
}

impl TryFrom<Vec<u64>> for Record {
    type Error = &'static str;
    fn try_from(stored: Vec<u64>) -> Result<Self, Self::Error> {
        match *stored {
            [lots] => Ok(Self { lots, stamp: 0 }),
            [lots, stamp] => Ok(Self { lots, stamp }),
            _ => Err("a record of the ranking has one or two numbers"),
        }
    }
}

impl From<Record> for Vec<u64> {
    fn from(record: Record) -> Self {
        match record.stamp {
            0 => vec![record.lots],
            stamp => vec![record.lots, stamp],
        }
    }
}

/// Whether a key still tells of its position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    #[default]
    Current,
    /// The position changed while a job held the order still.
    Changed,
    /// The position was closed while a job held the order still.
    Closed,
}

/// Where a position stands in the ranking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(u32, i128, u64)", into = "(u32, i128, u64)")]
pub struct RankKey {
    /// Its side.
    pub side: Side,
    /// Its margin class.
    pub class: u16,
    /// `s·e`.
    pub order: i128,
    /// Its size.
    pub lots: u64,
    /// Whether this is how the position stands by now.
    pub standing: Standing,
}

impl RankKey {
    /// Whether both stand at the same place, with whatever lots.
    pub fn same_place(&self, other: &Self) -> bool {
        (self.side, self.class, self.order) == (other.side, other.class, other.order)
    }

    /// Whether the ranking would hold the same bytes for both.
    pub fn same_record(&self, other: &Self) -> bool {
        self.same_place(other) && self.lots == other.lots
    }
}

impl From<(u32, i128, u64)> for RankKey {
    fn from((head, order, lots): (u32, i128, u64)) -> Self {
        Self {
            side: Side::from_bit((head >> 15 & 1) as u8),
            class: (head & 0x7fff) as u16,
            order,
            lots,
            standing: match head >> 16 {
                0 => Standing::Current,
                1 => Standing::Changed,
                _ => Standing::Closed,
            },
        }
    }
}

impl From<RankKey> for (u32, i128, u64) {
    fn from(key: RankKey) -> Self {
        let standing = match key.standing {
            Standing::Current => 0,
            Standing::Changed => 1,
            Standing::Closed => 2,
        };
        let head = standing << 16 | u32::from(key.side.bit()) << 15 | u32::from(key.class);
        (head, key.order, key.lots)
    }
}

/// A selection policy: kind of score, breadth, whether principal is protected, least fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredPolicy(pub u8, pub u32, pub bool, pub Lots);

impl From<Policy> for StoredPolicy {
    fn from(p: Policy) -> Self {
        let kind = p.score.number();
        Self(kind, p.breadth, p.protect_principal, p.min_fill)
    }
}

impl From<StoredPolicy> for Policy {
    fn from(StoredPolicy(kind, breadth, protect_principal, min_fill): StoredPolicy) -> Self {
        Self {
            score: ScoreKind::from_number(kind),
            breadth,
            protect_principal,
            min_fill,
        }
    }
}

/// The other contracts, or a typed error before they are named.
///
/// # Errors
/// `NotConnected`.
pub fn links(storage: &dyn Storage) -> ContractResult<Links> {
    LINKS.may_load(storage)?.ok_or(ContractError::NotConnected)
}

/// Lets only one sender pass.
///
/// # Errors
/// `Unauthorized`.
pub fn require(sender: &Addr, role: &'static str, expected: &Addr) -> ContractResult<()> {
    if sender == expected {
        return Ok(());
    }
    Err(ContractError::Unauthorized {
        sender: sender.clone(),
        role,
        expected: expected.clone(),
    })
}

/// Lets only the authority pass.
///
/// # Errors
/// `Unauthorized`.
pub fn require_authority(storage: &dyn Storage, sender: &Addr) -> ContractResult<()> {
    Ok(perp_governance::require_authority(storage, sender)?)
}

/// Selection policy in force for a market.
///
/// # Errors
/// `Std`.
pub fn policy_of(storage: &dyn Storage, market: MarketId) -> ContractResult<Policy> {
    match POLICY.may_load(storage, market)? {
        Some(policy) => Ok(policy.into()),
        None => Ok(PARAMS.load(storage)?.1.default_policy),
    }
}

/// The open job that is worked off first.
///
/// # Errors
/// `Std`.
pub fn first_job(storage: &dyn Storage) -> ContractResult<Option<LossId>> {
    let mut ids = JOBS.keys(storage, None, None, cosmwasm_std::Order::Ascending);
    Ok(ids.next().transpose()?)
}

/// All keys of an account, with their markets.
///
/// # Errors
/// `Std`.
pub fn keys_of(
    storage: &dyn Storage,
    account: AccountId,
) -> ContractResult<Vec<(MarketId, RankKey)>> {
    let bounds = [0, MarketId::MAX].map(|m| Bound::inclusive(position_key(account, m)));
    let [first, last] = bounds.map(Some);
    let keys = KEY_OF.range(storage, first, last, cosmwasm_std::Order::Ascending);
    let keys: StdResult<Vec<_>> = keys
        .map(|row| row.map(|(key, found)| (from_position_key(&key).1, found)))
        .collect();
    Ok(keys?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::{from_json, to_json_string};
    use proptest::prelude::*;

    #[test]
    fn a_class_key_holds_market_side_and_class() {
        let ranking = RankingId {
            market: 0xabcd,
            side: Side::Short,
        };
        assert_eq!(ranking.number(), 0x1_579b);
        assert_eq!(class_key(ranking, CLASS_COUNT - 1), 0xabcd_8300);
    }

    #[test]
    fn a_record_without_a_stamp_has_no_bytes_for_it() {
        let json = |lots, stamp| to_json_string(&Record { lots, stamp }).expect("json");
        assert_eq!(json(7, 0), "[7]");
        assert_eq!(json(7, 41), "[7,41]");
        assert!(from_json::<Record>("[]").is_err());
        assert!(from_json::<Record>("[1,2,3]").is_err());
    }

    #[test]
    fn keys_of_an_account_are_its_own() {
        let mut storage = cosmwasm_std::testing::MockStorage::new();
        let key = RankKey::from((5, -9, 3));
        for (account, market) in [(6, u16::MAX), (7, 0), (7, 258), (7, u16::MAX), (8, 0)] {
            KEY_OF
                .save(&mut storage, position_key(account, market), &key)
                .expect("saves");
        }
        let markets: Vec<_> = keys_of(&storage, 7)
            .expect("reads")
            .into_iter()
            .map(|(market, _)| market)
            .collect();
        assert_eq!(markets, [0, 258, u16::MAX]);
    }

    proptest! {
        #[test]
        fn places_sort_as_their_numbers(
            a in -ENTRY_BOUND..ENTRY_BOUND, b in -ENTRY_BOUND..ENTRY_BOUND,
            account in any::<u64>(), other in any::<u64>(),
        ) {
            let key = place_key(a, account).expect("in range");
            prop_assert_eq!(from_place_key(&key), (a, account));
            let (next, tied) = (place_key(b, other).expect("in range"), place_key(a, other).expect("in range"));
            prop_assert_eq!(key.cmp(&next), (a, account).cmp(&(b, other)));
            prop_assert_eq!(key.cmp(&tied), account.cmp(&other));
        }

        #[test]
        fn class_keys_can_be_read_back(market in any::<u16>(), short in any::<bool>(), class in 0..CLASS_COUNT) {
            let ranking = RankingId { market, side: Side::from_bit(short.into()) };
            prop_assert_eq!(from_class_key(class_key(ranking, class)), (ranking, class));
        }

        #[test]
        fn keys_survive_storage(
            short in any::<bool>(), class in 0..CLASS_COUNT, order in -ENTRY_BOUND..ENTRY_BOUND,
            lots in any::<u64>(), standing in 0u8..3,
        ) {
            let standing = match standing {
                0 => Standing::Current,
                1 => Standing::Changed,
                _ => Standing::Closed,
            };
            let key = RankKey { side: Side::from_bit(short.into()), class, order, lots, standing };
            let json = to_json_string(&key).expect("json");
            prop_assert_eq!(from_json::<RankKey>(json).expect("parses"), key);
        }
    }

    #[test]
    fn orders_out_of_range_have_no_place() {
        for order in [ENTRY_BOUND, -ENTRY_BOUND - 1, i128::MAX, i128::MIN] {
            assert!(place_key(order, 0).is_err(), "{order}");
        }
    }
}
