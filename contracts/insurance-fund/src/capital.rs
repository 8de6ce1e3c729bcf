//! What came in and went out, and how much of it a loss may have. Pure.

use perp_core::error::{MathError, MathResult};
use perp_interface::Quote;
use serde::{Deserialize, Serialize};

/// Sums since the beginning, none of them ever falling, and the losses that hold capital.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[serde(from = "Row", into = "Row")]
pub struct Capital {
    /// Came from anybody.
    pub contributed: Quote,
    /// Went out to where the authority sent it.
    pub withdrawn: Quote,
    /// Came from markets as fees and surplus.
    pub revenue: Quote,
    /// Went to losses.
    pub paid: Quote,
    /// Came back from losses.
    pub returned: Quote,
    /// Losses that are not closed.
    pub open_losses: u64,
}

impl Capital {
    /// `contributed + revenue + returned − withdrawn − paid`: what the fund can pay with.
    ///
    /// # Errors
    /// `Overflow` if the sums are beyond 2^127.
    pub fn available(&self) -> MathResult<Quote> {
        self.contributed
            .plus(self.revenue)?
            .plus(self.returned)?
            .minus(self.withdrawn)?
            .minus(self.paid)
    }

    /// A further loss holds capital, and got `paid` of it.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn open_loss(self, paid: Quote) -> MathResult<Self> {
        Ok(Self {
            paid: self.paid.plus(paid)?,
            open_losses: self.open_losses.checked_add(1).ok_or(OPEN_LOSSES)?,
            ..self
        })
    }

    /// One loss less holds capital.
    ///
    /// # Errors
    /// `Overflow` if none is open.
    pub fn close_loss(self) -> MathResult<Self> {
        Ok(Self {
            open_losses: self.open_losses.checked_sub(1).ok_or(OPEN_LOSSES)?,
            ..self
        })
    }
}

const OPEN_LOSSES: MathError = MathError::Overflow {
    operation: "open losses",
};

/// As stored: every write of a sum pays for its bytes, and names are most of them.
#[derive(Serialize, Deserialize)]
struct Row(Quote, Quote, Quote, Quote, Quote, u64);

impl From<Row> for Capital {
    fn from(row: Row) -> Self {
        let Row(contributed, withdrawn, revenue, paid, returned, open_losses) = row;
        Self {
            contributed,
            withdrawn,
            revenue,
            paid,
            returned,
            open_losses,
        }
    }
}

impl From<Capital> for Row {
    fn from(c: Capital) -> Self {
        Self(
            c.contributed,
            c.withdrawn,
            c.revenue,
            c.paid,
            c.returned,
            c.open_losses,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_available_counts_every_sum_with_its_sign() {
        let capital = Capital {
            contributed: Quote(1_000),
            withdrawn: Quote(200),
            revenue: Quote(30),
            paid: Quote(500),
            returned: Quote(4),
            open_losses: 9,
        };
        assert_eq!(capital.available(), Ok(Quote(334)));
        let full = Capital {
            contributed: Quote(i128::MAX),
            revenue: Quote(1),
            ..capital
        };
        assert!(full.available().is_err(), "an error, not a panic");
    }

    #[test]
    fn a_loss_is_counted_from_its_opening_to_its_close() {
        let capital = Capital {
            contributed: Quote(10),
            ..Capital::default()
        };
        let open = capital.open_loss(Quote(7)).expect("opens");
        assert_eq!((open.paid, open.open_losses), (Quote(7), 1));
        assert_eq!(open.available(), Ok(Quote(3)));
        let closed = open.close_loss().expect("closes");
        assert_eq!((closed.paid, closed.open_losses), (Quote(7), 0));
        assert!(closed.close_loss().is_err(), "an error, not a panic");
    }

    #[test]
    fn stored_without_names_and_read_back_the_same() {
        let capital = Capital {
            contributed: Quote(1),
            withdrawn: Quote(2),
            revenue: Quote(3),
            paid: Quote(4),
            returned: Quote(5),
            open_losses: 6,
        };
        let text = cosmwasm_std::to_json_string(&capital).expect("json");
        assert_eq!(text, r#"["1","2","3","4","5",6]"#);
        assert_eq!(
            cosmwasm_std::from_json::<Capital>(text).expect("back"),
            capital
        );
    }
}
