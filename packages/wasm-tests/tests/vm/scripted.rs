//! A contract in WebAssembly text whose storage operations are known one by one, so that the harness
//! can be checked without a compiler's choices in between.

use std::fmt::Write;

/// Written by `execute`, with this value.
pub const KEPT: (&str, &str) = ("k1", "value1");
/// Written by `execute` and removed again.
pub const REMOVED: (&str, &str) = ("k2", "v2");
const MISSING: &str = "k3";

const ACCEPTED: &str = r#"{"ok":{"messages":[],"attributes":[],"events":[],"data":null}}"#;
/// One submessage that burns a coin and asks for a reply, one attribute, one event, data.
const EXECUTED: &str = r#"{"ok":{"messages":[{"id":7,"payload":"","msg":{"bank":{"burn":{"amount":[{"denom":"uusdc","amount":"1"}]}}},"gas_limit":null,"reply_on":"success"}],"attributes":[{"key":"did","value":"all"}],"events":[{"type":"seen","attributes":[{"key":"a","value":"b"}]}],"data":"AQI="}}"#;
const REPLIED: &str = r#"{"ok":{"messages":[],"attributes":[{"key":"replied","value":"yes"}],"events":[],"data":null}}"#;
/// The JSON text `{}`.
const ANSWERED: &str = r#"{"ok":"e30="}"#;
const REFUSED: &str = r#"{"error":"told to refuse"}"#;

/// Lays texts out in memory, each behind the region that the virtual machine reads it by.
struct Memory {
    data: String,
    free: u32,
}

impl Memory {
    /// Returns the address of the region.
    fn region(&mut self, text: &str) -> u32 {
        let region = self.free;
        let fields = [region + 12, text.len() as u32, text.len() as u32];
        let bytes = fields.iter().flat_map(|field| field.to_le_bytes());
        let bytes = bytes.chain(text.bytes());
        let escaped = bytes.fold(String::new(), |mut all, byte| {
            write!(all, "\\{byte:02x}").expect("a string takes it");
            all
        });
        writeln!(self.data, "(data (i32.const {region}) \"{escaped}\")")
            .expect("a string takes it");
        self.free += 12 + text.len() as u32;
        region
    }
}

/// `execute` runs the script of storage operations; `query` sends `queries` to the chain and answers
/// `{}`; `sudo` never ends; `migrate` returns an error; `reply` returns an attribute.
pub fn contract(queries: &[&str]) -> Vec<u8> {
    let mut memory = Memory {
        data: String::new(),
        free: 1024,
    };
    let [kept, value, removed, short, missing] =
        [KEPT.0, KEPT.1, REMOVED.0, REMOVED.1, MISSING].map(|text| memory.region(text));
    let [accepted, executed, replied, answered, refused] =
        [ACCEPTED, EXECUTED, REPLIED, ANSWERED, REFUSED].map(|text| memory.region(text));
    let ask: String = queries
        .iter()
        .map(|query| {
            format!(
                "(drop (call $query_chain (i32.const {})))\n",
                memory.region(query)
            )
        })
        .collect();
    let text = format!(
        r#"(module
        (import "env" "db_read" (func $read (param i32) (result i32)))
        (import "env" "db_write" (func $write (param i32 i32)))
        (import "env" "db_remove" (func $remove (param i32)))
        (import "env" "db_scan" (func $scan (param i32 i32 i32) (result i32)))
        (import "env" "db_next" (func $next (param i32) (result i32)))
        (import "env" "query_chain" (func $query_chain (param i32) (result i32)))
        (memory (export "memory") 4)
        {data}
        (global $heap (mut i32) (i32.const 65536))
        (func (export "interface_version_8"))
        (func (export "deallocate") (param i32))
        (func (export "allocate") (param $size i32) (result i32)
            (local $region i32)
            (local.set $region (global.get $heap))
            (i32.store (local.get $region) (i32.add (local.get $region) (i32.const 12)))
            (i32.store offset=4 (local.get $region) (local.get $size))
            (i32.store offset=8 (local.get $region) (i32.const 0))
            (global.set $heap
                (i32.add (i32.add (local.get $region) (local.get $size)) (i32.const 16)))
            (local.get $region))
        (func (export "instantiate") (param i32 i32 i32) (result i32) (i32.const {accepted}))
        (func (export "execute") (param i32 i32 i32) (result i32)
            (local $rows i32)
            (call $write (i32.const {kept}) (i32.const {value}))
            (call $write (i32.const {removed}) (i32.const {short}))
            (drop (call $read (i32.const {kept})))
            (drop (call $read (i32.const {missing})))
            (local.set $rows (call $scan (i32.const 0) (i32.const 0) (i32.const 1)))
            (drop (call $next (local.get $rows)))
            (drop (call $next (local.get $rows)))
            (drop (call $next (local.get $rows)))
            (call $remove (i32.const {removed}))
            (i32.const {executed}))
        (func (export "query") (param i32 i32) (result i32) {ask} (i32.const {answered}))
        (func (export "reply") (param i32 i32) (result i32) (i32.const {replied}))
        (func (export "sudo") (param i32 i32) (result i32)
            (loop $again (br $again)) (i32.const {accepted}))
        (func (export "migrate") (param i32 i32) (result i32) (i32.const {refused})))"#,
        data = memory.data,
    );
    wat::parse_str(text).expect("valid text")
}

/// A contract whose `query` tries to write.
pub fn writing_query() -> Vec<u8> {
    let text = r#"(module
        (import "env" "db_write" (func $write (param i32 i32)))
        (memory (export "memory") 4)
        (func (export "interface_version_8"))
        (func (export "deallocate") (param i32))
        (func (export "allocate") (param i32) (result i32)
            (i32.store (i32.const 4096) (i32.const 8192))
            (i32.store (i32.const 4100) (local.get 0))
            (i32.const 4096))
        (func (export "query") (param i32 i32) (result i32)
            (call $write (local.get 0) (local.get 0)) (i32.const 0)))"#;
    wat::parse_str(text).expect("valid text")
}
