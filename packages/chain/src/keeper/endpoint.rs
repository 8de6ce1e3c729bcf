//! The page that Prometheus reads.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use thiserror::Error;
use tiny_http::{Header, Method, Request, Response, Server};

use super::metrics::Metrics;

/// What OpenMetrics calls itself.
const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// There is no page.
#[derive(Debug, Error)]
#[error("metrics_address: {address}: {what}")]
pub struct EndpointError {
    address: SocketAddr,
    what: String,
}

/// A server on a thread of its own; it ends when this is dropped.
pub struct Endpoint {
    server: Arc<Server>,
    thread: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint").finish_non_exhaustive()
    }
}

impl Endpoint {
    /// Shows metrics at `/metrics` of an address. It has no password: anything but loopback is
    /// to be kept behind a firewall.
    ///
    /// # Errors
    /// If the address cannot be had.
    pub fn start(address: SocketAddr, metrics: Arc<Metrics>) -> Result<Self, EndpointError> {
        let server = Server::http(address).map_err(|e| EndpointError {
            address,
            what: e.to_string(),
        })?;
        let server = Arc::new(server);
        let listening = Arc::clone(&server);
        let thread = std::thread::spawn(move || {
            for request in listening.incoming_requests() {
                answer(request, &metrics);
            }
        });
        Ok(Self {
            server,
            thread: Some(thread),
        })
    }

    /// Where it listens: with port 0 the system has chosen one.
    pub fn address(&self) -> Option<SocketAddr> {
        self.server.server_addr().to_ip()
    }
}

fn answer(request: Request, metrics: &Metrics) {
    let is_metrics = request.url() == "/metrics" && *request.method() == Method::Get;
    // A reader that went away is no trouble of ours.
    let _ = if is_metrics {
        let response = Response::from_string(metrics.text());
        match Header::from_bytes("Content-Type", CONTENT_TYPE) {
            Ok(header) => request.respond(response.with_header(header)),
            Err(()) => request.respond(response),
        }
    } else {
        request.respond(Response::from_string("see /metrics\n").with_status_code(404))
    };
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.server.unblock();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
