//! One file per submessage that is replied to.

mod cover;
mod report;

pub use cover::cover;
pub use report::report;
