//! Walks CBOR without building anything: finds where an item ends and refuses what the wire never carries.
//!
//! Works on a stream: bytes may arrive in any pieces, each is looked at once. Only arrays, integers, byte and text
//! strings, false, true and null pass, each in its shortest form and with its length up front (RFC 8949 §4.2.1).
//! Counts items, so that a decoder run afterwards allocates in proportion to a limit and not to a claim.

use super::codec::WireError;

/// How large one item may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    /// Its encoded length.
    pub(super) bytes_max: usize,
    /// How many items it may contain, itself included.
    pub(super) items_max: u64,
}

/// Where a walk stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Walk {
    budget: Budget,
    at: usize,
    pending: u64,
    items: u64,
}

impl Walk {
    /// Starts before an item.
    pub(super) const fn new(budget: Budget) -> Self {
        Self { budget, at: 0, pending: 1, items: 0 }
    }

    /// Goes on over `bytes`, which begin where the walk began and have grown since the last call. Returns the item's
    /// length once it is complete.
    pub(super) fn advance(&mut self, bytes: &[u8]) -> Result<Option<usize>, WireError> {
        while self.pending > 0 {
            let Some(header) = Header::read(bytes.get(self.at..).unwrap_or(&[]))? else {
                return Ok(None);
            };
            self.at = self
                .at
                .checked_add(header.length)
                .filter(|at| *at <= self.budget.bytes_max)
                .ok_or(WireError::TooLarge)?;
            self.pending = self.pending.saturating_sub(1).saturating_add(header.children);
            self.items = self.items.saturating_add(1);
            if self.items.saturating_add(self.pending) > self.budget.items_max {
                return Err(WireError::TooMany);
            }
        }
        Ok((bytes.len() >= self.at).then_some(self.at))
    }
}

/// One item's head, and its content if that is a string.
struct Header {
    length: usize,
    children: u64,
}

impl Header {
    fn read(bytes: &[u8]) -> Result<Option<Self>, WireError> {
        let Some((first, rest)) = bytes.split_first() else {
            return Ok(None);
        };
        let (major, short) = (first >> 5, first & 0x1f);
        if major == 7 {
            // false, true, null.
            return if (20..=22).contains(&short) {
                Ok(Some(Self { length: 1, children: 0 }))
            } else {
                Err(WireError::Malformed)
            };
        }
        let width = match short {
            0..=23 => 0,
            24 => 1,
            25 => 2,
            26 => 4,
            27 => 8,
            _ => return Err(WireError::Malformed),
        };
        let Some(digits) = rest.get(..width) else {
            return Ok(None);
        };
        let argument = if width == 0 {
            u64::from(short)
        } else {
            digits.iter().fold(0_u64, |number, digit| (number << 8) | u64::from(*digit))
        };
        let least = match width {
            0 => 0,
            1 => 24,
            2 => 0x100,
            4 => 0x1_0000,
            _ => 0x1_0000_0000,
        };
        if argument < least {
            return Err(WireError::NotCanonical);
        }
        let head = width.saturating_add(1);
        match major {
            0 | 1 => Ok(Some(Self { length: head, children: 0 })),
            2 | 3 => {
                let content = usize::try_from(argument).map_err(|_| WireError::TooLarge)?;
                Ok(Some(Self { length: head.saturating_add(content), children: 0 }))
            }
            4 => Ok(Some(Self { length: head, children: argument })),
            _ => Err(WireError::Malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUDGET: Budget = Budget { bytes_max: 1000, items_max: 100 };

    fn walk(bytes: &[u8]) -> Result<Option<usize>, WireError> {
        Walk::new(BUDGET).advance(bytes)
    }

    #[test]
    fn an_item_ends_where_it_ends_in_whatever_pieces_it_comes() {
        let item = [0x83, 0x18, 0x20, 0x43, 1, 2, 3, 0x82, 0xf6, 0x61, b'a', 0xff];
        assert_eq!(walk(&item), Ok(Some(11)));
        let mut walk = Walk::new(BUDGET);
        for end in 0..11 {
            assert_eq!(walk.advance(&item[..end]), Ok(None), "{end}");
        }
        assert_eq!(walk.advance(&item), Ok(Some(11)));
    }

    #[test]
    fn what_the_wire_never_carries_is_refused() {
        for bytes in [
            &[0xa0_u8][..],            // map
            &[0xc0, 0x00],             // tag
            &[0x9f, 0xff],             // indefinite array
            &[0x5f, 0x41, 0x00, 0xff], // indefinite bytes
            &[0xf9, 0x3c, 0x00],       // float
            &[0xf7],                   // undefined
            &[0x1c],                   // reserved
        ] {
            assert_eq!(walk(bytes), Err(WireError::Malformed), "{bytes:x?}");
        }
        for bytes in [&[0x18_u8, 0x17][..], &[0x19, 0, 0xff], &[0x1a, 0, 0, 0xff, 0xff], &[0x58, 1, 0], &[0x98, 0]] {
            assert_eq!(walk(bytes), Err(WireError::NotCanonical), "{bytes:x?}");
        }
    }

    #[test]
    fn claims_beyond_the_budget_are_refused_at_once() {
        assert_eq!(walk(&[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), Err(WireError::TooMany));
        assert_eq!(walk(&[0x98, 100]), Err(WireError::TooMany));
        assert_eq!(walk(&[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), Err(WireError::TooLarge));
        assert_eq!(walk(&[0x59, 0x10, 0]), Err(WireError::TooLarge));
    }
}
