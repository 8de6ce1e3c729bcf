//! The records of a side against their keys, and the classes against their records.

use cosmwasm_std::{Order, Storage};
use cw_storage_plus::Bound;
use perp_core::error::{MathError, MathResult};
use perp_core::histogram::{Histogram, FIRST_SHIFT};
use perp_core::score::order_key;
use perp_interface::queue::{AuditClasses, AuditCursor, AuditFinding, AuditRecords, AuditedClass};
use perp_interface::{AccountId, PerLot};

use super::{buckets, Page};
use crate::error::{ContractError, ContractResult};
use crate::index::occupied;
use crate::state::{
    class_key, from_class_key, from_place_key, place_key, position_key, ClassRecord, RankingId,
    CLASS, KEY_OF, RANKING,
};

/// A page of records, ascending.
pub(super) fn check(
    storage: &dyn Storage,
    ranking: RankingId,
    (last, limit): (Option<AuditedClass>, usize),
    page: &mut Page,
) -> ContractResult<Option<AuditCursor>> {
    let first = match &last {
        Some(last) => Bound::exclusive((
            class_key(ranking, last.class & 0x7fff),
            place_key(order_of(ranking, last)?, last.account)?,
        )),
        None => Bound::inclusive((class_key(ranking, 0), [0; 18])),
    };
    let end = Bound::inclusive((class_key(ranking, 0x7fff), [u8::MAX; 18]));
    let mut scan = Scan::resume(storage, ranking, last)?;
    let rows = RANKING.range(storage, Some(first), Some(end), Order::Ascending);
    for row in rows.take(limit) {
        let ((key, place), record) = row?;
        let (order, account) = from_place_key(&place);
        scan.add(from_class_key(key).1, (order, account), record.lots, page)?;
        page.checked += 1;
    }
    if page.checked as usize == limit {
        return Ok(Some(AuditCursor::Records(AuditRecords {
            side: ranking.side,
            last: scan.pause(),
        })));
    }
    scan.close_class(page)?;
    let side = ranking.side;
    Ok(Some(AuditCursor::Classes(AuditClasses { side })))
}

/// A cursor may hold any number.
fn order_of(ranking: RankingId, last: &AuditedClass) -> MathResult<i128> {
    let order = last.entry.0.checked_mul(ranking.side.sign());
    order.ok_or(MathError::Overflow {
        operation: "audit cursor",
    })
}

/// The sums of the class that a scan is in.
#[derive(Debug)]
struct Sums {
    class: u16,
    /// The last record.
    last: (i128, AccountId),
    counted: ClassRecord,
}

struct Scan<'a> {
    storage: &'a dyn Storage,
    ranking: RankingId,
    sums: Option<Sums>,
}

impl<'a> Scan<'a> {
    fn resume(
        storage: &'a dyn Storage,
        ranking: RankingId,
        last: Option<AuditedClass>,
    ) -> ContractResult<Self> {
        let sums = last.map(|last| -> ContractResult<Sums> {
            let scan = last.buckets.iter().map(|b| (b.low.0, b.lots.0));
            let counted = ClassRecord {
                positions: last.positions,
                histogram: Histogram::of(last.shift, scan)?,
            };
            Ok(Sums {
                class: last.class,
                last: (order_of(ranking, &last)?, last.account),
                counted,
            })
        });
        Ok(Self {
            storage,
            ranking,
            sums: sums.transpose()?,
        })
    }

    fn pause(self) -> Option<AuditedClass> {
        let side = self.ranking.side;
        self.sums.map(|sums| AuditedClass {
            class: sums.class,
            // A sign is its own inverse.
            entry: PerLot(order_key(side, PerLot(sums.last.0))),
            account: sums.last.1,
            positions: sums.counted.positions,
            shift: sums.counted.histogram.shift(),
            buckets: buckets(&sums.counted.histogram),
        })
    }

    fn add(
        &mut self,
        class: u16,
        (order, account): (i128, AccountId),
        lots: u64,
        page: &mut Page,
    ) -> ContractResult<()> {
        if self.sums.as_ref().is_none_or(|sums| sums.class != class) {
            self.close_class(page)?;
            self.sums = Some(self.open_class(class)?);
        }
        if let Some(sums) = &mut self.sums {
            sums.last = (order, account);
            sums.counted.positions += 1;
            sums.counted.histogram.add(order, lots)?;
        }
        let key = KEY_OF.may_load(self.storage, position_key(account, self.ranking.market))?;
        let points_back = key.is_some_and(|key| {
            (key.side, key.class, key.order) == (self.ranking.side, class, order)
        });
        // Another size is told beside the key.
        if !points_back {
            page.findings.push(AuditFinding::StrayRecord {
                account,
                class,
                entry: PerLot(order_key(self.ranking.side, PerLot(order))),
            });
        }
        Ok(())
    }

    /// Nothing counted yet, at the width that the class has.
    fn open_class(&self, class: u16) -> ContractResult<Sums> {
        let shift = match stored(self.storage, self.ranking, class)? {
            Stored::Record(record) => record.histogram.shift(),
            Stored::Nothing | Stored::Unreadable => FIRST_SHIFT,
        };
        Ok(Sums {
            class,
            last: (0, 0),
            counted: ClassRecord {
                positions: 0,
                histogram: Histogram::of(shift, [])?,
            },
        })
    }

    /// Compares what was counted with what is stored.
    fn close_class(&mut self, page: &mut Page) -> ContractResult<()> {
        let Some(Sums { class, counted, .. }) = self.sums.take() else {
            return Ok(());
        };
        let side = self.ranking.side;
        let record = match stored(self.storage, self.ranking, class)? {
            Stored::Record(record) => record,
            Stored::Nothing => {
                page.findings
                    .push(AuditFinding::MissingClass { side, class });
                // With totals it shows when the classes are looked at.
                if !occupied(self.storage, self.ranking)?.0.contains(&class) {
                    page.findings.push(AuditFinding::MissingBit { side, class });
                }
                return Ok(());
            }
            // Told with the classes.
            Stored::Unreadable => return Ok(()),
        };
        if record.positions != counted.positions {
            page.findings.push(AuditFinding::PositionsDiffer {
                side,
                class,
                stored: record.positions,
                counted: counted.positions,
            });
        }
        if record.histogram != counted.histogram {
            page.findings.push(AuditFinding::HistogramDiffers {
                side,
                class,
                stored: buckets(&record.histogram),
                counted: buckets(&counted.histogram),
            });
        }
        Ok(())
    }
}

enum Stored {
    Record(ClassRecord),
    Nothing,
    Unreadable,
}

fn stored(storage: &dyn Storage, ranking: RankingId, class: u16) -> ContractResult<Stored> {
    match CLASS.may_load(storage, class_key(ranking, class)) {
        Ok(Some(record)) => Ok(Stored::Record(record)),
        Ok(None) => Ok(Stored::Nothing),
        Err(ContractError::ClassUnreadable { .. }) => Ok(Stored::Unreadable),
        Err(other) => Err(other),
    }
}
