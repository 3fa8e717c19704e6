//! Bytes of a tablet that the relay refused as damaged or hostile, written to a file. Must never open them, nor show anything of
//! what is in them: they leave as hexadecimal, which no program runs and no viewer takes for anything else.

use std::fmt::Write as _;

use shared::id::HeldId;
use shared::protocol::error::ErrorCode;
use shared::protocol::held::Evidence;

use super::rows::RowWrites as _;
use super::session::{Session, failure, store_failure};
use crate::api::{Failure, Reply};
use crate::store::Durability;
use crate::store::sealed::Writes;

/// Bytes in one line of the file.
const LINE_BYTES: usize = 32;
/// Of the check sum so much is in the file's name; all of it stands in the file.
const NAME_BYTES: usize = 6;

impl Session {
    /// Hands evidence out as a file when its bytes are here, and forgets them; asks the relay for them when not.
    ///
    /// # Errors
    /// [`Failure`] of the store, or when there is no such evidence.
    pub async fn take_out(&mut self, id: HeldId) -> Result<Reply, Failure> {
        let lost = failure(ErrorCode::DecisionUnknown);
        let mut row = self.held.get(&id).cloned().ok_or(lost.clone())?;
        let evidence = row.item.evidence.as_mut().ok_or(lost)?;
        let reply = match evidence.bytes.take() {
            Some(bytes) => {
                let (name, text) = file(evidence, &bytes);
                Reply::File(name, text.into_bytes())
            }
            None => {
                row.wanted = true;
                row.refused = None;
                Reply::Saved
            }
        };
        let mut writes = Writes::new();
        writes.held(&row);
        self.rows.apply(writes, Durability::Strict).await.map_err(|error| store_failure(&error))?;
        self.held.insert(id, row);
        // The tab that sends may be another one.
        self.tell_others();
        Ok(reply)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The file's name, which says nothing of anybody, and what is in it: facts, one a line, then the bytes.
fn file(evidence: &Evidence, bytes: &[u8]) -> (String, String) {
    let Evidence { device_number, code, first_ms, last_ms, count, size, sha256, .. } = evidence;
    let sha256 = hex(sha256);
    let name = format!("bukti-{}.txt", sha256.get(..NAME_BYTES * 2).unwrap_or_default());
    let mut text = format!(
        "simpul-evidence 1\nsha256 {sha256}\nsize {size}\nkept {}\ncode S-{code}\ntablet {device_number}\n\
         times {count}\nfirst-ms {first_ms}\nlast-ms {last_ms}\n\n",
        bytes.len()
    );
    for line in bytes.chunks(LINE_BYTES) {
        text.push_str(&hex(line));
        text.push('\n');
    }
    (name, text)
}

#[cfg(test)]
mod tests {
    use shared::id::AccountId;
    use shared::protocol::held::sha256;

    use super::*;

    #[test]
    fn the_file_is_inert_and_gives_the_bytes_back() {
        let bytes: Vec<u8> = b"<script>jahat()</script>".iter().copied().chain(0..=255).collect();
        let evidence = Evidence {
            account: AccountId::from_bytes([0xab; 16]),
            device_number: 7,
            code: 1303,
            first_ms: 1_790_000_000_000,
            last_ms: 1_790_000_001_000,
            count: 2,
            size: 280,
            sha256: sha256(&bytes),
            bytes: None,
        };
        let (name, text) = file(&evidence, &bytes);
        let (facts, hexadecimal) = text.split_once("\n\n").unwrap();
        assert!(text.bytes().all(|byte| byte == b'\n' || byte == b' ' || byte == b'-' || byte.is_ascii_alphanumeric()));
        assert!(!text.contains("script") && !text.contains("abababab"), "neither what it says nor whose it is");
        let digits: String = hexadecimal.lines().collect();
        let back: Vec<u8> =
            (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect();
        assert_eq!(back, bytes);
        let sum = facts.lines().find_map(|line| line.strip_prefix("sha256 ")).unwrap();
        assert_eq!(sum, hex(&sha256(&back)));
        assert_eq!(name, format!("bukti-{}.txt", &sum[..12]));
        assert!(facts.contains("\ncode S-1303\ntablet 7\ntimes 2\n"), "{facts}");
    }
}
