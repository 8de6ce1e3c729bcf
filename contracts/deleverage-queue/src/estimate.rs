//! How much work a job has left, by the averages of the side that it walks.

use cosmwasm_std::{Storage, Uint128, Uint256};
use perp_core::histogram::Histogram;
use perp_core::units::FIXED;
use perp_interface::Pass;

use crate::error::ContractResult;
use crate::job::{Job, Sharing};
use crate::state::CLASS;

/// Sums of the side that a job walks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Crowd {
    /// Its positions.
    pub positions: u64,
    /// Their lots.
    pub lots: u128,
    /// Those of them with a profit at the job's price, by the middles of their buckets.
    winning: u128,
    /// Their profit in quote units.
    profit: u128,
}

impl Crowd {
    /// Reads one record of each occupied class.
    ///
    /// # Errors
    /// `ClassUnreadable`; `Overflow`.
    pub fn of(storage: &dyn Storage, job: &Job) -> ContractResult<Self> {
        let base = job.base()?.0;
        let mut crowd = Self::default();
        for row in CLASS.of(storage, job.ranking()) {
            let (_, class) = row?;
            crowd.positions += class.positions;
            crowd.add(&class.histogram, base);
        }
        Ok(crowd)
    }

    fn add(&mut self, histogram: &Histogram, base: i128) {
        for bucket in histogram.buckets() {
            let lots = u128::from(bucket.lots);
            let middle = bucket.low + (bucket.high - bucket.low) / 2;
            self.lots += lots;
            if base > middle {
                let profit = ((base - middle) / FIXED).unsigned_abs();
                self.winning += lots;
                self.profit = self.profit.saturating_add(profit.saturating_mul(lots));
            }
        }
    }

    /// Positions of average size that have this many lots, rounded up.
    fn holding_ceil(&self, lots: u128) -> u128 {
        let positions = self.positions.into();
        ratio_ceil([lots.min(self.lots), positions, 1], [self.lots, 1])
    }

    /// Positions of average size and profit that have this much profit, rounded up.
    fn winning_ceil(&self, need: u128) -> u128 {
        let positions = self.positions.into();
        let winners = self.holding_ceil(self.winning);
        ratio_ceil([need, self.winning, positions], [self.profit, self.lots]).min(winners)
    }
}

/// `a·b·c/(d·e)`, rounded up; 0 where there is nothing to divide by.
fn ratio_ceil(product: [u128; 3], divisor: [u128; 2]) -> u128 {
    let wide = |factors: &[u128]| {
        let factors = factors.iter().map(|factor| Uint256::from(*factor));
        factors.fold(Uint256::one(), Uint256::saturating_mul)
    };
    let (product, divisor) = (wide(&product), wide(&divisor));
    if divisor.is_zero() {
        return 0;
    }
    let whole = product / divisor;
    let floor = Uint128::try_from(whole).map_or(u128::MAX, |whole| whole.u128());
    floor.saturating_add(u128::from(whole * divisor < product))
}

/// Calls of `ContinueDeleverage` that a job still needs if the positions that it comes to are of
/// average size and none is skipped: at least 1.
///
/// Lots are counted once, and twice while the set that shares them is still being summed up; money
/// that is left without lots by the average open profit. Rows of kept profit are not counted: the
/// market knows them.
pub fn steps(job: &Job, crowd: &Crowd, step_limit: u32) -> u32 {
    let work = match (job.pass, job.sharing) {
        (Pass::Kept, _) => 1,
        (Pass::Haircut, _) => crowd.winning_ceil(job.need.to_unsigned()),
        (_, Sharing::Summing { wanted, lots, .. }) => {
            let set = lots.saturating_add(wanted);
            crowd
                .holding_ceil(wanted)
                .saturating_add(crowd.holding_ceil(set))
        }
        (_, Sharing::Known { left, .. }) if left > 0 => crowd.holding_ceil(left),
        _ => crowd.holding_ceil(job.lots.0.into()),
    };
    let steps = work.div_ceil(step_limit.max(1).into());
    steps.clamp(1, u32::MAX.into()) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use perp_core::histogram::FIRST_SHIFT;
    use perp_interface::loss::LossTerms;
    use perp_interface::{Lots, PerLot, Policy, Price, Quote, Side};

    fn job(pass: Pass, sharing: Sharing, (lots, need): (u64, i128)) -> Job {
        let terms = LossTerms {
            loss_id: 1,
            market: 1,
            side: Side::Long,
            mark: Price(1_000),
            index: PerLot(0),
        };
        let opened = Job::open(terms, Lots(lots), Quote(need), Policy::default());
        Job {
            pass,
            sharing,
            ..opened.expect("a job")
        }
    }

    /// 100 shorts of 10 lots, half of them with a profit of 20 a lot.
    fn crowd() -> Crowd {
        let scan = [(-1_020 << 32, 500), (-980 << 32, 500)];
        let mut crowd = Crowd {
            positions: 100,
            ..Crowd::default()
        };
        let histogram = Histogram::of(FIRST_SHIFT, scan).expect("fits");
        crowd.add(&histogram, -1_000 << 32);
        crowd
    }

    #[test]
    fn work_is_counted_in_average_positions() {
        let crowd = crowd();
        // A bucket's middle is half a unit further up: 19 whole units of profit.
        assert_eq!(
            (crowd.lots, crowd.winning, crowd.profit),
            (1_000, 500, 9_500)
        );
        let (whole, weight) = (Sharing::Whole, 1);
        let (wanted, lots) = (300, 100);
        let summing = Sharing::Summing {
            wanted,
            lots,
            weight,
        };
        let known = |left| Sharing::Known {
            lots: 400,
            weight,
            left,
            sent: true,
        };
        let table = [
            // 71 lots are 8 positions.
            (Pass::Profit, whole, (71, 0), 8),
            (Pass::AtMark, whole, (70, 5), 7),
            // Nobody has more than there is.
            (Pass::Equity, whole, (9_999, 0), 100),
            // 30 are left to sum up, and all 40 are asked afterwards.
            (Pass::Profit, summing, (100, 0), 70),
            (Pass::Profit, known(250), (100, 0), 25),
            (Pass::Profit, known(0), (100, 0), 10),
            (Pass::Kept, whole, (0, 77), 1),
            // 190 of profit a position.
            (Pass::Haircut, whole, (0, 191), 2),
            (Pass::Haircut, whole, (0, 1 << 90), 50),
        ];
        for (pass, sharing, left, work) in table {
            let job = job(pass, sharing, left);
            assert_eq!(
                steps(&job, &crowd, 1),
                work,
                "{pass:?} {sharing:?} {left:?}"
            );
            assert_eq!(steps(&job, &crowd, 7), work.div_ceil(7));
        }
    }

    #[test]
    fn an_open_job_has_a_step_left_whoever_is_there() {
        for pass in [Pass::Profit, Pass::Haircut, Pass::Kept] {
            let job = job(pass, Sharing::Whole, (5, 5));
            assert_eq!(steps(&job, &Crowd::default(), 500), 1);
        }
    }

    #[test]
    fn nothing_overflows() {
        let crowd = Crowd {
            positions: u64::MAX,
            lots: u64::MAX.into(),
            winning: u64::MAX.into(),
            profit: 1,
        };
        let job = job(Pass::Haircut, Sharing::Whole, (5, i128::MAX));
        assert_eq!(steps(&job, &crowd, 1), u32::MAX);
    }
}
