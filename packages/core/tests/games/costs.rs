//! What ways of keeping an order cost in storage, by the prices of the SDK: the second table of
//! `docs/adr/0005`. Only storage: `packages/wasm-tests/gas.json` has what the built queue uses in all.
//!
//! `cargo test -p perp-core --test games costs -- --nocapture` prints it.

/// What the chain puts before every key.
const PREFIX: u64 = 33;

/// Key and value of a record of the ranking: class, `s·e`, account → lots.
const PLACE: u64 = PREFIX + 3 + 6 + 18 + 8;
/// Account and market → where the position stands.
const KEY_OF: u64 = PREFIX + 3 + 10 + 40;
/// Class → positions and histogram.
const CLASS: u64 = PREFIX + 3 + 4 + 70;
/// Bitmap of the classes that are occupied.
const OCCUPIED: u64 = PREFIX + 3 + 4 + 97;
/// A slot of a heap: number → account, entry, class, lots.
const SLOT: u64 = PREFIX + 3 + 8 + 40;
/// Factor by which a side has shrunk, and what it has been charged.
const SIDE: u64 = PREFIX + 3 + 3 + 60;

/// Positions asked for, classes that a large market occupies, and all there are.
const TOP: u64 = 20;
const CLASSES: u64 = 64;
const ALL_CLASSES: u64 = perp_core::class::CLASS_COUNT as u64;

const MANY: u64 = 1_000_000;

const DELETE: u64 = 1_000;

const fn read(bytes: u64) -> u64 {
    1_000 + 3 * bytes
}

const fn write(bytes: u64) -> u64 {
    2_000 + 30 * bytes
}

const fn row(bytes: u64) -> u64 {
    30 + 3 * bytes
}

/// Opening an iterator is priced as its first row.
const fn walk(rows: u64) -> u64 {
    row(PLACE) + rows * row(PLACE)
}

/// Removes a record of a sorted map, writes another, and notes where it is.
const RESORT: u64 = DELETE + write(PLACE) + write(KEY_OF);

/// A rule, and its gas for a price move, for the change of one position, for the first 20, and for
/// the first 20 when somebody has arranged the positions to make it dear.
#[derive(Clone, Copy, Debug)]
struct Cost {
    rule: &'static str,
    price: fn(u64) -> u64,
    touch: fn(u64) -> u64,
    top: fn(u64) -> u64,
    worst: fn(u64) -> u64,
}

const fn nothing(_: u64) -> u64 {
    0
}

const fn merge(classes: u64) -> u64 {
    read(OCCUPIED) + classes * row(PLACE) + (classes + TOP) * row(PLACE)
}

fn levels(positions: u64) -> u64 {
    u64::from(positions.ilog2()) + 1
}

const COSTS: [Cost; 7] = [
    Cost {
        rule: "this index",
        price: nothing,
        touch: |_| read(KEY_OF) + RESORT + 2 * (read(CLASS) + write(CLASS)),
        top: |_| merge(CLASSES),
        worst: |_| merge(ALL_CLASSES),
    },
    Cost {
        rule: "stored score, rewritten at every price",
        price: |n| n * (row(PLACE) + RESORT),
        touch: |_| read(KEY_OF) + RESORT,
        top: |_| walk(TOP),
        worst: |_| walk(TOP),
    },
    Cost {
        rule: "stored score, left as it was; entry price",
        price: nothing,
        touch: |_| read(KEY_OF) + RESORT,
        top: |_| walk(TOP),
        worst: |_| walk(TOP),
    },
    Cost {
        rule: "heap, restored at every price",
        price: |n| n * (read(SLOT) + write(SLOT) + write(KEY_OF)),
        touch: |n| levels(n) * (2 * read(SLOT) + write(SLOT) + write(KEY_OF)),
        top: |_| (2 * TOP + 1) * read(SLOT),
        worst: |_| (2 * TOP + 1) * read(SLOT),
    },
    Cost {
        rule: "random start",
        price: nothing,
        // Only opening and closing change the list.
        touch: |_| write(PLACE),
        top: |_| walk(TOP),
        worst: walk,
    },
    Cost {
        rule: "named by a keeper",
        price: nothing,
        touch: nothing,
        top: |_| TOP * read(KEY_OF),
        worst: |_| TOP * read(KEY_OF),
    },
    Cost {
        rule: "everybody shrinks, at the next touch",
        price: nothing,
        touch: |_| read(SIDE),
        top: |_| read(SIDE) + write(SIDE),
        worst: |_| read(SIDE) + write(SIDE),
    },
];

fn grouped(gas: u64) -> String {
    let digits = gas.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[test]
fn table() {
    let record = include_str!("../../../../docs/adr/0005-alternatives.md");
    let mut missing = Vec::new();
    for cost in &COSTS {
        let figures = [cost.price, cost.touch, cost.top, cost.worst].map(|f| grouped(f(MANY)));
        let row = format!("| {} | {} |", cost.rule, figures.join(" | "));
        println!("{row}");
        if !record.contains(&row) {
            missing.push(row);
        }
    }
    assert_eq!(missing, [""; 0], "the record does not say so");
}

#[test]
fn claims() {
    let [index, rewritten, _, heap, random, ..] = COSTS;
    for n in [1_000, MANY] {
        assert_eq!((index.price)(n), 0);
        assert_eq!(
            (index.top)(n),
            (index.top)(MANY),
            "whatever the number of positions"
        );
        assert_eq!((index.worst)(n), (index.worst)(MANY));
    }
    // The targets that the built queue is held to.
    assert!((index.touch)(MANY) <= 32_000 && (index.top)(MANY) <= 65_000);
    // Blocks of 100 M gas for one price.
    assert!((rewritten.price)(MANY) / 100_000_000 > 90);
    assert!((heap.price)(MANY) > (rewritten.price)(MANY) / 2);
    assert!((random.worst)(MANY) > 600 * (index.worst)(MANY));
}
