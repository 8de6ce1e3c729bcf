//! The page that Prometheus reads.

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use hyper::header::CONTENT_TYPE;
use hyper::service::{make_service_fn, service_fn};
use hyper::{Body, Method, Request, Response, Server, StatusCode};
use thiserror::Error;
use tokio::runtime::{Builder, Runtime};

use super::metrics::Metrics;

/// What OpenMetrics calls itself.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Whoever has not asked by then is let go.
const PATIENCE: Duration = Duration::from_secs(5);

/// There is no page.
#[derive(Debug, Error)]
#[error("metrics_address: {address}: {what}")]
pub struct EndpointError {
    address: SocketAddr,
    what: String,
}

/// A server on a thread of its own; it ends when this is dropped, whoever is still reading.
#[derive(Debug)]
pub struct Endpoint {
    address: SocketAddr,
    runtime: Option<Runtime>,
}

impl Endpoint {
    /// Shows metrics at `/metrics` of an address. It has no password: anything but loopback is
    /// to be kept behind a firewall.
    ///
    /// # Errors
    /// If the address cannot be had.
    pub fn start(address: SocketAddr, metrics: Arc<Metrics>) -> Result<Self, EndpointError> {
        let failed = |what: String| EndpointError { address, what };
        let listener = TcpListener::bind(address).map_err(|e| failed(e.to_string()))?;
        let address = listener.local_addr().map_err(|e| failed(e.to_string()))?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|e| failed(e.to_string()))?;
        let context = runtime.enter();
        let server = Server::from_tcp(listener).map_err(|e| failed(e.to_string()))?;
        let server = server
            .http1_header_read_timeout(PATIENCE)
            .http1_keepalive(false);
        let serving = server.serve(make_service_fn(move |_| {
            let metrics = Arc::clone(&metrics);
            let answer = move |request| {
                let answer = answer(&request, &metrics);
                async move { Ok::<_, Infallible>(answer) }
            };
            async move { Ok::<_, Infallible>(service_fn(answer)) }
        }));
        drop(context);
        runtime.spawn(serving);
        Ok(Self {
            address,
            runtime: Some(runtime),
        })
    }

    /// Where it listens: with port 0 the system has chosen one.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

/// The body of a request is nothing to us, and never read.
fn answer(request: &Request<Body>, metrics: &Metrics) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    if request.uri().path() == "/metrics" && request.method() == Method::GET {
        let kind = hyper::header::HeaderValue::from_static(OPEN_METRICS);
        response.headers_mut().insert(CONTENT_TYPE, kind);
        *response.body_mut() = Body::from(metrics.text());
    } else {
        *response.status_mut() = StatusCode::NOT_FOUND;
        *response.body_mut() = Body::from("see /metrics\n");
    }
    response
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
