//! How many rows a page has.

const DEFAULT_LIMIT: u32 = 30;
const MAX_LIMIT: u32 = 100;

/// A larger limit than the largest answers a page of the largest.
pub fn limit(asked: Option<u32>) -> usize {
    asked.unwrap_or(DEFAULT_LIMIT).min(MAX_LIMIT) as usize
}
