//! Published lights: four places of a ranking, as they were at one moment.

use perp_core::error::MathResult;
use perp_core::lights::{Point, Thresholds, View};
use perp_core::score::base;
use perp_interface::market::MarkResponse;
use perp_interface::{PerLot, Policy, Price, Side};
use serde::{Deserialize, Serialize};

use crate::state::StoredPolicy;

/// What a publication stores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Published {
    /// Block height.
    pub height: u64,
    /// The policy that was in force.
    pub policy: Policy,
    /// Mark and funding.
    pub moment: MarkResponse,
    /// Places and lots.
    pub thresholds: Thresholds,
}

impl Published {
    /// How the ranking was looked at.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn view(&self, side: Side) -> MathResult<View> {
        let policy = self.policy;
        let base = base(side, self.moment.mark, self.moment.index)?;
        Ok(View { policy, base })
    }
}

type Stored = (u64, StoredPolicy, u64, i128, u64, [(u16, i128); 4]);

impl From<Stored> for Published {
    fn from((height, policy, mark, index, total, points): Stored) -> Self {
        let (mark, index) = (Price(mark), PerLot(index));
        let points = points.map(|(class, order)| Point { class, order });
        Self {
            height,
            policy: policy.into(),
            moment: MarkResponse { mark, index },
            thresholds: Thresholds { points, total },
        }
    }
}

impl From<Published> for Stored {
    fn from(published: Published) -> Self {
        let MarkResponse { mark, index } = published.moment;
        let Thresholds { points, total } = published.thresholds;
        let points = points.map(|point| (point.class, point.order));
        let policy = published.policy.into();
        (published.height, policy, mark.0, index.0, total, points)
    }
}
