//! A position's place in the queue, and what of it has changed.

use perp_interface::queue::RankResponse;
use perp_interface::{AccountId, Lots, MarketId, Side};
use perps_cli::verify::Block;
use serde::Serialize;
use thiserror::Error;

/// One in millionths.
const WHOLE: u32 = 1_000_000;

/// Width of a percentile band in millionths: a twentieth of the lots.
const BAND: u32 = 50_000;

/// A place, as the queue answers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Side of the position.
    pub side: Side,
    /// Its size.
    pub lots: Lots,
    /// 5 in the first fifth of the queue, 1 in the last, 0 if its passes take nothing.
    pub light: u8,
    /// Lots certainly before it.
    pub lots_ahead_min: Lots,
    /// Lots possibly before it.
    pub lots_ahead_max: Lots,
    /// Lots of the side.
    pub lots_total: Lots,
    /// The least part of the lots that is before it, in millionths.
    pub percentile_min_ppm: u32,
    /// The largest.
    pub percentile_max_ppm: u32,
    /// The score in millionths.
    pub score_ppm: u32,
    /// The place is one of an earlier moment and waits for a refresh.
    pub dirty: bool,
}

/// An answer that cannot be true.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("the queue's answer for market {market} cannot be true: {what}")]
pub struct AbsurdPlace {
    /// The market.
    pub market: MarketId,
    /// What is wrong.
    pub what: &'static str,
}

impl Place {
    /// Reads an answer of the queue.
    ///
    /// # Errors
    /// If its numbers contradict each other.
    pub fn of(market: MarketId, rank: &RankResponse) -> Result<Self, AbsurdPlace> {
        let absurd = |what| Err(AbsurdPlace { market, what });
        if rank.light > 5 {
            return absurd("there are five lights");
        }
        if rank.lots.0 == 0 || rank.lots_total < rank.lots {
            return absurd("a position without lots, or larger than its side");
        }
        if rank.lots_ahead_min > rank.lots_ahead_max || rank.lots_ahead_max > rank.lots_total {
            return absurd("more lots ahead than there are, or fewer than at least");
        }
        let percentiles = rank.percentile_min_ppm..=rank.percentile_max_ppm;
        if percentiles.is_empty() || *percentiles.end() > WHOLE {
            return absurd("a percentile beyond one");
        }
        Ok(Self {
            side: rank.side,
            lots: rank.lots,
            light: rank.light,
            lots_ahead_min: rank.lots_ahead_min,
            lots_ahead_max: rank.lots_ahead_max,
            lots_total: rank.lots_total,
            percentile_min_ppm: rank.percentile_min_ppm,
            percentile_max_ppm: rank.percentile_max_ppm,
            score_ppm: rank.score_ppm,
            dirty: rank.dirty,
        })
    }

    /// The bands of the two bounds.
    const fn bands(&self) -> (u32, u32) {
        (
            self.percentile_min_ppm / BAND,
            self.percentile_max_ppm / BAND,
        )
    }

    fn summary(&self) -> String {
        let percent = |ppm: u32| format!("{}.{}", ppm / 10_000, ppm / 1_000 % 10);
        let ahead = if self.lots_ahead_min == self.lots_ahead_max {
            self.lots_ahead_min.to_string()
        } else {
            format!("{} to {}", self.lots_ahead_min, self.lots_ahead_max)
        };
        let stale = if self.dirty {
            ", waits for a refresh"
        } else {
            ""
        };
        format!(
            "{} {} lots, {ahead} of {} lots ahead ({} to {} %){stale}",
            self.side,
            self.lots,
            self.lots_total,
            percent(self.percentile_min_ppm),
            percent(self.percentile_max_ppm),
        )
    }
}

/// What is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Another light, another side, a position that comes or goes.
    Light,
    /// Also another band of the percentile, in steps of 5 %.
    Band,
    /// Also other lots ahead, or another size.
    #[default]
    Lots,
}

/// A change of one position's place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The same for the same change: a webhook that hears it twice can tell.
    pub id: String,
    /// The account.
    pub account: AccountId,
    /// The market.
    pub market: MarketId,
    /// Height at which it was seen.
    pub height: u64,
    /// Time of that block in seconds.
    pub time: u64,
    /// Before; none: there was no position, or nobody looked.
    pub before: Option<Place>,
    /// Now; none: there is no position.
    pub after: Option<Place>,
}

impl Change {
    /// A change seen at a block.
    pub fn seen(
        (account, market): (AccountId, MarketId),
        block: Block,
        (before, after): (Option<Place>, Option<Place>),
    ) -> Self {
        Self {
            id: format!("{account}-{market}-{}", block.height),
            account,
            market,
            height: block.height,
            time: block.time,
            before,
            after,
        }
    }

    /// Whether anything of this level has changed.
    pub fn is_of(&self, level: Level) -> bool {
        let (Some(before), Some(after)) = (self.before, self.after) else {
            return self.before != self.after;
        };
        let by_light = (before.light, before.side) != (after.light, after.side);
        let by_band = before.bands() != after.bands();
        let ahead = |p: &Place| (p.lots, p.lots_ahead_min, p.lots_ahead_max);
        let by_lots = ahead(&before) != ahead(&after);
        by_light || level >= Level::Band && by_band || level >= Level::Lots && by_lots
    }

    /// One line for people.
    pub fn line(&self) -> String {
        let at = format!(
            "height {}: account {}, market {}",
            self.height, self.account, self.market
        );
        match (&self.before, &self.after) {
            (None, Some(now)) => format!("{at}: light {}, {}", now.light, now.summary()),
            (Some(was), Some(now)) if was.light == now.light => {
                format!("{at}: light {} still, {}", now.light, now.summary())
            }
            (Some(was), Some(now)) => {
                format!(
                    "{at}: light {} -> {}, {}",
                    was.light,
                    now.light,
                    now.summary()
                )
            }
            (_, None) => format!("{at}: no position"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(light: u8, ahead: u64, ppm: u32) -> Place {
        Place {
            side: Side::Short,
            lots: Lots(40),
            light,
            lots_ahead_min: Lots(ahead),
            lots_ahead_max: Lots(ahead + 5),
            lots_total: Lots(200),
            percentile_min_ppm: ppm,
            percentile_max_ppm: ppm + 25_000,
            score_ppm: 7,
            dirty: false,
        }
    }

    fn change(before: Option<Place>, after: Option<Place>) -> Change {
        Change::seen(
            (7, 2),
            Block {
                height: 9,
                time: 99,
            },
            (before, after),
        )
    }

    #[test]
    fn levels_tell_more_and_more() {
        let was = place(3, 80, 400_000);
        let table = [
            (was, [false, false, false]),
            (place(3, 81, 405_000), [false, false, true]),
            (place(3, 91, 455_000), [false, true, true]),
            (place(4, 80, 400_000), [true, true, true]),
            (
                Place {
                    side: Side::Long,
                    ..was
                },
                [true, true, true],
            ),
        ];
        for (now, told) in table {
            let change = change(Some(was), Some(now));
            let levels = [Level::Light, Level::Band, Level::Lots];
            assert_eq!(levels.map(|level| change.is_of(level)), told, "{now:?}");
        }
        for (before, after, told) in [
            (None, Some(was), true),
            (Some(was), None, true),
            (None, None, false),
        ] {
            assert_eq!(change(before, after).is_of(Level::Light), told);
        }
    }

    #[test]
    fn lines() {
        let lines = [
            change(None, Some(place(3, 80, 400_000))),
            change(Some(place(3, 80, 400_000)), Some(place(5, 0, 0))),
            change(Some(place(5, 0, 0)), None),
        ]
        .map(|change| change.line());
        assert_eq!(
            lines,
            [
                "height 9: account 7, market 2: light 3, short 40 lots, 80 to 85 of 200 lots ahead (40.0 to 42.5 %)",
                "height 9: account 7, market 2: light 3 -> 5, short 40 lots, 0 to 5 of 200 lots ahead (0.0 to 2.5 %)",
                "height 9: account 7, market 2: no position",
            ]
        );
    }
}
