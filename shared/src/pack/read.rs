//! Reads a pack from its CBOR, as [`super::Pack::to_cbor`] writes it: structures as maps by name, an alternative as its name or
//! as a map of one entry.
//!
//! By hand and not through serde, whose readers weigh four times as much and are in both modules of the tablet. An entry
//! with an unknown name is passed over, so that an older tablet reads a newer pack. `#[derive(FromPack)]` writes the rest.

use std::collections::BTreeMap;

use minicbor::Decoder;
use minicbor::data::Type;

use crate::value::Scalar;

/// What stands in a pack.
pub(super) trait FromPack: Sized {
    /// Reads it; none when something else stands there.
    fn take(from: &mut Decoder<'_>) -> Option<Self>;
}

/// The entries of a structure. They are looked for from where the last one was found, so those in order cost nothing.
pub(super) struct Fields<'a, 'b> {
    from: &'a mut Decoder<'b>,
    /// Where the first entry begins.
    start: usize,
    /// How many there are.
    count: u64,
    /// Which is next.
    next: u64,
}

impl<'a, 'b> Fields<'a, 'b> {
    /// Begins a structure.
    #[inline(never)]
    pub(super) fn open(from: &'a mut Decoder<'b>) -> Option<Self> {
        let count = from.map().ok()??;
        Some(Self { start: from.position(), from, count, next: 0 })
    }

    /// Goes to the value of an entry; false when there is none of that name.
    #[inline(never)]
    fn find(&mut self, name: &str) -> Option<bool> {
        for _ in 0..self.count {
            if self.next == self.count {
                self.from.set_position(self.start);
                self.next = 0;
            }
            self.next = self.next.checked_add(1)?;
            if self.from.str().ok()? == name {
                return Some(true);
            }
            self.from.skip().ok()?;
        }
        Some(false)
    }

    /// Reads an entry that must be there.
    pub(super) fn get<T: FromPack>(&mut self, name: &str) -> Option<T> {
        if self.find(name)? { T::take(self.from) } else { None }
    }

    /// Reads an entry that is left out when it says nothing.
    pub(super) fn get_or_default<T: FromPack + Default>(&mut self, name: &str) -> Option<T> {
        if self.find(name)? { T::take(self.from) } else { Some(T::default()) }
    }

    /// Ends the structure.
    #[inline(never)]
    pub(super) fn close(self) -> Option<()> {
        for _ in self.next..self.count {
            self.from.skip().ok()?;
            self.from.skip().ok()?;
        }
        Some(())
    }
}

/// Reads the name of an alternative, and whether more of it follows.
#[inline(never)]
pub(super) fn variant<'b>(from: &mut Decoder<'b>) -> Option<(&'b str, bool)> {
    let more = from.datatype().ok()? != Type::String;
    if more && from.map().ok()? != Some(1) {
        return None;
    }
    Some((from.str().ok()?, more))
}

macro_rules! plain {
    ($($kind:ty: $read:ident;)*) => {$(
        impl FromPack for $kind {
            fn take(from: &mut Decoder<'_>) -> Option<Self> {
                from.$read().ok()
            }
        }
    )*};
}

plain! {
    bool: bool;
    i16: i16;
    u32: u32;
    i64: i64;
    Scalar: decode;
}

impl FromPack for String {
    #[inline(never)]
    fn take(from: &mut Decoder<'_>) -> Option<Self> {
        from.str().ok().map(str::to_owned)
    }
}

impl<T: FromPack> FromPack for Option<T> {
    fn take(from: &mut Decoder<'_>) -> Option<Self> {
        if from.datatype().ok()? == Type::Null {
            return from.null().ok().map(|()| None);
        }
        T::take(from).map(Some)
    }
}

impl<T: FromPack> FromPack for Vec<T> {
    fn take(from: &mut Decoder<'_>) -> Option<Self> {
        let count = from.array().ok()??;
        // Not reserved by what the bytes say.
        let mut list = Self::new();
        for _ in 0..count {
            list.push(T::take(from)?);
        }
        Some(list)
    }
}

impl<T: FromPack> FromPack for BTreeMap<String, T> {
    fn take(from: &mut Decoder<'_>) -> Option<Self> {
        let count = from.map().ok()??;
        let mut map = Self::new();
        for _ in 0..count {
            map.insert(String::take(from)?, T::take(from)?);
        }
        Some(map)
    }
}

#[cfg(test)]
mod tests;
