//! The built contracts, checked against the list that was written when they were built.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::error::{DeployError, DeployResult};
use super::part::Part;

/// What `scripts/build-wasm.sh` writes beside the contracts.
const CHECKSUMS: &str = "checksums.txt";

/// A built contract.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// The wasm.
    pub wasm: Vec<u8>,
    /// Its SHA-256, hexadecimal; the chain computes the same.
    pub checksum: String,
}

impl Artifact {
    /// Of these bytes.
    pub fn new(wasm: Vec<u8>) -> Self {
        let digest = Sha256::digest(&wasm);
        let checksum = cosmwasm_std::HexBinary::from(&digest[..]).to_hex();
        Self { wasm, checksum }
    }
}

/// All five.
pub type Artifacts = BTreeMap<Part, Artifact>;

/// Reads the artifacts of a folder.
///
/// # Errors
/// `File`, `ArtifactChecksum`.
pub fn read(folder: &Path) -> DeployResult<Artifacts> {
    let file = |name: &str| {
        let path = folder.join(name);
        fs::read(&path).map_err(|e| DeployError::File {
            path,
            what: e.to_string(),
        })
    };
    let list = String::from_utf8_lossy(&file(CHECKSUMS)?).into_owned();
    let mut artifacts = Artifacts::new();
    for part in Part::ALL {
        let artifact = Artifact::new(file(&part.file())?);
        let expected = listed(&list, &part.file()).unwrap_or_default();
        if expected != artifact.checksum {
            return Err(DeployError::ArtifactChecksum {
                part,
                expected,
                actual: artifact.checksum,
            });
        }
        artifacts.insert(part, artifact);
    }
    Ok(artifacts)
}

/// The checksum of a file in a list of `sha256sum`.
fn listed(list: &str, file: &str) -> Option<String> {
    let mut lines = list.lines().filter_map(|line| {
        let (checksum, name) = line.split_once(char::is_whitespace)?;
        Some((checksum, name.trim_start_matches([' ', '*'])))
    });
    let (checksum, _) = lines.find(|(_, name)| *name == file)?;
    Some(checksum.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_checksums_is_read() {
        let list = "aa  perp_market.wasm\nBB *price_feed.wasm\n\nnonsense\n";
        assert_eq!(listed(list, "perp_market.wasm").as_deref(), Some("aa"));
        assert_eq!(listed(list, "price_feed.wasm").as_deref(), Some("bb"));
        assert_eq!(listed(list, "market.wasm"), None);
    }

    #[test]
    fn the_checksum_is_sha256() {
        let known = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Artifact::new(Vec::new()).checksum, known);
    }
}
