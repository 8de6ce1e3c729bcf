//! The result as one self-contained HTML file: no script, no outside resource, light and dark.
//!
//! Bars in tables are stretched SVGs without text, so that the text stays HTML and readable at any width; charts with axes are
//! SVGs with a title, a description and a table beside them. Floats are used for drawing only; every amount in text is
//! formatted from its integer.

use crate::result::DemoResult;
use crate::summary::sentence;

mod figures;
mod fund;
mod haircuts;
mod markup;
mod ranks;
mod scale;
mod waterfall;

pub use fund::render_stress;
use markup::escaped;

const STYLE: &str = include_str!("report/style.css");

const TITLE: &str = "10 October 2025, replayed through an exact waterfall";

const SHORTFALLS: &str = "Shortfalls are published, winners and marks are synthetic.</strong> What each coin needed and how many contracts had to be closed is the record of 10 October 2025. Marks are rounded, plausible prices; the winners are generated from a seed to have the published distribution of leverage, profit and size. Lots, ranks, profits and shares of profit on this page are therefore synthetic.";

/// What is real and what is synthetic, and the source of the former.
fn notice(what: &str) -> String {
    format!(
        r#"<aside class="note" aria-label="What is real and what is synthetic">
<p><strong>{what}</p>
<p>Source of the shortfalls: <a href="https://github.com/pluriholonomic/autodeleveraging-analysis">pluriholonomic/autodeleveraging-analysis</a> @ aae0be8, companion of arXiv 2512.01112 and 2602.15182. MIT licence, © 2025 Tarun Chitra, Victor Xu, Nagu Thogiti, Mauricio Trujillo.</p>
</aside>"#
    )
}

/// A page of its own: heading, first sentence, and what follows.
fn page(title: &str, lead: &str, sections: &[String], made_by: &str) -> String {
    format!(
        r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{STYLE}</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p class="lead">{}</p>
{}
<footer><p>Made by <code>{made_by}</code> of cw-perps. Amounts are rounded to two decimals for reading; hover over one for all six, or take the JSON.</p></footer>
</main>
</body>
</html>
"#,
        escaped(lead),
        sections.join("\n")
    )
}

/// The whole page.
pub fn render(result: &DemoResult) -> String {
    let sections = [
        figures::overview(result),
        notice(SHORTFALLS),
        if result.losses.is_empty() {
            String::new()
        } else {
            waterfall::section(result)
        },
        ranks::section(result),
        haircuts::section(result),
        figures::totals(result),
        figures::lists(result),
        figures::settings(&result.params),
    ];
    page(TITLE, &sentence(result), &sections, "perps demo")
}

#[cfg(test)]
mod tests;
