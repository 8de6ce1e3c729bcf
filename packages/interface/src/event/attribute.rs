//! How a value is written into an event.

use cosmwasm_std::Event;

use crate::{Lots, Pass, PerLot, Price, Quote, ScoreKind, Side};

/// A value as it stands in an event: its `Display` text, a pass as its number.
pub trait Attribute {
    fn add(&self, event: Event, key: &'static str) -> Event;
}

macro_rules! displayed {
    ($($type:ty),*) => {
        $(impl Attribute for $type {
            fn add(&self, event: Event, key: &'static str) -> Event {
                event.add_attribute(key, self.to_string())
            }
        })*
    };
}
displayed!(u8, u16, u32, u64, bool, String, Lots, PerLot, Price, Quote, ScoreKind, Side);

impl Attribute for Pass {
    fn add(&self, event: Event, key: &'static str) -> Event {
        event.add_attribute(key, self.number().to_string())
    }
}
