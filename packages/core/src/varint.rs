//! Integers in as few bytes as they need: seven bits each, the lowest first, the highest bit set
//! while more follow.

/// Appends a number: a byte for each seven bits.
pub fn write(bytes: &mut Vec<u8>, mut number: u128) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Takes a number off the front; nothing if the bytes end before it does, or it needs more than
/// 128 bits.
pub fn read(bytes: &mut &[u8]) -> Option<u128> {
    let (mut number, mut shift) = (0, 0);
    loop {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let part = u128::from(byte & 0x7f);
        let placed = part.checked_shl(shift).filter(|p| p >> shift == part)?;
        number |= placed;
        if byte & 0x80 == 0 {
            return Some(number);
        }
        shift += 7;
    }
}

/// Appends a signed number: 0, −1, 1, −2 and so on are numbered from 0.
pub fn write_signed(bytes: &mut Vec<u8>, number: i128) {
    write(bytes, (number << 1 ^ number >> 127) as u128);
}

/// Takes a signed number off the front, as [`read`].
pub fn read_signed(bytes: &mut &[u8]) -> Option<i128> {
    let number = read(bytes)?;
    Some((number >> 1) as i128 ^ -((number & 1) as i128))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn small_numbers_take_one_byte() {
        for (number, expected) in [
            (0, &[0u8][..]),
            (127, &[0x7f]),
            (128, &[0x80, 1]),
            (300, &[0xac, 2]),
        ] {
            let mut bytes = vec![];
            write(&mut bytes, number);
            assert_eq!(bytes, expected);
        }
        for (number, expected) in [(0, 0), (-1, 1), (1, 2), (-64, 127)] {
            let mut bytes = vec![];
            write_signed(&mut bytes, number);
            assert_eq!(bytes, [expected]);
        }
    }

    #[test]
    fn what_ends_too_soon_or_is_too_large_is_none() {
        let mut largest = vec![];
        write(&mut largest, u128::MAX);
        assert_eq!(read(&mut &largest[..]), Some(u128::MAX));
        assert_eq!(read(&mut &largest[..18]), None);
        largest[18] += 4;
        assert_eq!(read(&mut &largest[..]), None);
        assert_eq!(read(&mut &[0x80; 40][..]), None);
        assert_eq!(read(&mut &[][..]), None);
    }

    proptest! {
        #[test]
        fn numbers_survive(signed in any::<i128>(), number in any::<u128>(), bits in 0u32..128) {
            let (signed, number) = (signed >> bits, number >> bits);
            let mut bytes = vec![];
            write_signed(&mut bytes, signed);
            write(&mut bytes, number);
            let mut rest = &bytes[..];
            prop_assert_eq!(read_signed(&mut rest), Some(signed));
            prop_assert_eq!(read(&mut rest), Some(number));
            prop_assert!(rest.is_empty());
        }
    }
}
