//! Ctrl-C, and waiting that it ends.

use std::sync::mpsc::{sync_channel, Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

/// Says when to stop.
#[derive(Debug)]
pub struct Stop(Receiver<()>);

/// Whoever holds it may stop the other end; dropped, it never does.
#[derive(Clone, Debug)]
pub struct Stopper(SyncSender<()>);

/// Both ends.
pub fn channel() -> (Stopper, Stop) {
    let (sender, receiver) = sync_channel(1);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    /// Asks to stop; returns whether that was asked before.
    pub fn stop(&self) -> bool {
        self.0.try_send(()).is_err()
    }

    /// On Ctrl-C: the first asks, the second ends the process.
    ///
    /// # Errors
    /// If the system takes no handler.
    pub fn on_ctrl_c(self) -> Result<(), ctrlc::Error> {
        let asked = std::sync::atomic::AtomicBool::new(false);
        ctrlc::set_handler(move || {
            self.stop();
            if asked.swap(true, std::sync::atomic::Ordering::SeqCst) {
                std::process::exit(130);
            }
        })
    }
}

impl Stop {
    /// Waits so long; true if it was asked to stop.
    pub fn within(&self, time: Duration) -> bool {
        match self.0.recv_timeout(time) {
            Ok(()) => true,
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => {
                std::thread::sleep(time);
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_until_it_is_asked() {
        let (stopper, stop) = channel();
        assert!(!stop.within(Duration::from_millis(1)));
        assert!(!stopper.stop());
        assert!(stopper.stop(), "asked already");
        assert!(stop.within(Duration::from_secs(60)));
        drop(stopper);
        assert!(!stop.within(Duration::from_millis(1)));
    }
}
