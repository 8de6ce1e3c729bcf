//! A contract that can be migrated to and answers nothing: an upgrade gone wrong.

use crate::error::{PlayError, PlayResult};

/// The interface of CosmWasm, as little of it as a chain accepts. `allocate` never frees; every entry point
/// returns the same empty response, and there is no `query`.
const SOURCE: &str = r#"
(module
  (memory (export "memory") 2)
  (global $free (mut i32) (i32.const 4096))
  (data (i32.const 1024) "\00\08\00\00\42\00\00\00\42\00\00\00")
  (data (i32.const 2048) "{\22ok\22:{\22messages\22:[],\22attributes\22:[],\22events\22:[],\22data\22:null}}    ")
  (func (export "interface_version_8"))
  (func (export "allocate") (param $size i32) (result i32)
    (local $region i32)
    (local.set $region (global.get $free))
    (i32.store (local.get $region) (i32.add (local.get $region) (i32.const 12)))
    (i32.store offset=4 (local.get $region) (local.get $size))
    (i32.store offset=8 (local.get $region) (i32.const 0))
    (global.set $free
      (i32.add (local.get $region) (i32.add (local.get $size) (i32.const 12))))
    (local.get $region))
  (func (export "deallocate") (param i32))
  (func (export "instantiate") (param i32 i32 i32) (result i32) (i32.const 1024))
  (func (export "migrate") (param i32 i32) (result i32) (i32.const 1024)))
"#;

/// Its wasm.
///
/// # Errors
/// `Wrong` if the source does not compile.
pub fn contract() -> PlayResult<Vec<u8>> {
    wat::parse_str(SOURCE).map_err(|e| PlayError::Wrong(format!("the deaf contract: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The region at 1024 names as many bytes as there are.
    #[test]
    fn the_answer_is_as_long_as_it_says() {
        let wasm = contract().expect("compiles");
        let answer = br#"{"ok":{"messages":[],"attributes":[],"events":[],"data":null}}    "#;
        assert_eq!(answer.len(), 0x42);
        assert!(wasm.windows(answer.len()).any(|bytes| bytes == answer));
        assert!(wasm.windows(5).all(|bytes| bytes != b"query"));
    }
}
