//! One file per query.

mod capital;
mod config;
mod headroom;
mod loss;
mod losses;

pub use capital::capital;
pub use config::config;
pub use headroom::headroom;
pub use loss::loss;
pub use losses::losses;
