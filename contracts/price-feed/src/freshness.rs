//! Which publish times are accepted, when a price is set and when it is read. Pure.

use perp_interface::feed::PriceUpdate;
use perp_interface::params::FeedParams;
use perp_interface::{MarketId, Price};

use crate::error::{ContractError, ContractResult};

/// Accepts a new price whose publish time lies in `now − max_age ..= now + max_future` and is
/// not before `stored`. Equal times are accepted and the last write wins: two feeders may
/// observe in the same second, and a feeder may correct itself.
///
/// # Errors
/// `price_out_of_range`, `PriceFromFuture`, `PriceTooOld`, `PriceOutOfOrder`.
pub fn admit(
    update: &PriceUpdate,
    stored: Option<u64>,
    now: u64,
    params: &FeedParams,
) -> ContractResult<()> {
    let PriceUpdate {
        market,
        price,
        publish_time,
    } = *update;
    Price::new(price.0)?;
    let latest = now.saturating_add(params.max_future);
    if publish_time > latest {
        return Err(ContractError::PriceFromFuture {
            market,
            publish_time,
            latest,
        });
    }
    let earliest = now.saturating_sub(params.max_age);
    if publish_time < earliest {
        return Err(ContractError::PriceTooOld {
            market,
            publish_time,
            earliest,
        });
    }
    match stored {
        Some(stored) if publish_time < stored => Err(ContractError::PriceOutOfOrder {
            market,
            publish_time,
            stored,
        }),
        _ => Ok(()),
    }
}

/// Refuses to read a price older than `max_age`. A price from the accepted bit of future has
/// age 0.
///
/// # Errors
/// `StalePrice`.
pub fn require_age(
    market: MarketId,
    publish_time: u64,
    now: u64,
    max_age: Option<u64>,
) -> ContractResult<()> {
    let age = now.saturating_sub(publish_time);
    match max_age {
        Some(max_age) if age > max_age => Err(ContractError::StalePrice {
            market,
            age,
            max_age,
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_000;

    fn code(result: ContractResult<()>) -> String {
        result.map_or_else(|error| error.code(), |()| "ok".to_string())
    }

    #[test]
    fn admission_by_price_and_publish_time() {
        let params = FeedParams {
            max_future: 5,
            max_age: 60,
        };
        let table = [
            // price, publish time, stored, outcome
            (1, NOW, None, "ok"),
            ((1 << 40) - 1, NOW, None, "ok"),
            (0, NOW, None, "price_out_of_range"),
            (1 << 40, NOW, None, "price_out_of_range"),
            (7, NOW + 5, None, "ok"),
            (7, NOW + 6, None, "price_from_future"),
            (7, u64::MAX, None, "price_from_future"),
            (7, NOW - 60, None, "ok"),
            (7, NOW - 61, None, "price_too_old"),
            (7, 0, None, "price_too_old"),
            (7, NOW, Some(NOW), "ok"),
            (7, NOW, Some(NOW - 1), "ok"),
            (7, NOW, Some(NOW + 1), "price_out_of_order"),
        ];
        for (price, publish_time, stored, outcome) in table {
            let update = PriceUpdate {
                market: 1,
                price: Price(price),
                publish_time,
            };
            assert_eq!(
                code(admit(&update, stored, NOW, &params)),
                outcome,
                "price {price} at {publish_time}, stored {stored:?}"
            );
        }
    }

    #[test]
    fn admission_does_not_overflow_at_the_ends_of_time() {
        let params = FeedParams::default();
        let update = |publish_time| PriceUpdate {
            market: 1,
            price: Price(7),
            publish_time,
        };
        assert_eq!(code(admit(&update(0), None, 0, &params)), "ok");
        assert_eq!(
            code(admit(&update(u64::MAX), None, u64::MAX, &params)),
            "ok"
        );
    }

    #[test]
    fn age_when_read() {
        let table = [
            (NOW, Some(0), "ok"),
            (NOW - 1, Some(0), "stale_price"),
            (NOW - 60, Some(60), "ok"),
            (NOW - 61, Some(60), "stale_price"),
            (NOW + 5, Some(0), "ok"),
            (0, None, "ok"),
        ];
        for (publish_time, max_age, outcome) in table {
            assert_eq!(
                code(require_age(1, publish_time, NOW, max_age)),
                outcome,
                "{publish_time} with {max_age:?}"
            );
        }
    }
}
