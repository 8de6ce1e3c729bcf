//! The index and the selection against a brute-force sort, on random books.
//!
//! A book is a set of accounts with cash and positions in several markets, with funding, ties, no
//! collateral and absurd collateral. What the queue is told comes from the market's own code; the
//! expected order is worked out from the accounts alone. Between two comparisons accounts are
//! touched in every way that moves a key.
//!
//! `cargo test -p perp-testkit --test books --release -- --ignored` runs 100 000 of them.

mod book;
mod selection;

use book::Book;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Every book has a seed of its own: a failure names it, and it can be run alone.
fn check(seeds: std::ops::Range<u64>) {
    let mut counts = selection::Counts::default();
    for seed in seeds {
        let outcome = std::panic::catch_unwind(|| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let mut counts = selection::Counts::default();
            let mut book = Book::random(&mut rng);
            for _ in 0..3 {
                selection::compare(&book, &mut rng, &mut counts);
                book.touch(&mut rng);
            }
            selection::compare(&book, &mut rng, &mut counts);
            counts
        });
        match outcome {
            Ok(found) => counts.add(&found),
            Err(_) => panic!("the book of seed {seed} differs"),
        }
    }
    println!("{counts:?}");
    counts.assert_all_met();
}

#[test]
fn two_thousand_books_equal_a_sort() {
    check(0..2_000);
}

#[test]
#[ignore = "minutes: run it with --release"]
fn one_hundred_thousand_books_equal_a_sort() {
    check(1_000_000..1_100_000);
}
