//! How a value is written into an event.

use cosmwasm_std::Event;

use crate::fund::{Layer, Tranche};
use crate::governance::Operation;
use crate::{Lots, Pass, PerLot, Price, Quote, ScoreKind, Shares, Side};

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
displayed!(
    u8, u16, u32, u64, bool, String, Layer, Lots, Operation, PerLot, Price, Quote, ScoreKind,
    Shares, Side, Tranche
);

impl Attribute for Pass {
    fn add(&self, event: Event, key: &'static str) -> Event {
        event.add_attribute(key, self.number().to_string())
    }
}

impl<T: ToString> Attribute for Option<T> {
    fn add(&self, event: Event, key: &'static str) -> Event {
        let text = self.as_ref().map_or("none".to_owned(), T::to_string);
        event.add_attribute(key, text)
    }
}
