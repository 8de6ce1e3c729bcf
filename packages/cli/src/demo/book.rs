//! Receipts of a loss, read from its events.

use cosmwasm_std::Event;
use perp_testkit::receipts::{of_kind, Record};

use crate::amount::{Amount, Count};
use crate::result::Taken;

/// What was taken from one account at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Account.
    pub account: u64,
    /// 1 to 3, 6 and 7 fills (the last two belong to P1), 4 kept profit, 5 open profit.
    pub pass: u8,
    /// Place in the pass as the queue says, 0 where it says none.
    pub rank: u32,
    /// Lots closed.
    pub lots: u64,
    /// Money taken.
    pub charge: i128,
    /// Profit of the lots closed.
    pub profit: i128,
    /// The score in millionths as ranked.
    pub score_ppm: u32,
}

impl Receipt {
    /// As the result shows it: all parts of the first pass are `P1`, both of the fourth `P4`.
    pub fn into_taken(self) -> Taken {
        Taken {
            account: self.account,
            rank: self.rank,
            pass: match self.pass {
                6 | 7 => "P1".to_owned(),
                pass => format!("P{}", pass.min(4)),
            },
            lots: Count(u128::from(self.lots)),
            charge: Amount(self.charge),
            // A haircut is capped by the profit it is taken from; its event does not repeat that.
            profit: Amount(match self.pass {
                4 | 5 => self.charge,
                _ => self.profit,
            }),
            score_ppm: Count(u128::from(self.score_ppm)),
        }
    }
}

/// All receipts in the order of the events.
pub fn taken(events: &[Event]) -> Vec<Receipt> {
    let mut found = Vec::new();
    for event in events {
        let one = std::slice::from_ref(event);
        found.extend(of_kind(one, "adl_fill").iter().map(fill));
        found.extend(of_kind(one, "adl_haircut").iter().map(haircut));
    }
    found
}

fn fill(record: &Record) -> Receipt {
    Receipt {
        account: record.number("account") as u64,
        pass: record.number("pass") as u8,
        rank: record.number("rank") as u32,
        lots: record.number("lots") as u64,
        charge: record.number("charge"),
        profit: record.number("profit"),
        score_ppm: record.number("score_ppm") as u32,
    }
}

fn haircut(record: &Record) -> Receipt {
    Receipt {
        account: record.number("account") as u64,
        pass: record.number("pass") as u8,
        rank: 0,
        lots: 0,
        charge: record.number("amount"),
        profit: 0,
        score_ppm: 0,
    }
}
