//! A tranche: its layers, what has moved so far, and the losses that hold it. Pure.

use perp_core::error::{MathError, MathResult};
use perp_core::pool::Pool;
use perp_core::tranche::{ByLayer, Earned, Layers, RevenueRule};
use perp_interface::fund::{Layer, TrancheSums};
use perp_interface::{Quote, Shares};
use serde::{Deserialize, Serialize};

/// One tranche. `seed + staked + bounties` is always what its sums make: [`Self::booked`].
#[derive(Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq)]
#[serde(from = "Row", into = "Row")]
pub struct Tranche {
    /// Its money.
    pub layers: Layers,
    /// What has moved so far, none of them ever falling.
    pub sums: TrancheSums,
    /// Losses that are not closed.
    pub open_losses: u64,
    /// Since when, in seconds, there has been one without a break.
    pub open_since: u64,
    /// Shares that stakers have asked the money of.
    pub requested: Shares,
    /// Notional of its markets' open interest, each as of its last revenue.
    pub open_interest: Quote,
}

impl Tranche {
    /// What losses can draw from.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn capital(&self) -> MathResult<Quote> {
        self.layers.capital()
    }

    /// All coins that belong to it.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn booked(&self) -> MathResult<Quote> {
        self.capital()?.plus(self.layers.bounties)
    }

    /// Money that somebody gives to a layer.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn contribute(mut self, layer: Layer, amount: Quote) -> MathResult<Self> {
        self.sums.contributed = self.sums.contributed.plus(amount)?;
        self.layers = match layer {
            Layer::Seed => self.layers.add_seed(amount)?,
            Layer::Staked => self.layers.add_staked(amount)?,
            Layer::Bounties => Layers {
                bounties: self.layers.bounties.plus(amount)?,
                ..self.layers
            },
        };
        Ok(self)
    }

    /// Takes seed out, at most what there is.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn withdraw(mut self, amount: Quote) -> MathResult<Self> {
        self.sums.withdrawn = self.sums.withdrawn.plus(amount)?;
        self.layers.seed = self.layers.seed.minus(amount)?;
        Ok(self)
    }

    /// A stake, and the shares that it gets.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn stake(mut self, amount: Quote) -> MathResult<(Self, Shares)> {
        self.sums.staked_in = self.sums.staked_in.plus(amount)?;
        let (staked, shares) = self.layers.staked.stake(amount)?;
        self.layers.staked = staked;
        Ok((self, shares))
    }

    /// The money of a staker has been asked for.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn request(mut self, shares: Shares) -> MathResult<Self> {
        self.requested = self.requested.plus(shares)?;
        Ok(self)
    }

    /// A request is taken back.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn cancel(mut self, shares: Shares) -> MathResult<Self> {
        self.requested = self.requested.minus(shares)?;
        Ok(self)
    }

    /// The shares of a request leave with no more than `most`. Answers what is paid, and what went to the
    /// seed: what they have gained since, and what is left when nobody has shares any more.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn claim(self, shares: Shares, most: Quote) -> MathResult<(Self, Quote, Quote)> {
        let mut left = self.cancel(shares)?;
        let (layers, paid, to_seed) = left.layers.redeem(shares, most)?;
        left.layers = layers;
        left.sums.unstaked = left.sums.unstaked.plus(paid)?;
        Ok((left, paid, to_seed))
    }

    /// A further loss holds it, and gets `paid`.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn open_loss(mut self, paid: Quote, now: u64) -> MathResult<(Self, ByLayer)> {
        if self.open_losses == 0 {
            self.open_since = now;
        }
        self.open_losses = self.open_losses.checked_add(1).ok_or(OPEN_LOSSES)?;
        self.sums.paid = self.sums.paid.plus(paid)?;
        let (layers, drawn) = self.layers.draw(paid)?;
        self.layers = layers;
        Ok((self, drawn))
    }

    /// What a loss did not use comes back.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn give_back(mut self, back: ByLayer) -> MathResult<Self> {
        self.sums.returned = self.sums.returned.plus(back.total()?)?;
        self.layers = self.layers.give_back(back)?;
        Ok(self)
    }

    /// One loss less holds it.
    ///
    /// # Errors
    /// `Overflow` if none is open.
    pub fn close_loss(mut self) -> MathResult<Self> {
        self.open_losses = self.open_losses.checked_sub(1).ok_or(OPEN_LOSSES)?;
        Ok(self)
    }

    /// Revenue of one of its markets.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn earn(mut self, amount: Quote, rule: &RevenueRule) -> MathResult<(Self, Earned)> {
        self.sums.revenue = self.sums.revenue.plus(amount)?;
        let (layers, earned) = self.layers.earn(amount, rule)?;
        self.layers = layers;
        self.sums.surplus = self.sums.surplus.plus(earned.surplus)?;
        Ok((self, earned))
    }

    /// Pays a bounty, at most what is in the purse.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn pay_bounty(mut self, amount: Quote) -> MathResult<Self> {
        self.layers.bounties = self.layers.bounties.minus(amount)?;
        self.sums.bounties_paid = self.sums.bounties_paid.plus(amount)?;
        Ok(self)
    }

    /// The open interest of one of its markets was `before` and is `after`.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn insure(mut self, before: Quote, after: Quote) -> MathResult<Self> {
        self.open_interest = self.open_interest.minus(before)?.plus(after)?.or_zero();
        Ok(self)
    }
}

const OPEN_LOSSES: MathError = MathError::Overflow {
    operation: "open losses",
};

/// As stored: every write of a sum pays for its bytes, and names are most of them.
#[derive(Serialize, Deserialize)]
struct Row(
    (Quote, Quote, Shares, Quote, Quote, Quote),
    (Quote, Quote, Quote, Quote),
    (Quote, Quote, Quote, Quote, Quote),
    (u64, u64),
    (Shares, Quote),
);

impl From<Row> for Tranche {
    fn from(row: Row) -> Self {
        let Row(layers, by_people, by_markets, (open_losses, open_since), rest) = row;
        let (seed, assets, shares, seed_hole, staked_hole, bounties) = layers;
        let (contributed, staked_in, withdrawn, unstaked) = by_people;
        let (revenue, paid, returned, bounties_paid, surplus) = by_markets;
        Self {
            layers: Layers {
                seed,
                staked: Pool { assets, shares },
                seed_hole,
                staked_hole,
                bounties,
            },
            sums: TrancheSums {
                contributed,
                staked_in,
                withdrawn,
                unstaked,
                revenue,
                paid,
                returned,
                bounties_paid,
                surplus,
            },
            open_losses,
            open_since,
            requested: rest.0,
            open_interest: rest.1,
        }
    }
}

impl From<Tranche> for Row {
    fn from(t: Tranche) -> Self {
        let (l, s) = (t.layers, t.sums);
        Self(
            (
                l.seed,
                l.staked.assets,
                l.staked.shares,
                l.seed_hole,
                l.staked_hole,
                l.bounties,
            ),
            (s.contributed, s.staked_in, s.withdrawn, s.unstaked),
            (s.revenue, s.paid, s.returned, s.bounties_paid, s.surplus),
            (t.open_losses, t.open_since),
            (t.requested, t.open_interest),
        )
    }
}

#[cfg(test)]
#[path = "tranche_tests.rs"]
mod tests;
