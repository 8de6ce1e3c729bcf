//! Small pieces of HTML. Every text of a result passes through [`escaped`].

use crate::amount::{grouped, Amount};

/// A part of the waterfall: the class that colours it, and its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub class: &'static str,
    pub name: &'static str,
}

pub(super) const FUND: Part = part("fund", "Insurance fund");
pub(super) const ADL: Part = part("adl", "Deleveraged (ADL)");
pub(super) const HAIRCUT: Part = part("haircut", "Profit haircut");
pub(super) const BAD_DEBT: Part = part("bad", "Bad debt");

const fn part(class: &'static str, name: &'static str) -> Part {
    Part { class, name }
}

pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Not allowed in HTML, not even as a reference.
            c if c.is_control() && !c.is_whitespace() => {}
            c => out.push(c),
        }
    }
    out
}

/// A minus sign is as wide as a digit, a hyphen is not.
pub(super) fn money(amount: Amount) -> String {
    escaped(&amount.rounded().replace('-', "\u{2212}"))
}

/// A table cell with two decimals; the exact amount on hover. Nothing at all is a pale 0.
pub(super) fn amount_cell(amount: Amount) -> String {
    if amount.is_zero() {
        return r#"<td class="n z">0</td>"#.to_string();
    }
    format!(
        r#"<td class="n" title="{} USDC">{}</td>"#,
        amount.exact(),
        money(amount)
    )
}

pub(super) fn number_cell(number: u128) -> String {
    if number == 0 {
        return r#"<td class="n z">0</td>"#.to_string();
    }
    format!(r#"<td class="n">{}</td>"#, grouped(number))
}

/// Header cells; a name that starts with `#` heads a column of numbers.
pub(super) fn header(names: &[&str]) -> String {
    let cells: String = names
        .iter()
        .map(|name| match name.strip_prefix('#') {
            Some(name) => format!(r#"<th scope="col" class="n">{name}</th>"#),
            None => format!(r#"<th scope="col">{name}</th>"#),
        })
        .collect();
    format!("<thead><tr>{cells}</tr></thead>")
}

/// A table that scrolls sideways by itself where it does not fit.
pub(super) fn scrolling(label: &str, table: &str) -> String {
    format!(
        r#"<div class="scroll" role="region" tabindex="0" aria-label="{}">{table}</div>"#,
        escaped(label)
    )
}

/// Checks with what they found and whether that is right.
pub(super) fn check_list<'a>(items: impl IntoIterator<Item = (&'a str, String, bool)>) -> String {
    let items: String = items
        .into_iter()
        .map(|(name, value, holds)| {
            let (class, mark) = if holds {
                ("", "")
            } else {
                (" class=\"off\"", " \u{2717}")
            };
            format!("<li{class}><span>{name}</span><b>{value}{mark}</b></li>")
        })
        .collect();
    format!(r#"<ul class="checks">{items}</ul>"#)
}

pub(super) fn swatch(class: &str) -> String {
    format!(
        r#"<svg viewBox="0 0 11 11" aria-hidden="true"><rect class="{class}" x=".5" y=".5" width="10" height="10"/></svg>"#
    )
}

/// A share for reading: `12.3 %`. Never `0.0 %` for something, never `100.0 %` for less than all.
pub(super) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent == 0.0 {
        "0 %".to_string()
    } else if percent > 0.0 && percent < 0.05 {
        "&lt;0.1 %".to_string()
    } else if (99.95..100.0).contains(&percent) {
        "&gt;99.9 %".to_string()
    } else if percent == 100.0 {
        "100 %".to_string()
    } else {
        format!("{percent:.1} %").replace('-', "\u{2212}")
    }
}

/// part / whole for drawing; 0 when there is no whole.
pub(super) fn ratio(part: Amount, whole: Amount) -> f64 {
    if whole.is_zero() {
        0.0
    } else {
        part.0 as f64 / whole.0 as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_out_of_a_text() {
        assert_eq!(
            escaped(r#"<a href="x" title='y'>&</a>"#),
            "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;&lt;/a&gt;"
        );
        assert_eq!(escaped("a\u{0}\u{1b}b"), "ab");
    }

    #[test]
    fn a_share_is_never_rounded_to_nothing_or_to_all() {
        for (share, expected) in [
            (0.0, "0 %"),
            (0.0001, "&lt;0.1 %"),
            (0.0005, "0.1 %"),
            (0.1234, "12.3 %"),
            (0.9999, "&gt;99.9 %"),
            (1.0, "100 %"),
            (1.5, "150.0 %"),
            (-0.02, "\u{2212}2.0 %"),
        ] {
            assert_eq!(percent(share), expected);
        }
    }

    #[test]
    fn cells_keep_the_exact_amount() {
        assert_eq!(
            amount_cell(Amount(1_500_001)),
            r#"<td class="n" title="1.500001 USDC">1.50</td>"#
        );
        assert_eq!(
            amount_cell(Amount(1)),
            r#"<td class="n" title="0.000001 USDC">&lt;0.01</td>"#
        );
        assert_eq!(amount_cell(Amount(0)), r#"<td class="n z">0</td>"#);
    }
}
