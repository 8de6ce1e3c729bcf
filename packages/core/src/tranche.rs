//! The layers of a tranche of the fund, and the order in which losses and revenue go through them.
//!
//! Losses: seed, then staked. Revenue: the purse for bounties, then what losses took of the staked layer,
//! then of the seed, then growth up to the target, then what is above it.

use crate::error::MathResult;
use crate::pool::Pool;
use crate::units::{Quote, Shares};
use crate::wide::mul_div_floor;

/// All of something, in basis points.
const WHOLE: u128 = 10_000;

/// Money of one tranche. No amount is ever negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layers {
    /// The protocol's own money: the first to be lost.
    pub seed: Quote,
    /// The stakers' money.
    pub staked: Pool,
    /// What losses took of the seed and nothing has brought back.
    pub seed_hole: Quote,
    /// What losses took of the staked layer and nothing has brought back to those who are still in it.
    pub staked_hole: Quote,
    /// For whoever executes fills of losses. No loss draws from it.
    pub bounties: Quote,
}

/// An amount, by the layers that it came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByLayer {
    /// Of the seed.
    pub seed: Quote,
    /// Of the staked layer.
    pub staked: Quote,
}

impl ByLayer {
    /// Both.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn total(&self) -> MathResult<Quote> {
        self.seed.plus(self.staked)
    }

    /// Takes `amount` out: of the staked layer's part first, the reverse of the order of losses. Answers
    /// what is left and what was taken.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn take(self, amount: Quote) -> MathResult<(Self, Self)> {
        let staked = amount.min(self.staked);
        let taken = Self {
            staked,
            seed: amount.minus(staked)?.min(self.seed),
        };
        let left = Self {
            seed: self.seed.minus(taken.seed)?,
            staked: self.staked.minus(taken.staked)?,
        };
        Ok((left, taken))
    }
}

/// How revenue is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevenueRule {
    /// Up to what the purse for bounties is filled first.
    pub bounties: Quote,
    /// Capital that the tranche should have.
    pub target: Quote,
    /// The stakers' part of growth below the target, in basis points, 0..=10 000.
    pub staker_share_bps: u32,
    /// Whether what is above the target goes to the stakers too; else it leaves the tranche.
    pub surplus_to_stakers: bool,
}

/// Where an amount of revenue went. The parts sum to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Earned {
    /// To the purse for bounties.
    pub bounties: Quote,
    /// To the staked layer.
    pub staked: Quote,
    /// To the seed.
    pub seed: Quote,
    /// Out of the tranche.
    pub surplus: Quote,
}

impl Layers {
    /// What losses can draw from.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn capital(&self) -> MathResult<Quote> {
        self.seed.plus(self.staked.assets)
    }

    /// Pays for a loss: the seed first. At most the capital.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn draw(self, amount: Quote) -> MathResult<(Self, ByLayer)> {
        let seed = amount.min(self.seed);
        let staked = amount.minus(seed)?.min(self.staked.assets);
        let layers = Self {
            seed: self.seed.minus(seed)?,
            staked: Pool {
                assets: self.staked.assets.minus(staked)?,
                ..self.staked
            },
            seed_hole: self.seed_hole.plus(seed)?,
            staked_hole: self.staked_hole.plus(staked)?,
            ..self
        };
        Ok((layers, ByLayer { seed, staked }))
    }

    /// What a loss did not use comes back to the layers that it came from; to the seed if nobody holds
    /// shares any more.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn give_back(self, back: ByLayer) -> MathResult<Self> {
        if self.staked.shares == Shares::ZERO {
            return self.add_seed(back.total()?);
        }
        self.add_seed(back.seed)?.add_staked(back.staked)
    }

    /// Money for the seed. It closes the seed's hole as far as it goes.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn add_seed(self, amount: Quote) -> MathResult<Self> {
        Ok(Self {
            seed: self.seed.plus(amount)?,
            seed_hole: self.seed_hole.minus(amount)?.or_zero(),
            ..self
        })
    }

    /// Money for those who hold shares. It closes the hole of the staked layer as far as it goes.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn add_staked(self, amount: Quote) -> MathResult<Self> {
        Ok(Self {
            staked: Pool {
                assets: self.staked.assets.plus(amount)?,
                ..self.staked
            },
            staked_hole: self.staked_hole.minus(amount)?.or_zero(),
            ..self
        })
    }

    /// Shares revenue. Without stakers their parts go to the seed. The stakers' part of growth is
    /// rounded down, in favour of the protocol's seed.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn earn(self, amount: Quote, rule: &RevenueRule) -> MathResult<(Self, Earned)> {
        let has_stakers = self.staked.shares > Shares::ZERO;
        let mut left = amount;
        let mut take = |most: Quote| -> MathResult<Quote> {
            let part = left.min(most.or_zero());
            left = left.minus(part)?;
            Ok(part)
        };
        let bounties = take(rule.bounties.minus(self.bounties)?)?;
        let staked_hole = take(if has_stakers {
            self.staked_hole
        } else {
            Quote::ZERO
        })?;
        let seed_hole = take(self.seed_hole)?;
        let restored = self.capital()?.plus(staked_hole)?.plus(seed_hole)?;
        let growth = take(rule.target.minus(restored)?)?;
        let share = if has_stakers {
            let share = u128::from(rule.staker_share_bps).min(WHOLE);
            Quote::from_unsigned(mul_div_floor(growth.to_unsigned(), share, WHOLE)?)?
        } else {
            Quote::ZERO
        };
        let mut earned = Earned {
            bounties,
            staked: staked_hole.plus(share)?,
            seed: seed_hole.plus(growth.minus(share)?)?,
            surplus: Quote::ZERO,
        };
        match (rule.surplus_to_stakers, has_stakers) {
            (false, _) => earned.surplus = left,
            (true, true) => earned.staked = earned.staked.plus(left)?,
            (true, false) => earned.seed = earned.seed.plus(left)?,
        }
        let layers = Self {
            bounties: self.bounties.plus(bounties)?,
            ..self
        };
        let layers = layers.add_seed(earned.seed)?.add_staked(earned.staked)?;
        Ok((layers, earned))
    }

    /// Shares leave with their value, but with no more than `most`. What they are worth beyond that goes to the
    /// seed: left in the pool it would fall to whoever bought shares a moment before. The hole shrinks with
    /// them: it is owed to those who stay, and no more of it than they lost. What nobody has a share in goes to
    /// the seed too. Answers the layers, what is paid out, and what went to the seed.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn redeem(self, shares: Shares, most: Quote) -> MathResult<(Self, Quote, Quote)> {
        let before = self.staked.shares;
        let (mut staked, value) = self.staked.redeem(shares)?;
        let paid = value.min(most);
        let mut to_seed = value.minus(paid)?;
        let mut hole = Quote::ZERO;
        if staked.shares == Shares::ZERO {
            to_seed = to_seed.plus(staked.assets)?;
            staked = Pool::default();
        } else {
            let kept = mul_div_floor(self.staked_hole.to_unsigned(), staked.shares.0, before.0)?;
            hole = Quote::from_unsigned(kept)?;
        }
        let layers = Self {
            staked,
            staked_hole: hole,
            seed: self.seed.plus(to_seed)?,
            ..self
        };
        Ok((layers, paid, to_seed))
    }
}

#[cfg(test)]
#[path = "tranche_tests.rs"]
mod tests;
