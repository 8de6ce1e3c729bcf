//! The cost of each message, read from the scenarios' logs.

use crate::figures::Figures;
use crate::gas::{EntryPoint, Pinning};
use crate::scenario::SCENARIOS;
use crate::stage::{Code, Step};

/// The transaction whose target includes the instances.
const WITH_INSTANCES: &str = "place_order_one_fill";

/// `gas/<contract>/<entry point>/<message>` is one contract's call alone, as it first appears in the
/// scenarios; `tx/<step>` a transaction with all calls that it causes, the dearest of that name.
pub(crate) fn messages(figures: &mut Figures) {
    for (_, scenario) in SCENARIOS {
        for step in &scenario(Code::Built).log {
            note_step(figures, step);
        }
    }
}

fn note_step(figures: &mut Figures, step: &Step) {
    let transaction = &step.transaction;
    for call in &transaction.calls {
        let name = match call.entry {
            // The first key of this message is only its first field.
            EntryPoint::Instantiate => format!("gas/{}/{}", call.contract, call.entry),
            _ => format!("gas/{}/{}", call.contract, call.label()),
        };
        figures.entry(name).or_insert(call.gas());
    }
    let name = format!("tx/{}", step.name);
    if step.name == WITH_INSTANCES {
        for (kind, pinning) in [("pinned", Pinning::Pinned), ("unpinned", Pinning::Unpinned)] {
            let gas = transaction.gas_with_instances(pinning);
            figures.insert(format!("{name}/{kind}"), gas);
        }
    }
    let noted = figures.entry(name).or_default();
    *noted = transaction.gas().max(*noted);
}
