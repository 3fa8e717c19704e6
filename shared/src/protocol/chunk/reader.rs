//! Reads the primitives of an Automerge chunk: bytes and LEB128 numbers, in their one shortest form.
//!
//! Never allocates and never goes past its slice.

use super::ChunkFault;

/// A position in a byte slice.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) const fn remaining(&self) -> usize {
        self.rest.len()
    }

    pub(super) fn byte(&mut self) -> Result<u8, ChunkFault> {
        let (first, rest) = self.rest.split_first().ok_or(ChunkFault::Truncated)?;
        self.rest = rest;
        Ok(*first)
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], ChunkFault> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(ChunkFault::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], ChunkFault> {
        self.take(N)?.try_into().map_err(|_| ChunkFault::Truncated)
    }

    /// Takes as many bytes as the length before them says.
    pub(super) fn prefixed(&mut self) -> Result<&'a [u8], ChunkFault> {
        let count = self.unsigned()?;
        self.take(usize::try_from(count).map_err(|_| ChunkFault::Truncated)?)
    }

    /// Takes what is left.
    pub(super) const fn rest(self) -> &'a [u8] {
        self.rest
    }

    /// An unsigned LEB128 number.
    pub(super) fn unsigned(&mut self) -> Result<u64, ChunkFault> {
        let mut value = 0_u64;
        for shift in (0_u32..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(ChunkFault::Number);
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return if byte == 0 && shift > 0 { Err(ChunkFault::Number) } else { Ok(value) };
            }
        }
        Err(ChunkFault::Number)
    }

    /// A signed LEB128 number.
    pub(super) fn signed(&mut self) -> Result<i64, ChunkFault> {
        let mut value = 0_i64;
        let mut before = 0_u8;
        for shift in (0_u32..64).step_by(7) {
            let byte = self.byte()?;
            value |= i64::from(byte & 0x7f) << shift;
            if byte & 0x80 != 0 {
                before = byte;
                continue;
            }
            let is_extended = shift == 63;
            if is_extended && byte != 0 && byte != 0x7f {
                return Err(ChunkFault::Number);
            }
            let repeats_sign = (byte == 0 && before & 0x40 == 0) || (byte == 0x7f && before & 0x40 != 0);
            if shift > 0 && repeats_sign {
                return Err(ChunkFault::Number);
            }
            if !is_extended && byte & 0x40 != 0 {
                value |= -1_i64 << shift << 7;
            }
            return Ok(value);
        }
        Err(ChunkFault::Number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn write_unsigned(mut value: u64) -> Vec<u8> {
        let mut out = Vec::new();
        loop {
            let byte = u8::try_from(value & 0x7f).unwrap();
            value >>= 7;
            if value == 0 {
                out.push(byte);
                return out;
            }
            out.push(byte | 0x80);
        }
    }

    fn write_signed(mut value: i64) -> Vec<u8> {
        let mut out = Vec::new();
        loop {
            let byte = u8::try_from(value & 0x7f).unwrap();
            value >>= 7;
            if (value == 0 && byte & 0x40 == 0) || (value == -1 && byte & 0x40 != 0) {
                out.push(byte);
                return out;
            }
            out.push(byte | 0x80);
        }
    }

    proptest! {
        #[test]
        fn numbers_come_back(unsigned: u64, signed: i64) {
            prop_assert_eq!(Reader::new(&write_unsigned(unsigned)).unsigned(), Ok(unsigned));
            prop_assert_eq!(Reader::new(&write_signed(signed)).signed(), Ok(signed));
        }
    }

    #[test]
    fn the_widest_numbers_come_back() {
        for value in [0, 1, 63, 64, 127, 128, u64::MAX, u64::MAX >> 1] {
            assert_eq!(Reader::new(&write_unsigned(value)).unsigned(), Ok(value));
        }
        for value in [0, -1, 63, 64, -64, -65, i64::MIN, i64::MAX, i64::MIN + 1] {
            assert_eq!(Reader::new(&write_signed(value)).signed(), Ok(value));
        }
    }

    #[test]
    fn overlong_and_too_large_numbers_are_refused() {
        for bytes in [
            &[0x80_u8, 0][..],
            &[0x81, 0],
            &[0xff; 10],
            &[0x80; 11],
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2],
        ] {
            assert_eq!(Reader::new(bytes).unsigned(), Err(ChunkFault::Number), "{bytes:x?}");
        }
        for bytes in [&[0x80_u8, 0][..], &[0xff, 0x7f], &[0xff; 10], &[0x80; 11]] {
            assert_eq!(Reader::new(bytes).signed(), Err(ChunkFault::Number), "{bytes:x?}");
        }
        assert_eq!(Reader::new(&[0x80]).unsigned(), Err(ChunkFault::Truncated));
        assert_eq!(Reader::new(&[]).signed(), Err(ChunkFault::Truncated));
    }
}
