//! Addresses that follow from other things: of modules, of contracts to come.

use cosmrs::AccountId;
use cosmwasm_std::{instantiate2_address, CanonicalAddr};
use sha2::{Digest, Sha256};

use super::error::{ClientError, ClientResult};

/// Reads a bech32 address.
///
/// # Errors
/// `BadInput`.
pub fn parse(address: &str) -> ClientResult<AccountId> {
    let parsed = address.parse();
    parsed.map_err(|_| ClientError::BadInput(format!("'{address}' is no address")))
}

/// The account of a module: the first 20 bytes of the hash of its name. `gov` executes proposals.
///
/// # Errors
/// `BadInput` for a prefix that is none.
pub fn of_module(prefix: &str, module: &str) -> ClientResult<AccountId> {
    let hash = Sha256::digest(module.as_bytes());
    let address = AccountId::new(prefix, &hash[..20]);
    address.map_err(|_| ClientError::BadInput(format!("'{prefix}' is no bech32 prefix")))
}

/// The address that `MsgInstantiateContract2` gives (without `fix_msg`).
///
/// # Errors
/// `BadInput` for a checksum or a salt of a wrong length.
pub fn of_contract(checksum: &[u8], creator: &AccountId, salt: &[u8]) -> ClientResult<AccountId> {
    let creator_bytes = CanonicalAddr::from(creator.to_bytes());
    let address = instantiate2_address(checksum, &creator_bytes, salt)
        .map_err(|e| ClientError::BadInput(e.to_string()))?;
    AccountId::new(creator.prefix(), address.as_slice())
        .map_err(|e| ClientError::BadInput(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gov_account_of_a_known_chain() {
        let gov = of_module("cosmos", "gov").expect("an address");
        assert_eq!(
            gov.as_ref(),
            "cosmos10d07y265gmmuvt4z0w9aw880jnsr700j6zn9kn"
        );
    }

    /// The first vectors of wasmd's `x/wasm/keeper/testdata` for predictable addresses.
    #[test]
    fn contract_addresses_follow_the_vectors_of_wasmd() {
        let checksum = "13a1fc994cc6d1c81b746ee0c0ff6f90043875e0bf1d9be6b7d779fc978dc2a5";
        let creator = AccountId::new("purple", &hex("9999999999aaaaaaaaaabbbbbbbbbbcccccccccc"));
        let creator = creator.expect("an address");
        let cases = [
            ("61", "5e865d3e45ad3e961f77fd77d46543417ced44d924dc3e079b5415ff6775f847"),
            (
                "aabbccddeeffffeeddbbccddaa66551155aaaabbcc787878789900aabbccddeeffffeeddbbccddaa66551155aaaabbcc787878789900aabbbbcc221100acadae",
                "9384c6248c0bb171e306fd7da0993ec1e20eba006452a3a9e078883eb3594564",
            ),
        ];
        for (salt, expected) in cases {
            let address = of_contract(&hex(checksum), &creator, &hex(salt)).expect("an address");
            assert!(address.as_ref().starts_with("purple1"));
            assert_eq!(address.to_bytes(), hex(expected));
        }
    }

    #[test]
    fn a_checksum_or_salt_of_a_wrong_length_is_refused() {
        let creator = of_module("wasm", "gov").expect("an address");
        assert!(of_contract(&[1; 31], &creator, b"salt").is_err());
        assert!(of_contract(&[1; 32], &creator, b"").is_err());
        assert!(of_contract(&[1; 32], &creator, &[1; 65]).is_err());
    }

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len() / 2)
            .map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).expect("hexadecimal"))
            .collect()
    }
}
