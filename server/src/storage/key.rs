//! How keys are put together: fixed-length parts, numbers big-endian, so that byte order is the order we want.

/// Joins parts to one key.
#[must_use]
pub fn join(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// The first key after all keys that start with `prefix`; none when there is no such key.
#[must_use]
pub fn after_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut key = prefix.to_vec();
    while let Some(last) = key.pop() {
        if let Some(next) = last.checked_add(1) {
            key.push(next);
            return Some(key);
        }
    }
    None
}

/// The big-endian number of 8 bytes that starts at `offset`.
#[must_use]
pub fn number_at(key: &[u8], offset: usize) -> Option<u64> {
    let bytes = key.get(offset..offset.checked_add(8)?)?;
    Some(u64::from_be_bytes(bytes.try_into().ok()?))
}

/// The `N` bytes that start at `offset`.
#[must_use]
pub fn bytes_at<const N: usize>(key: &[u8], offset: usize) -> Option<[u8; N]> {
    key.get(offset..offset.checked_add(N)?)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_before_the_next_one() {
        assert_eq!(after_prefix(&[1, 2]), Some(vec![1, 3]));
        assert_eq!(after_prefix(&[1, 255]), Some(vec![2]));
        assert_eq!(after_prefix(&[255, 255]), None);
        assert_eq!(after_prefix(&[]), None);
    }

    #[test]
    fn parts_are_found_again() {
        let key = join(&[&[7; 16], &9_u64.to_be_bytes(), &[8; 16]]);
        assert_eq!(number_at(&key, 16), Some(9));
        assert_eq!(bytes_at::<16>(&key, 24), Some([8; 16]));
        assert_eq!(number_at(&key, 40), None);
    }
}
