//! Three synthetic stakers: one stays, one leaves when it begins to hurt, one leaves when all is over.

use cosmwasm_std::Addr;
use perp_core::pool::Pool;
use perp_interface::fund::{ExecuteMsg, RequestUnstake, Tranche, UnstakeRequest};
use perp_interface::Shares;
use perp_testkit::receipts::of_kind;
use perp_testkit::Chain;

use super::result::{StakerOutcome, Unstake};
use super::{fund, refused, StressError};
use crate::amount::{Amount, Count};

/// Name, and part of all stakes in percent.
const STAKERS: [(&str, u128); 3] = [("stays", 50), ("leaves early", 30), ("leaves late", 20)];

/// Who asks after the first wave that costs stakers something, at the latest in the middle.
pub const EARLY: usize = 1;

/// Who asks after the last wave.
pub const LATE: usize = 2;

/// A staker of the run.
#[derive(Debug)]
pub struct Staker {
    user: Addr,
    request: u64,
    claimable_from: u64,
    /// What it came to so far.
    pub outcome: StakerOutcome,
}

/// All of them stake; nobody if there is nothing to stake.
///
/// # Errors
/// What the fund answers, such as `stake_too_small`.
pub fn stake(chain: &mut Chain, staked: u128) -> Result<Vec<Staker>, StressError> {
    if staked == 0 {
        return Ok(vec![]);
    }
    let (mut stakers, mut left) = (Vec::new(), staked);
    for (i, (name, percent)) in STAKERS.into_iter().enumerate() {
        let last = i + 1 == STAKERS.len();
        let amount = if last { left } else { staked * percent / 100 };
        left -= amount;
        let user = chain.user(&format!("staker-{i}"));
        let events = chain.stake(&user, Tranche::Shared, amount);
        let events = events.map_err(refused("stake"))?;
        let shares: i128 = of_kind(&events, "staked")
            .iter()
            .map(|e| e.number("shares"))
            .sum();
        stakers.push(Staker {
            user,
            request: 0,
            claimable_from: 0,
            outcome: StakerOutcome {
                name: name.to_owned(),
                staked: Amount(amount as i128),
                shares: Count(shares.unsigned_abs()),
                ..StakerOutcome::default()
            },
        });
    }
    Ok(stakers)
}

impl Staker {
    /// What all its shares would be worth now.
    ///
    /// # Errors
    /// What the fund answers.
    pub fn value(&self, chain: &Chain) -> Result<Amount, StressError> {
        let tranche = fund::shared(chain).map_err(refused("tranche"))?;
        let pool = Pool {
            assets: tranche.staked,
            shares: tranche.shares,
        };
        let value = pool.value_floor(Shares(self.outcome.shares.0));
        Ok(Amount(value.map_err(StressError::Math)?.0))
    }

    /// Asks for the money of all its shares, `seconds` after the first wave.
    ///
    /// # Errors
    /// What the fund answers.
    pub fn ask(&mut self, chain: &mut Chain, wave: u32, seconds: u64) -> Result<(), StressError> {
        let msg = ExecuteMsg::RequestUnstake(RequestUnstake {
            tranche: Tranche::Shared,
            shares: Shares(self.outcome.shares.0),
        });
        let events = chain.fund(&self.user, msg).map_err(refused("unstake"))?;
        for event in of_kind(&events, "unstake_requested") {
            self.request = event.number("request") as u64;
            self.claimable_from = event.number("claimable_from") as u64;
            self.outcome.unstake = Some(Unstake {
                wave,
                requested_seconds: seconds,
                value_at_request: Amount(event.number("value")),
                ..Unstake::default()
            });
        }
        Ok(())
    }

    /// Waits for the end of the cooldown and takes what the rule gives. `start` is when the first wave was.
    ///
    /// # Errors
    /// What the fund answers.
    pub fn claim(&mut self, chain: &mut Chain, start: u64) -> Result<(), StressError> {
        let now = chain.app.block_info().time.seconds();
        chain.advance(self.claimable_from.saturating_sub(now), 1);
        let value = self.value(chain)?;
        let msg = ExecuteMsg::ClaimUnstake(UnstakeRequest {
            tranche: Tranche::Shared,
            request: self.request,
        });
        let events = chain.fund(&self.user, msg).map_err(refused("claim"))?;
        let paid = of_kind(&events, "unstaked");
        if let Some(unstake) = &mut self.outcome.unstake {
            unstake.claimed_seconds = chain.app.block_info().time.seconds() - start;
            unstake.value_at_claim = value;
            unstake.paid = Amount(paid.iter().map(|e| e.number("paid")).sum());
        }
        Ok(())
    }
}
