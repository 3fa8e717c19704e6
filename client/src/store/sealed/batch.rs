//! What is written together, and what is read to decide it.

use minicbor::{Decode, Encode};
use zeroize::Zeroizing;

use super::super::StoreError;
use super::table::Table;

/// Writes to be done together. Values are encoded at once, sealed when they are applied.
#[derive(Clone, Default)]
pub struct Writes {
    pub(super) ops: Vec<Write>,
}

#[derive(Clone)]
pub(super) struct Write {
    pub(super) table: Table,
    pub(super) key: Vec<u8>,
    /// None takes the row away.
    pub(super) value: Option<Zeroizing<Vec<u8>>>,
}

impl Writes {
    /// Nothing to write yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a value.
    pub fn put<T: Encode<()>>(&mut self, table: Table, key: &[u8], value: &T) -> &mut Self {
        let mut bytes = Zeroizing::new(Vec::with_capacity(128));
        // Writing to a vector cannot fail, and our own encoders have no other error.
        let _ = minicbor::encode(value, &mut *bytes);
        self.ops.push(Write { table, key: key.to_vec(), value: Some(bytes) });
        self
    }

    /// Puts bytes that are CBOR already.
    pub fn put_encoded(&mut self, table: Table, key: &[u8], value: Vec<u8>) -> &mut Self {
        self.ops.push(Write { table, key: key.to_vec(), value: Some(Zeroizing::new(value)) });
        self
    }

    /// Takes a row away.
    pub fn delete(&mut self, table: Table, key: &[u8]) -> &mut Self {
        self.ops.push(Write { table, key: key.to_vec(), value: None });
        self
    }

    /// Adds the writes of another.
    pub fn append(&mut self, mut other: Self) -> &mut Self {
        self.ops.append(&mut other.ops);
        self
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }
}

/// Rows read inside an update, in the order asked.
pub struct Reads {
    pub(super) rows: Vec<(Table, Option<Vec<u8>>)>,
}

impl Reads {
    /// The value of the row asked for at this place; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it does not decode.
    pub fn get<T: for<'b> Decode<'b, ()>>(&self, index: usize) -> Result<Option<T>, StoreError> {
        match self.rows.get(index) {
            Some((table, Some(bytes))) => minicbor::decode(bytes).map(Some).map_err(|_| table.corrupt()),
            Some((_, None)) | None => Ok(None),
        }
    }

    /// The bytes of the row asked for at this place.
    #[must_use]
    pub fn bytes(&self, index: usize) -> Option<&[u8]> {
        self.rows.get(index).and_then(|(_, bytes)| bytes.as_deref())
    }
}
