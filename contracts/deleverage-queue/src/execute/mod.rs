//! One file per message.

mod clock;
mod connect;
mod continue_deleverage;
mod publish_lights;
mod refresh;
mod report_shortfall;
mod set_policy;
mod update;
mod update_params;

pub use clock::{clock, CLOCK};
pub use connect::{connect, link};
pub use continue_deleverage::continue_deleverage;
pub use publish_lights::publish_lights;
pub use refresh::refresh;
pub use report_shortfall::report_shortfall;
pub use set_policy::{apply_policy, own_policy, set_policy};
pub use update::update;
pub use update_params::{apply_pending, update_params};
