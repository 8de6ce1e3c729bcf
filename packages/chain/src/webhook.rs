//! Posts JSON to an address, from a thread of its own: a receiver that is slow or down delays
//! nothing else.

use std::sync::mpsc::{sync_channel, Receiver, SyncSender, TrySendError};
use std::thread::JoinHandle;
use std::time::Duration;

use ureq::Agent;

use crate::backoff::Backoff;
use crate::node::{agent, shown};

/// Messages that may wait; what comes beyond is dropped and said so.
const MOST_WAITING: usize = 64;

/// How often and how patiently a message is posted.
#[derive(Clone, Copy, Debug)]
pub struct Delivery {
    /// Of one request.
    pub timeout: Duration,
    /// Attempts for one message.
    pub attempts: u32,
    /// Pause after the first failure; it doubles, up to a minute.
    pub pause: Duration,
}

impl Default for Delivery {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            attempts: 5,
            pause: Duration::from_secs(1),
        }
    }
}

/// The sending end. Dropped, it waits until everything is delivered or given up.
#[derive(Debug)]
pub struct Webhook {
    messages: Option<SyncSender<String>>,
    worker: Option<JoinHandle<()>>,
}

impl Webhook {
    /// Starts the thread. `complain` hears of every message that is given up.
    pub fn start(
        url: String,
        delivery: Delivery,
        complain: impl Fn(String) + Send + 'static,
    ) -> Self {
        let (sender, receiver) = sync_channel(MOST_WAITING);
        let worker = std::thread::spawn(move || deliver_all(&receiver, &url, delivery, &complain));
        Self {
            messages: Some(sender),
            worker: Some(worker),
        }
    }

    /// Has a message posted.
    ///
    /// # Errors
    /// That it was dropped, in words.
    pub fn post(&self, message: String) -> Result<(), &'static str> {
        let sender = self.messages.as_ref().ok_or("the webhook has ended")?;
        sender.try_send(message).map_err(|error| match error {
            TrySendError::Full(_) => "the webhook is too slow: a message was dropped",
            TrySendError::Disconnected(_) => "the webhook has ended",
        })
    }
}

impl Drop for Webhook {
    fn drop(&mut self) {
        self.messages = None;
        if let Some(worker) = self.worker.take() {
            // A panic of the thread was told when it happened.
            let _ = worker.join();
        }
    }
}

fn deliver_all(
    messages: &Receiver<String>,
    url: &str,
    delivery: Delivery,
    complain: &impl Fn(String),
) {
    let agent = agent(delivery.timeout);
    for message in messages {
        if let Err(reason) = deliver(&agent, url, delivery, &message) {
            complain(format!(
                "the webhook took no message in {} attempts: {reason}",
                delivery.attempts
            ));
        }
    }
}

fn deliver(agent: &Agent, url: &str, delivery: Delivery, message: &str) -> Result<(), String> {
    let mut backoff = Backoff::new(delivery.pause, Duration::from_secs(60));
    let mut last = String::new();
    for attempt in 0..delivery.attempts {
        if attempt > 0 {
            std::thread::sleep(backoff.failed());
        }
        let request = agent.post(url).header("content-type", "application/json");
        match request.send(message) {
            Ok(response) if response.status().is_success() => return Ok(()),
            Ok(response) => last = format!("HTTP {}", response.status().as_u16()),
            Err(error) => last = shown(&error.to_string()),
        }
    }
    Err(last)
}
