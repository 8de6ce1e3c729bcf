//! How long to wait after a failure.

use std::time::Duration;

/// Doubles from a first delay to a last one, until something succeeds.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    first: Duration,
    most: Duration,
    next: Duration,
}

impl Backoff {
    /// From `first` to `most`.
    pub const fn new(first: Duration, most: Duration) -> Self {
        Self {
            first,
            most,
            next: first,
        }
    }

    /// The delay after one more failure.
    pub fn failed(&mut self) -> Duration {
        let now = self.next.min(self.most);
        self.next = now.saturating_mul(2).min(self.most);
        now
    }

    /// Starts again.
    pub fn succeeded(&mut self) {
        self.next = self.first;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_to_the_most_and_starts_again() {
        let seconds = Duration::from_secs;
        let mut backoff = Backoff::new(seconds(1), seconds(5));
        let mut delays = || {
            (0..5)
                .map(|_| backoff.failed().as_secs())
                .collect::<Vec<_>>()
        };
        assert_eq!(delays(), [1, 2, 4, 5, 5]);
        backoff.succeeded();
        assert_eq!(backoff.failed(), seconds(1));
    }
}
