//! Prices from a file that grows, or that was recorded.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use perp_interface::feed::PriceUpdate;
use perp_interface::Price;

use super::{Batch, PriceError, PriceSource};
use crate::node::shown;

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// What is appended to it is new.
    Follow,
    /// It begins now: times are moved so that the first price was observed at the first look.
    Replay,
}

/// Most bytes that are read at one look.
const MOST_BYTES: u64 = 1 << 20;
/// Longer lines are no prices.
const LONGEST_LINE: usize = 1_024;

/// Prices from a file: JSON lines like `{"market":1,"price":"10000000","publish_time":1700000000}`, or
/// CSV lines like `1,10000000,1700000000`, with or without a head.
#[derive(Debug)]
pub struct FilePrices {
    path: PathBuf,
    mode: Mode,
    read: u64,
    line: u64,
    rest: Vec<u8>,
    replay: VecDeque<PriceUpdate>,
    /// What is added to recorded times.
    offset: Option<i128>,
}

impl FilePrices {
    /// Reads a file from its beginning.
    pub fn new(path: &Path, mode: Mode) -> Self {
        Self {
            path: path.to_owned(),
            mode,
            read: 0,
            line: 0,
            rest: Vec::new(),
            replay: VecDeque::new(),
            offset: None,
        }
    }

    /// The next part of the file; it begins again where the file was replaced by a shorter one.
    fn read_on(&mut self) -> Result<bool, PriceError> {
        let mut file = File::open(&self.path)?;
        let length = file.metadata()?.len();
        if length < self.read {
            (self.read, self.line) = (0, 0);
            self.rest.clear();
        }
        file.seek(SeekFrom::Start(self.read))?;
        let read = file.take(MOST_BYTES).read_to_end(&mut self.rest)? as u64;
        self.read += read;
        Ok(read == MOST_BYTES)
    }

    /// Whole lines only: the last one may still be written.
    fn lines(&mut self) -> (Vec<PriceUpdate>, Option<PriceError>) {
        let (mut prices, mut error) = (Vec::new(), None);
        while let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.rest.drain(..=end).collect();
            self.line += 1;
            match parse(String::from_utf8_lossy(&line).trim(), self.line) {
                Ok(price) => prices.extend(price),
                Err(bad) => error = error.or(Some(bad)),
            }
        }
        if self.rest.len() > LONGEST_LINE {
            self.rest.clear();
            let what = format!("longer than {LONGEST_LINE} bytes");
            let line = self.line + 1;
            error = error.or(Some(PriceError::Line { line, what }));
        }
        (prices, error)
    }

    /// Recorded prices whose moment has come.
    fn due(&mut self, now: u64) -> Vec<PriceUpdate> {
        let Some(first) = self.replay.front() else {
            return Vec::new();
        };
        let begins = i128::from(now) - i128::from(first.publish_time);
        let offset = *self.offset.get_or_insert(begins);
        let moved = |price: &PriceUpdate| {
            let time = i128::from(price.publish_time) + offset;
            u64::try_from(time).unwrap_or_default()
        };
        let count = self.replay.iter().take_while(|p| moved(p) <= now).count();
        let due = self.replay.drain(..count);
        due.map(|price| PriceUpdate {
            publish_time: moved(&price),
            ..price
        })
        .collect()
    }
}

impl PriceSource for FilePrices {
    fn poll(&mut self, now: u64) -> Batch {
        let mut batch = Batch::default();
        loop {
            let is_more = match self.read_on() {
                Ok(is_more) => is_more,
                Err(error) => {
                    batch.complaint = Some(error);
                    break;
                }
            };
            let (prices, complaint) = self.lines();
            batch.prices.extend(prices);
            batch.complaint = batch.complaint.or(complaint);
            if !is_more {
                break;
            }
        }
        if self.mode == Mode::Replay {
            self.replay.extend(batch.prices);
            batch.prices = self.due(now);
        }
        batch
    }
}

/// None for an empty line and for the head of a CSV file.
fn parse(line: &str, number: u64) -> Result<Option<PriceUpdate>, PriceError> {
    let refuse = |what: String| PriceError::Line { line: number, what };
    if line.is_empty() || (number == 1 && line.starts_with("market")) {
        return Ok(None);
    }
    if line.starts_with('{') {
        let read = serde_json::from_str(line);
        return read.map(Some).map_err(|e| refuse(shown(&e.to_string())));
    }
    let fields: Vec<&str> = line.split(',').map(str::trim).collect();
    let [market, price, publish_time] = fields[..] else {
        return Err(refuse("expected market,price,publish_time".to_owned()));
    };
    let no_number = |name: &str, text: &str| refuse(format!("{name}: '{}'", shown(text)));
    Ok(Some(PriceUpdate {
        market: market.parse().map_err(|_| no_number("market", market))?,
        price: Price(price.parse().map_err(|_| no_number("price", price))?),
        publish_time: publish_time
            .parse()
            .map_err(|_| no_number("publish_time", publish_time))?,
    }))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// A file of its own, removed at the end.
    struct Temporary(PathBuf);

    impl Temporary {
        fn new(name: &str) -> Self {
            let name = format!("perps-keeper-{name}-{}.csv", std::process::id());
            Self(std::env::temp_dir().join(name))
        }

        fn append(&self, text: &str) {
            let file = File::options().create(true).append(true).open(&self.0);
            let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
            written.expect("writes");
        }
    }

    impl Drop for Temporary {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.0);
        }
    }

    fn seen(batch: &Batch) -> Vec<(u16, u64, u64)> {
        let prices = batch.prices.iter();
        prices
            .map(|p| (p.market, p.price.0, p.publish_time))
            .collect()
    }

    #[test]
    fn a_file_that_grows_is_read_on_by_whole_lines() {
        let file = Temporary::new("follow");
        let mut prices = FilePrices::new(&file.0, Mode::Follow);
        let missing = prices.poll(0).complaint.expect("there is no file");
        assert!(missing.to_string().starts_with("price_file: "));
        file.append("market,price,publish_time\n1,70,1000\n2, 80 ,10");
        assert_eq!(seen(&prices.poll(0)), [(1, 70, 1_000)]);
        file.append("01\n\n{\"market\":3,\"price\":\"90\",\"publish_time\":1002}\n");
        assert_eq!(seen(&prices.poll(0)), [(2, 80, 1_001), (3, 90, 1_002)]);
        assert_eq!(seen(&prices.poll(0)), []);
        file.append("1,x,1003\n1,71,1004\n");
        let batch = prices.poll(0);
        assert_eq!(seen(&batch), [(1, 71, 1_004)], "the good lines count");
        let complaint = batch.complaint.expect("a bad line").to_string();
        assert_eq!(complaint, "price_line: line 6: price: 'x'");
        std::fs::write(&file.0, "1,72,1005\n").expect("writes");
        assert_eq!(seen(&prices.poll(0)), [(1, 72, 1_005)], "another file");
    }

    #[test]
    fn recorded_prices_come_at_their_distances() {
        let file = Temporary::new("replay");
        file.append("1,70,1000\n1,71,1002\n1,72,1009\n");
        let mut prices = FilePrices::new(&file.0, Mode::Replay);
        assert_eq!(seen(&prices.poll(50_000)), [(1, 70, 50_000)]);
        assert_eq!(seen(&prices.poll(50_001)), []);
        assert_eq!(seen(&prices.poll(50_004)), [(1, 71, 50_002)]);
        assert_eq!(seen(&prices.poll(50_009)), [(1, 72, 50_009)]);
        assert_eq!(seen(&prices.poll(60_000)), []);
    }
}
