//! Golden bytes: what was sealed once must open for ever. Changing a file here needs a decision on paper, not a fix.

use super::kdf::{FLOOR, KdfRequest, derive};
use super::letter::{Identity, LetterRandomness};
use super::passphrase::Passphrase;
use super::relay::{DataKey, KeyRing, MasterKey};
use super::row::RowSealer;
use super::slot::Slot;
use super::{Nonce, VaultKey, code, recovery};
use crate::id::{DocumentId, TenantId, VaultId};

const VAULT: VaultId = VaultId::from_bytes([0x11; 16]);
const TENANT: TenantId = TenantId::from_bytes([0x22; 16]);
const DOCUMENT: DocumentId = DocumentId::from_bytes([0x33; 16]);
const PASSPHRASE: &str = "air batu cahaya daun emas";

fn vault_key() -> VaultKey {
    VaultKey::from_bytes([0x44; 32])
}

fn nonce() -> Nonce {
    Nonce::from_random([0x55; 24])
}

fn read(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(core::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_sealed_row_of_format_1_opens() {
    let golden = read(include_str!("../../golden/seal-row-1.hex"));
    let rows = RowSealer::new(&vault_key(), VAULT);
    let (place, made) = rows.seal(6, b"kunci", b"nilai", nonce()).unwrap();
    assert_eq!(hex(&made), hex(&golden));
    assert_eq!(hex(place.as_bytes()), include_str!("../../golden/seal-place-1.hex").trim());
    assert_eq!(rows.open(&place, &golden).unwrap().value, b"nilai");
}

#[test]
fn a_passphrase_slot_of_format_1_opens() {
    let golden = Slot::decode(&read(include_str!("../../golden/seal-slot-1.hex"))).unwrap();
    let key = derive(&golden.request(Passphrase::parse(PASSPHRASE).unwrap())).unwrap();
    assert_eq!(golden.open(&key).unwrap().as_bytes(), vault_key().as_bytes());
    let passphrase = Passphrase::parse(PASSPHRASE).unwrap();
    let again = derive(&KdfRequest { passphrase, params: FLOOR, salt: [0x66; 16] }).unwrap();
    let made = Slot::create(VAULT, &vault_key(), &again, FLOOR, [0x66; 16], nonce()).unwrap();
    assert_eq!(hex(&made.encode()), hex(&golden.encode()));
}

#[test]
fn a_recovery_slot_of_format_1_opens() {
    let office = Identity::from_seed(&[0xAA; 32]);
    let letter = read(include_str!("../../golden/seal-recovery-1.hex"));
    let (vault, key) = recovery::open_with(&office, &letter).unwrap();
    assert_eq!((vault, key.as_bytes()), (VAULT, vault_key().as_bytes()));
}

#[test]
fn a_recovery_code_is_read_for_ever() {
    let golden = include_str!("../../golden/seal-code-1.txt").trim();
    assert_eq!(*code::encode(&vault_key()), golden);
    assert_eq!(code::decode(golden).unwrap().as_bytes(), vault_key().as_bytes());
}

#[test]
fn relay_keys_rows_and_records_of_format_1_open() {
    let ring = KeyRing::new(&MasterKey::from_bytes([0x77; 32]), &[]);
    let key = DataKey::from_bytes([0x88; 32]);
    let made = [
        ring.wrap(TENANT, DOCUMENT, &key, nonce()).unwrap(),
        key.seal_row(DOCUMENT, "change", &[0x99; 32], nonce(), b"isi").unwrap(),
        ring.seal_record(TENANT, "account", b"1", nonce(), b"nama").unwrap(),
    ];
    let golden: Vec<Vec<u8>> = include_str!("../../golden/seal-relay-1.hex").lines().map(read).collect();
    assert_eq!(made.map(|bytes| hex(&bytes)).to_vec(), golden.iter().map(|bytes| hex(bytes)).collect::<Vec<_>>());
    let key = ring.unwrap(TENANT, DOCUMENT, &golden[0]).unwrap();
    assert_eq!(key.open_row(DOCUMENT, "change", &[0x99; 32], &golden[1]).unwrap().as_slice(), b"isi");
    assert_eq!(ring.open_record(TENANT, "account", b"1", &golden[2]).unwrap().as_slice(), b"nama");
}

/// Writes the files anew when asked; a release never needs it.
#[test]
fn golden_files_are_written_on_request_only() {
    if std::env::var_os("SIMPUL_WRITE_GOLDEN").is_none() {
        return;
    }
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let write = |name: &str, text: String| std::fs::write(folder.join(name), text + "\n").unwrap();
    let (place, row) = RowSealer::new(&vault_key(), VAULT).seal(6, b"kunci", b"nilai", nonce()).unwrap();
    write("seal-row-1.hex", hex(&row));
    write("seal-place-1.hex", hex(place.as_bytes()));
    let passphrase = Passphrase::parse(PASSPHRASE).unwrap();
    let slot_key = derive(&KdfRequest { passphrase, params: FLOOR, salt: [0x66; 16] }).unwrap();
    let slot = Slot::create(VAULT, &vault_key(), &slot_key, FLOOR, [0x66; 16], nonce()).unwrap();
    write("seal-slot-1.hex", hex(&slot.encode()));
    let office = Identity::from_seed(&[0xAA; 32]);
    let drawn = LetterRandomness::from_random([0xBB; 64]);
    let letter = recovery::seal_to(&office.recipient(), VAULT, &vault_key(), &drawn).unwrap();
    write("seal-recovery-1.hex", hex(&letter));
    write("seal-code-1.txt", code::encode(&vault_key()).to_string());
    let ring = KeyRing::new(&MasterKey::from_bytes([0x77; 32]), &[]);
    let key = DataKey::from_bytes([0x88; 32]);
    let rows = [
        ring.wrap(TENANT, DOCUMENT, &key, nonce()).unwrap(),
        key.seal_row(DOCUMENT, "change", &[0x99; 32], nonce(), b"isi").unwrap(),
        ring.seal_record(TENANT, "account", b"1", nonce(), b"nama").unwrap(),
    ];
    write("seal-relay-1.hex", rows.map(|bytes| hex(&bytes)).join("\n"));
}
