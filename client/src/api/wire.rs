//! How what interface and engine say to each other becomes bytes.
//!
//! Not CBOR: both ends are of the same build, so nothing is skipped, defaulted or told by name, and a reader is a tenth of
//! what one of CBOR weighs; there are a hundred of them in both modules. What is kept in rows stays CBOR, and so does what
//! the relay hears.
//!
//! Numbers are of variable length, seven bits a byte, lowest first; a text or a list is its length and what is in it; of an
//! enum its variant's number comes first. `#[derive(Wire)]` writes the rest.

use std::collections::BTreeMap;

use shared::id::{AccountId, CaseId, HeldId, RowId, SubjectId, VaultId};
use shared::nik::Doubt;
use shared::sync::sending::{Sending, WaitsFor};
use shared::tables::{Table, TableId, TableRow};
use shared::value::Scalar;

/// What travels.
pub trait Wire: Sized {
    /// Adds it to a message.
    fn put(&self, out: &mut Vec<u8>);

    /// Takes it from a message; none when that was not written by this build.
    fn take(from: &mut Reader<'_>) -> Option<Self>;

    /// Adds a list.
    fn put_list(list: &[Self], out: &mut Vec<u8>) {
        put_number(list.len(), out);
        list.iter().for_each(|one| one.put(out));
    }

    /// Takes a list.
    fn take_list(from: &mut Reader<'_>) -> Option<Vec<Self>> {
        let len = from.len()?;
        // Not reserved by what the message says: each has a byte at least, but may be large in memory.
        let mut list = Vec::new();
        for _ in 0..len {
            list.push(Self::take(from)?);
        }
        Some(list)
    }
}

/// The bytes of a message.
pub fn to_bytes(message: &impl Wire) -> Vec<u8> {
    let mut out = Vec::new();
    message.put(&mut out);
    out
}

/// The message in some bytes, all of them.
pub fn from_bytes<T: Wire>(bytes: &[u8]) -> Option<T> {
    let mut from = Reader { left: bytes };
    let message = T::take(&mut from)?;
    from.left.is_empty().then_some(message)
}

/// What is still to be read of a message.
#[derive(Debug)]
pub struct Reader<'a> {
    left: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Takes one byte.
    #[inline(never)]
    pub fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.left.split_first()?;
        self.left = rest;
        Some(*first)
    }

    /// Takes so many bytes.
    #[inline(never)]
    fn bytes(&mut self, len: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.left.split_at_checked(len)?;
        self.left = rest;
        Some(bytes)
    }

    #[inline(never)]
    fn number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f).wrapping_shl(shift);
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn len(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }
}

#[inline(never)]
fn put_u64(mut number: u64, out: &mut Vec<u8>) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            out.push(low & 0x7f);
            return;
        }
        out.push(low | 0x80);
    }
}

fn put_number(number: usize, out: &mut Vec<u8>) {
    put_u64(u64::try_from(number).unwrap_or(u64::MAX), out);
}

#[inline(never)]
fn put_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    put_number(bytes.len(), out);
    out.extend_from_slice(bytes);
}

impl Wire for u8 {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(*self);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        from.byte()
    }

    fn put_list(list: &[Self], out: &mut Vec<u8>) {
        put_bytes(list, out);
    }

    fn take_list(from: &mut Reader<'_>) -> Option<Vec<Self>> {
        let len = from.len()?;
        from.bytes(len).map(<[u8]>::to_vec)
    }
}

macro_rules! numbers {
    ($($kind:ty)*) => {$(
        impl Wire for $kind {
            fn put(&self, out: &mut Vec<u8>) {
                put_u64(u64::from(*self), out);
            }

            fn take(from: &mut Reader<'_>) -> Option<Self> {
                from.number()?.try_into().ok()
            }
        }
    )*};
}

numbers!(u16 u32 u64);

impl Wire for bool {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        match from.byte()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Wire for String {
    fn put(&self, out: &mut Vec<u8>) {
        put_bytes(self.as_bytes(), out);
    }

    #[inline(never)]
    fn take(from: &mut Reader<'_>) -> Option<Self> {
        Self::from_utf8(Vec::take(from)?).ok()
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn put(&self, out: &mut Vec<u8>) {
        T::put_list(self, out);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        T::take_list(from)
    }
}

impl<T: Wire> Wire for BTreeMap<String, T> {
    fn put(&self, out: &mut Vec<u8>) {
        put_number(self.len(), out);
        for (key, value) in self {
            key.put(out);
            value.put(out);
        }
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        let mut map = Self::new();
        for _ in 0..from.len()? {
            map.insert(Wire::take(from)?, Wire::take(from)?);
        }
        Some(map)
    }
}

impl<T: Wire> Wire for Option<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_some().put(out);
        if let Some(value) = self {
            value.put(out);
        }
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        if bool::take(from)? { T::take(from).map(Some) } else { Some(None) }
    }
}

impl<T: Wire, E: Wire> Wire for Result<T, E> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_ok().put(out);
        match self {
            Ok(value) => value.put(out),
            Err(error) => error.put(out),
        }
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        if bool::take(from)? { T::take(from).map(Ok) } else { E::take(from).map(Err) }
    }
}

impl<T: Wire> Wire for Box<T> {
    fn put(&self, out: &mut Vec<u8>) {
        T::put(self, out);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        T::take(from).map(Self::new)
    }
}

impl<A: Wire, B: Wire> Wire for (A, B) {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
        self.1.put(out);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        Some((A::take(from)?, B::take(from)?))
    }
}

impl<const N: usize> Wire for [u32; N] {
    fn put(&self, out: &mut Vec<u8>) {
        self.iter().for_each(|number| number.put(out));
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        let mut numbers = [0; N];
        for number in &mut numbers {
            *number = u32::take(from)?;
        }
        Some(numbers)
    }
}

macro_rules! ids {
    ($($id:ty)*) => {$(
        impl Wire for $id {
            fn put(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(self.as_bytes());
            }

            fn take(from: &mut Reader<'_>) -> Option<Self> {
                from.array().map(Self::from_bytes)
            }
        }
    )*};
}

ids!(AccountId CaseId HeldId RowId SubjectId VaultId);

impl Wire for Scalar {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.push(0),
            Self::Bool(value) => out.push(if *value { 2 } else { 1 }),
            Self::Int(value) => {
                out.push(3);
                out.extend_from_slice(&value.to_le_bytes());
            }
            Self::Str(value) => {
                out.push(4);
                value.put(out);
            }
        }
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        match from.byte()? {
            0 => Some(Self::Null),
            1 => Some(Self::Bool(false)),
            2 => Some(Self::Bool(true)),
            3 => from.array().map(i64::from_le_bytes).map(Self::Int),
            4 => String::take(from).map(Self::Str),
            _ => None,
        }
    }
}

macro_rules! listed {
    ($($kind:ty)*) => {$(
        impl Wire for $kind {
            fn put(&self, out: &mut Vec<u8>) {
                put_number(Self::ALL.iter().take_while(|one| *one != self).count(), out);
            }

            fn take(from: &mut Reader<'_>) -> Option<Self> {
                Self::ALL.get(from.len()?).copied()
            }
        }
    )*};
}

listed!(Doubt Sending TableId WaitsFor);

impl Wire for TableRow {
    fn put(&self, out: &mut Vec<u8>) {
        let Self { code, counts } = self;
        code.put(out);
        counts.put(out);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self { code: Wire::take(from)?, counts: Wire::take(from)? })
    }
}

impl Wire for Table {
    fn put(&self, out: &mut Vec<u8>) {
        let Self { id, columns, rows } = self;
        id.put(out);
        columns.put(out);
        rows.put(out);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self { id: Wire::take(from)?, columns: Wire::take(from)?, rows: Wire::take(from)? })
    }
}

#[cfg(test)]
mod tests;
