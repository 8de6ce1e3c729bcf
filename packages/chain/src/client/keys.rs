//! A key from a mnemonic in a file.

use std::fmt;
use std::fs;
use std::path::Path;

use bip39::Mnemonic;
use cosmrs::bip32::DerivationPath;
use cosmrs::crypto::secp256k1::SigningKey;
use cosmrs::crypto::PublicKey;
use cosmrs::tx::{Raw, SignDoc};
use cosmrs::AccountId;

use super::error::{ClientError, ClientResult};

/// The path of the first account in most wallets of Cosmos chains.
pub const HD_PATH: &str = "m/44'/118'/0'/0/0";

/// Larger files are no mnemonic.
const MOST_BYTES: u64 = 4096;

/// One account's key. It shows its address and nothing else.
pub struct Keys {
    signing: SigningKey,
    address: AccountId,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Keys {
    /// The account at `hd_path` ([`HD_PATH`]) of the mnemonic in a file, with the chain's bech32
    /// `prefix`. The file has the words and white space only, and nobody but its owner may read it.
    ///
    /// # Errors
    /// `KeyFileExposed`, `KeyFile`.
    pub fn from_mnemonic_file(path: &Path, hd_path: &str, prefix: &str) -> ClientResult<Self> {
        let refused = |what: String| ClientError::KeyFile {
            path: path.to_owned(),
            what,
        };
        let file = fs::metadata(path).map_err(|e| refused(e.to_string()))?;
        refuse_exposed(path, &file)?;
        if !file.is_file() || file.len() > MOST_BYTES {
            return Err(refused(format!("not a file of at most {MOST_BYTES} bytes")));
        }
        let text = fs::read_to_string(path).map_err(|e| refused(e.kind().to_string()))?;
        Self::from_mnemonic(&text, hd_path, prefix).map_err(refused)
    }

    /// From the words. The error tells what is wrong without any of them.
    pub(crate) fn from_mnemonic(words: &str, hd_path: &str, prefix: &str) -> Result<Self, String> {
        let words: Vec<&str> = words.split_whitespace().collect();
        let mnemonic = Mnemonic::parse_normalized(&words.join(" ")).map_err(|e| e.to_string())?;
        let path: DerivationPath = hd_path
            .parse()
            .map_err(|_| format!("'{hd_path}' is no HD path"))?;
        let signing =
            SigningKey::derive_from_path(mnemonic.to_seed(""), &path).map_err(|e| e.to_string())?;
        let address = signing.public_key().account_id(prefix);
        let address = address.map_err(|_| format!("'{prefix}' is no bech32 prefix"))?;
        Ok(Self { signing, address })
    }

    /// The account.
    pub const fn address(&self) -> &AccountId {
        &self.address
    }

    /// Its public key.
    pub fn public_key(&self) -> PublicKey {
        self.signing.public_key()
    }

    /// Signs a transaction.
    ///
    /// # Errors
    /// `BadInput`.
    pub fn sign(&self, document: SignDoc) -> ClientResult<Raw> {
        let signed = document.sign(&self.signing);
        signed.map_err(|e| ClientError::BadInput(e.to_string()))
    }
}

#[cfg(unix)]
fn refuse_exposed(path: &Path, file: &fs::Metadata) -> ClientResult<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = file.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(ClientError::KeyFileExposed {
        path: path.to_owned(),
        mode,
    })
}

#[cfg(not(unix))]
fn refuse_exposed(_: &Path, _: &fs::Metadata) -> ClientResult<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A public test mnemonic; nothing of value may ever be at its addresses.
    const WORDS: &str = "abandon abandon abandon abandon abandon abandon abandon abandon \
                         abandon abandon abandon about";

    #[test]
    fn the_address_of_a_known_mnemonic() {
        let keys = Keys::from_mnemonic(WORDS, HD_PATH, "cosmos").expect("a key");
        let known = "cosmos19rl4cm2hmr8afy4kldpxz3fka4jguq0auqdal4";
        assert_eq!(keys.address().as_ref(), known);
        assert!(!format!("{keys:?}").contains("abandon"));
    }

    #[test]
    fn what_is_wrong_is_told_without_the_words() {
        let cases = [
            (WORDS.replace("about", "zebra"), HD_PATH, "cosmos"),
            ("abandon about".to_owned(), HD_PATH, "cosmos"),
            (WORDS.replace("about", "notaword"), HD_PATH, "cosmos"),
            (WORDS.to_owned(), "m/x", "cosmos"),
            (WORDS.to_owned(), HD_PATH, "Cosmos"),
        ];
        for (words, path, prefix) in cases {
            let error = Keys::from_mnemonic(&words, path, prefix).expect_err("refused");
            for word in ["abandon", "notaword", "zebra"] {
                assert!(!error.contains(word), "{error}");
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let path = std::env::temp_dir().join(format!("perps-chain-key-{}", std::process::id()));
        fs::write(&path, format!("{WORDS}\n")).expect("written");
        let mode = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode));
        mode(0o640).expect("set");
        let error = Keys::from_mnemonic_file(&path, HD_PATH, "wasm").expect_err("refused");
        assert_eq!(error.code(), "key_file_exposed");
        mode(0o600).expect("set");
        let keys = Keys::from_mnemonic_file(&path, HD_PATH, "wasm").expect("a key");
        assert!(keys.address().as_ref().starts_with("wasm1"));
        fs::remove_file(&path).expect("removed");
        let error = Keys::from_mnemonic_file(&path, HD_PATH, "wasm").expect_err("no file");
        assert_eq!(error.code(), "key_file");
    }
}
