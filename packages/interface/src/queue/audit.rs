//! The audit of the index against the market's positions and against itself.

use cosmwasm_schema::cw_serde;

use super::{HistogramBucket, KeyResponse};
use crate::{AccountId, Lots, MarketId, PerLot, Side};

/// Asks for the next page of an audit. All pages belong to one height: what changes between two of
/// them shows as a finding.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct AuditQuery {
    /// The market.
    pub market: MarketId,
    /// Where the last page ended; none begins.
    pub cursor: Option<AuditCursor>,
    /// Accounts or records of the page. 1..=500, default 100.
    pub limit: Option<u32>,
}

/// Where a page ended.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub enum AuditCursor {
    /// Among the market's accounts.
    Positions(AuditPositions),
    /// Among the records of a side.
    Records(AuditRecords),
    /// Before the class records and the bitmap of a side.
    Classes(AuditClasses),
}

/// The market's accounts against their keys, and these against their records.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct AuditPositions {
    /// Exclusive start.
    pub start_after: AccountId,
}

/// The records of a side against their keys, and the classes against their records.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct AuditRecords {
    /// The side.
    pub side: Side,
    /// The last record of the page before and the sums of its class so far.
    pub last: Option<AuditedClass>,
}

/// A class that a page has ended in.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct AuditedClass {
    /// The class.
    pub class: u16,
    /// Entry of the last record.
    pub entry: PerLot,
    /// Its account.
    pub account: AccountId,
    /// Records of the class so far.
    pub positions: u64,
    /// Width of the buckets, as a power of two.
    pub shift: u8,
    /// The lots of these records.
    pub buckets: Vec<HistogramBucket>,
}

/// The class records and the bitmap of a side against the records.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct AuditClasses {
    /// The side.
    pub side: Side,
}

/// Something that does not fit together.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub enum AuditFinding {
    /// Not an error: the market or the queue knows that an account waits for a `Refresh`. Its key
    /// is not compared with its position.
    Dirty {
        /// The account.
        account: AccountId,
    },
    /// Not an error: the account's cash, or what it holds elsewhere, has changed since the position
    /// was last touched. Collateral is ranked as of then.
    CollateralSinceTouch {
        /// The account.
        account: AccountId,
        /// The class that is stored.
        class: u16,
        /// The class that a touch would lead to.
        now: u16,
    },
    /// A position has no key.
    MissingKey {
        /// The account.
        account: AccountId,
    },
    /// A key has no position.
    StrayKey {
        /// The account.
        account: AccountId,
    },
    /// A key tells another side, entry or size than the position has.
    KeyDiffers {
        /// The account.
        account: AccountId,
        /// What is stored.
        stored: KeyResponse,
        /// What the market would send.
        expected: KeyResponse,
    },
    /// A key points to a place where no record is.
    MissingRecord {
        /// The account.
        account: AccountId,
    },
    /// A record has no key that points to it.
    StrayRecord {
        /// The account.
        account: AccountId,
        /// Class of the record.
        class: u16,
        /// Its entry.
        entry: PerLot,
    },
    /// A record has another size than its key.
    RecordDiffers {
        /// The account.
        account: AccountId,
        /// Size of the record.
        lots: Lots,
        /// Size of the key.
        expected: Lots,
    },
    /// A class has records and no totals.
    MissingClass {
        /// The side.
        side: Side,
        /// The class.
        class: u16,
    },
    /// A class has totals and no records.
    StrayClass {
        /// The side.
        side: Side,
        /// The class.
        class: u16,
    },
    /// The stored bytes of a class are no totals.
    UnreadableClass {
        /// The side.
        side: Side,
        /// The class.
        class: u16,
    },
    /// A class counts other positions than it has records.
    PositionsDiffer {
        /// The side.
        side: Side,
        /// The class.
        class: u16,
        /// What is stored.
        stored: u64,
        /// What was counted.
        counted: u64,
    },
    /// The lots of a class do not lie where its histogram says, at its own width of buckets.
    HistogramDiffers {
        /// The side.
        side: Side,
        /// The class.
        class: u16,
        /// What is stored.
        stored: Vec<HistogramBucket>,
        /// What was counted.
        counted: Vec<HistogramBucket>,
    },
    /// A class has records and no bit among the occupied ones.
    MissingBit {
        /// The side.
        side: Side,
        /// The class.
        class: u16,
    },
    /// A class has a bit and no records.
    StrayBit {
        /// The side.
        side: Side,
        /// The class.
        class: u16,
    },
}

/// Answers [`super::QueryMsg::Audit`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct AuditResponse {
    /// Height of this page.
    pub height: u64,
    /// Accounts, records or classes that were looked at.
    pub checked: u32,
    /// What was found on this page.
    pub findings: Vec<AuditFinding>,
    /// The next page; none: this was the last one.
    pub next: Option<AuditCursor>,
}
