//! Three charts over the waves, one below the other: capital by layer, who paid, the price of a share.

use crate::amount::Amount;
use crate::stress::{lapse, price, After, StressResult, WaveOutcome};

use super::super::markup::{scrolling, swatch, ADL, BAD_DEBT, FUND, HAIRCUT};
use super::super::scale::{gridlines, nice_ceil, short, trimmed, Axis};

const LEFT: f64 = 52.0;
const RIGHT: f64 = 1_066.0;

/// Part of a slot that its bar fills.
const FILLED: f64 = 0.68;

/// Where the capital panel begins and the price panel ends: marks go through all of them.
const TOP: f64 = 48.0;
const BOTTOM: f64 = 548.0;

pub(super) fn section(result: &StressResult) -> String {
    if result.waves.is_empty() {
        return String::new();
    }
    let chart = Chart {
        result,
        slot: (RIGHT - LEFT) / (result.waves.len() + 1) as f64,
    };
    format!(
        r#"<h2>Wave by wave</h2>{}{}"#,
        key(),
        scrolling("Chart of the waves", &chart.svg())
    )
}

fn key() -> String {
    let parts = [
        ("fund", "Staked, or paid by the fund"),
        ("seed", "Seed"),
        ("saved", "What the wave took of the capital"),
        (ADL.class, ADL.name),
        (HAIRCUT.class, HAIRCUT.name),
        (BAD_DEBT.class, BAD_DEBT.name),
    ];
    let items: String = parts
        .iter()
        .map(|(class, name)| format!("<li>{}{name}</li>", swatch(class)))
        .collect();
    format!(r#"<ul class="key">{items}<li>Dashed line: at it the fund stops</li></ul>"#)
}

struct Chart<'a> {
    result: &'a StressResult,
    slot: f64,
}

impl Chart<'_> {
    fn svg(&self) -> String {
        format!(
            r#"<svg class="chart waves" viewBox="0 0 1072 592" role="img"><title>The fund through the waves</title><desc>{}</desc>{}{}{}{}{}</svg>"#,
            self.described(),
            self.marks(),
            self.capital(),
            self.paid(),
            self.shares(),
            self.labels()
        )
    }

    fn described(&self) -> String {
        let after = self.result.after_crash().copied().unwrap_or_default();
        format!(
            "Capital from {} to {} USDC, a share from {} to {}. The tables have the figures.",
            self.result.capital().rounded(),
            Amount(after.seed.0 + after.staked.0).rounded(),
            self.price(0),
            price(after.share_price_ppm)
        )
    }

    /// Left end of the bar of a place; 0 is the start, then the waves.
    fn x(&self, place: usize) -> f64 {
        LEFT + (place as f64 + (1.0 - FILLED) / 2.0) * self.slot
    }

    fn middle(&self, place: usize) -> f64 {
        LEFT + (place as f64 + 0.5) * self.slot
    }

    /// Price at the start for 0, then after the waves.
    fn price(&self, place: usize) -> f64 {
        match place.checked_sub(1) {
            None => 1.0,
            Some(i) => self.result.waves[i].after.share_price_ppm.0 as f64 / 1e6,
        }
    }

    /// Parts on each other, each from its amount.
    fn stack(&self, axis: &Axis, place: usize, parts: &[(&str, Amount)]) -> String {
        let (mut below, mut out) = (0.0, String::new());
        for (class, amount) in parts.iter().filter(|(_, amount)| amount.0 > 0) {
            let (from, to) = (axis.y(below), axis.y(below + amount.0 as f64));
            below += amount.0 as f64;
            out.push_str(&format!(
                r#"<rect class="{class}" x="{:.1}" y="{to:.1}" width="{:.1}" height="{:.1}"/>"#,
                self.x(place),
                self.slot * FILLED,
                (from - to).max(0.5)
            ));
        }
        out
    }

    fn capital(&self) -> String {
        let axis = panel(self.result.capital().0 as f64, 264.0, TOP);
        let setup = &self.result.fund;
        let mut out = title("Capital after the wave, USDC", TOP);
        out.push_str(&gridlines(&axis, (LEFT, RIGHT), units));
        out.push_str(&self.stack(
            &axis,
            0,
            &[("fund", setup.staked), ("seed", setup.seed_capital)],
        ));
        for (i, wave) in self.result.waves.iter().enumerate() {
            let taken = Amount(wave.sums.paid.0 - wave.sums.returned.0);
            let After { seed, staked, .. } = wave.after;
            let parts = [("fund", staked), ("seed", seed), ("saved", taken)];
            out.push_str(&self.stack(&axis, i + 1, &parts));
        }
        let mut line = String::new();
        for (i, wave) in self.result.waves.iter().enumerate() {
            let y = axis.y(wave.after.trip_line.0 as f64);
            let (step, end) = (
                if i == 0 { 'M' } else { 'L' },
                LEFT + (i + 2) as f64 * self.slot,
            );
            line.push_str(&format!("{step}{:.1} {y:.1}H{end:.1}", end - self.slot));
        }
        out.push_str(&format!(r#"<path class="trip" d="{line}"/>"#));
        out
    }

    fn paid(&self) -> String {
        let whole = |wave: &WaveOutcome| wave.sums.needed.0 + wave.sums.slippage.0;
        let most = self.result.waves.iter().map(whole).max().unwrap_or(0);
        let axis = panel(most as f64, 404.0, 306.0);
        let mut out = title("Who paid for the wave, USDC", 306.0);
        out.push_str(&gridlines(&axis, (LEFT, RIGHT), units));
        for (i, wave) in self.result.waves.iter().enumerate() {
            let sums = &wave.sums;
            let parts = [
                (FUND.class, sums.fund_used),
                (ADL.class, sums.adl_taken),
                (HAIRCUT.class, sums.haircut),
                (BAD_DEBT.class, sums.bad_debt),
            ];
            out.push_str(&self.stack(&axis, i + 1, &parts));
        }
        out
    }

    fn shares(&self) -> String {
        let places = 0..=self.result.waves.len();
        let prices: Vec<f64> = places.map(|place| self.price(place)).collect();
        let least = prices.iter().copied().fold(1.0, f64::min);
        let axis = Axis {
            // A tenth below, so that a small fall is seen and none looks like all.
            low: ((least * 10.0 - 1e-9).floor() / 10.0).max(0.0),
            high: prices.iter().copied().fold(1.0, f64::max),
            logarithmic: false,
            bottom: BOTTOM,
            top: 446.0,
        };
        let mut out = title("Price of a share, in units of the first", 446.0);
        out.push_str(&gridlines(&axis, (LEFT, RIGHT), trimmed));
        let (mut line, mut dots) = (String::new(), String::new());
        for (place, price) in prices.into_iter().enumerate() {
            let (x, y) = (self.middle(place), axis.y(price));
            let step = if place == 0 { 'M' } else { 'L' };
            line.push_str(&format!("{step}{x:.1} {y:.1}"));
            dots.push_str(&format!("M{x:.1} {y:.1}h0"));
        }
        out.push_str(&format!(
            r#"<path class="share" d="{line}"/><path class="share dots" d="{dots}"/>"#
        ));
        out
    }

    /// Where the fund stopped or paid again: a line through all panels.
    fn marks(&self) -> String {
        let mut out = String::new();
        for moment in &self.result.trigger {
            let what = if moment.tripped {
                "stopped"
            } else {
                "pays again"
            };
            let place = self
                .result
                .waves
                .iter()
                .position(|wave| Some(wave.wave) == moment.wave);
            let (x, anchor) = match place {
                Some(i) => (self.middle(i + 1), "middle"),
                None => (RIGHT, "end"),
            };
            out.push_str(&format!(
                r#"<path class="mark" d="M{x:.1} {TOP}V{BOTTOM}"/><text class="mark-name" x="{x:.1}" y="14" text-anchor="{anchor}">{what} after {}</text>"#,
                lapse(moment.seconds)
            ));
        }
        out
    }

    fn labels(&self) -> String {
        let mut out = format!(
            r#"<text x="{:.1}" y="566" text-anchor="middle">start</text>"#,
            self.middle(0)
        );
        for (i, wave) in self.result.waves.iter().enumerate() {
            out.push_str(&format!(
                r#"<text class="name" x="{x:.1}" y="566" text-anchor="middle">{}</text><text x="{x:.1}" y="583" text-anchor="middle">{}:{:02}</text>"#,
                wave.wave,
                wave.seconds / 60,
                wave.seconds % 60,
                x = self.middle(i + 1)
            ));
        }
        out
    }
}

fn title(text: &str, top: f64) -> String {
    format!(
        r#"<text class="name" x="0" y="{}">{text}</text>"#,
        top - 14.0
    )
}

fn panel(most: f64, bottom: f64, top: f64) -> Axis {
    Axis {
        low: 0.0,
        high: nice_ceil(most),
        logarithmic: false,
        bottom,
        top,
    }
}

/// Base units as whole ones.
fn units(base: f64) -> String {
    short(base / 1e6)
}
