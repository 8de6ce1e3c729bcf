//! A node's REST interface over an embedded chain, and a webhook's receiver.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{channel, Receiver, Sender};
use std::time::{Duration, Instant};

use cosmwasm_std::{Binary, Event};
use perp_testkit::Chain;
use perps_cli::verify::Querier;
use serde_json::{json, Value};

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the node does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Answers.
    Well,
    /// Closes the connection.
    Down,
    /// Answers 503.
    Busy,
    /// Answers this text to everything.
    Garbage(&'static str),
    /// Answers blocks, and this text as the data of every smart query.
    Data(&'static str),
    /// Answers state of another height.
    OtherHeight,
}

/// The node.
pub struct Site {
    pub chain: Chain,
    pub mood: Mood,
    /// Blocks by which the node is behind.
    pub behind: u64,
    /// Transactions by hash.
    pub transactions: Vec<(String, Value)>,
    /// Requests served.
    pub served: usize,
    listener: TcpListener,
}

impl Site {
    pub fn new(chain: Chain) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
        listener.set_nonblocking(true).expect("is set");
        Self {
            chain,
            mood: Mood::Well,
            behind: 0,
            transactions: Vec::new(),
            served: 0,
            listener,
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.listener.local_addr().expect("is bound"))
    }

    /// Serves until the condition holds. The embedded chain cannot leave its thread.
    #[track_caller]
    pub fn serve_until(&mut self, mut done: impl FnMut(&Self) -> bool) {
        let start = Instant::now();
        while !done(self) {
            assert!(start.elapsed() < PATIENCE, "nothing came");
            match self.listener.accept() {
                Ok((stream, _)) => self.serve(stream),
                Err(_) => std::thread::sleep(Duration::from_millis(2)),
            }
        }
    }

    /// Serves this many further requests.
    #[track_caller]
    pub fn serve_more(&mut self, requests: usize) {
        let until = self.served + requests;
        self.serve_until(|site| site.served >= until);
    }

    fn serve(&mut self, stream: TcpStream) {
        stream.set_nonblocking(false).expect("is set");
        self.served += 1;
        if self.mood == Mood::Down {
            return;
        }
        let (path, height, _) = request(&stream);
        let (status, body) = self.answer(&path, height);
        let height = height.map_or(String::new(), |height| {
            let height = height + u64::from(self.mood == Mood::OtherHeight);
            format!("grpc-metadata-x-cosmos-block-height: {height}\r\n")
        });
        respond(&stream, status, &height, &body);
    }

    fn answer(&self, path: &str, height: Option<u64>) -> (u16, String) {
        match self.mood {
            Mood::Busy => return (503, json!({"message": "busy"}).to_string()),
            Mood::Garbage(text) => return (200, text.to_owned()),
            _ => {}
        }
        if let Some(block) = path.strip_prefix("/cosmos/base/tendermint/v1beta1/blocks/") {
            return (200, self.block(block));
        }
        if let Some(hash) = path.strip_prefix("/cosmos/tx/v1beta1/txs/") {
            let found = self.transactions.iter().find(|(of, _)| of == hash);
            return match found {
                Some((_, answer)) => (200, answer.to_string()),
                None => (
                    404,
                    json!({"code": 5, "message": "tx not found"}).to_string(),
                ),
            };
        }
        assert!(height.is_some(), "state is asked of one height: {path}");
        let mut parts = path
            .trim_start_matches("/cosmwasm/wasm/v1/contract/")
            .split('/');
        let (contract, smart, query) = (parts.next(), parts.next(), parts.next());
        assert_eq!((smart, parts.next()), (Some("smart"), None), "{path}");
        if let Mood::Data(text) = self.mood {
            return (200, format!(r#"{{"data":{text}}}"#));
        }
        let query = query.expect("a query").replace('-', "+").replace('_', "/");
        let query = Binary::from_base64(&query).expect("base64");
        match self.chain.smart(contract.expect("a contract"), &query) {
            Ok(data) => {
                let data: Value = serde_json::from_slice(&data).expect("JSON");
                (200, json!({"data": data}).to_string())
            }
            Err(error) => (500, json!({"code": 2, "message": error.0}).to_string()),
        }
    }

    fn block(&self, which: &str) -> String {
        let block = self.chain.block().expect("a block");
        let height = which.parse().unwrap_or(block.height - self.behind);
        let time = stamp(block.time);
        json!({"block_id": {}, "block": {"header": {"height": height.to_string(), "time": time}}})
            .to_string()
    }
}

/// A time as nodes write it.
pub fn stamp(time: u64) -> String {
    let (days, seconds) = (time / 86_400, time % 86_400);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!(
        "{}T{hour:02}:{minute:02}:{second:02}.123456789Z",
        date(days)
    )
}

/// The date so many days after 1970, by counting.
fn date(mut days: u64) -> String {
    let mut year = 1970;
    let leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let february = 28 + u64::from(leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    format!("{year}-{month:02}-{:02}", days + 1)
}

/// Path, asked height, and body of a request.
fn request(stream: &TcpStream) -> (String, Option<u64>, String) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).expect("a request");
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let (mut height, mut length) = (None, 0);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).expect("a header");
        let Some((key, value)) = header.trim().split_once(':') else {
            break;
        };
        match key.to_ascii_lowercase().as_str() {
            "x-cosmos-block-height" => height = value.trim().parse().ok(),
            "content-length" => length = value.trim().parse().expect("a length"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    (path, height, String::from_utf8(body).expect("text"))
}

fn respond(mut stream: &TcpStream, status: u16, headers: &str, body: &str) {
    let length = body.len();
    let text = format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{headers}connection: close\r\n\r\n{body}");
    // Whoever has given up does not read it.
    let _ = stream.write_all(text.as_bytes());
}

/// A receiver of posts on a thread of its own: refuses the first ones, tells of the others.
pub fn receiver(refused: usize) -> (String, Receiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
    let url = format!("http://{}/hook", listener.local_addr().expect("is bound"));
    let (sender, receiver) = channel();
    std::thread::spawn(move || receive(&listener, refused, &sender));
    (url, receiver)
}

fn receive(listener: &TcpListener, refused: usize, sender: &Sender<Value>) {
    for (number, stream) in listener.incoming().enumerate() {
        let stream = stream.expect("connects");
        let (_, _, body) = request(&stream);
        if number < refused {
            respond(&stream, 500, "", "{}");
            continue;
        }
        respond(&stream, 200, "", "{}");
        if sender
            .send(serde_json::from_str(&body).expect("JSON"))
            .is_err()
        {
            return;
        }
    }
}

/// A transaction as a node answers it.
pub fn transaction(hash: &str, height: u64, time: &str, events: &[Event]) -> Value {
    let events: Vec<Value> = events
        .iter()
        .map(|event| {
            let attributes: Vec<Value> = event
                .attributes
                .iter()
                .map(|a| json!({"key": a.key, "value": a.value, "index": true}))
                .collect();
            json!({"type": event.ty, "attributes": attributes})
        })
        .collect();
    json!({"tx": {}, "tx_response": {
        "height": height.to_string(), "txhash": hash, "code": 0, "timestamp": time, "events": events}})
}
