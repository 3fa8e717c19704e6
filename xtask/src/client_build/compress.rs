//! Brotli at its highest level takes seconds per module, so its results are kept by the hash of what went in.

use std::io::Cursor;

use brotli::enc::BrotliEncoderParams;

use super::bundle::hash_hex;
use crate::workspace;

/// Whether files of this kind get smaller: fonts and pictures are compressed already.
pub(crate) fn is_worth_it(path: &str) -> bool {
    !(path.ends_with(".woff2") || path.ends_with(".png"))
}

/// Compresses, or finds an earlier result for the same bytes.
pub(crate) fn compress(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let folder = workspace::target().join("brotli-cache");
    let path = folder.join(hash_hex(bytes)).with_extension("br");
    if let Ok(kept) = std::fs::read(&path) {
        return Ok(kept);
    }
    let params =
        BrotliEncoderParams { quality: 11, lgwin: 24, size_hint: bytes.len(), ..BrotliEncoderParams::default() };
    let mut small = Vec::new();
    brotli::BrotliCompress(&mut Cursor::new(bytes), &mut small, &params)?;
    std::fs::create_dir_all(&folder)?;
    // A build that dies here must not leave half a result behind under the final name.
    let unfinished = path.with_extension("part");
    std::fs::write(&unfinished, &small)?;
    std::fs::rename(unfinished, path)?;
    Ok(small)
}
