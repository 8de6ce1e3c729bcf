//! Submessages and their replies: numbers, and the context that travels in the payload.

use cosmwasm_std::{to_json_binary, Binary, StdError};
use perp_interface::{AccountId, MarketId};
use serde::{Deserialize, Serialize};

/// `Update` to the queue, on error.
pub const UPDATE: u64 = 1;
/// `CoverDeficit` to the fund, always.
pub const COVER: u64 = 2;
/// `LossClosed` to the fund, on error.
pub const NOTIFY: u64 = 3;
/// `ContinueDeleverage` to the queue, on error.
pub const CONTINUE: u64 = 4;
/// `BookBounty` to the fund, on error.
pub const BOUNTY: u64 = 5;

/// Pairs of which an `Update` tells; the payload of its reply.
pub type Pairs = Vec<(AccountId, MarketId)>;

/// Context for a reply.
pub fn payload<T: Serialize>(value: &T) -> Result<Binary, StdError> {
    to_json_binary(value)
}

/// Context of a reply.
pub fn from_payload<T: for<'a> Deserialize<'a>>(payload: &Binary) -> Result<T, StdError> {
    cosmwasm_std::from_json(payload)
}
