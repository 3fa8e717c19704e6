//! The workload "caseload": records of 27 keys, a narrative of 400 characters and 3 services, with 10 edits of history.
//!
//! A record is made in one change, as the peers' records are, and edited in ten; so it is written with the library's
//! own calls, like a foreign client's, and reaches the relay through the tablet's queue like everything else.

use anyhow::Context as _;
use automerge::transaction::{CommitOptions, Transactable as _, Transaction};
use automerge::{ActorId as AmActor, Author, Automerge, AutomergeError, ObjId, ObjType, ROOT, ReadDoc as _};
use shared::command::Edit;
use shared::document::Document;
use shared::document::genesis::text_change;
use shared::document::path::row_key;
use shared::id::{AccountId, ActorId, CaseId, DocumentKey, RowId, SubjectId, hash16};
use shared::protocol::frame::ChangeBytes;
use shared::sync::row::{PendingEdit, PendingOrder};
use shared::value::Scalar;

use crate::native::dice::Dice;

/// Kind of the records.
pub const KIND: &str = "caseload";
/// The narrative's key.
const NARRATIVE: &str = "narasi";
const NARRATIVE_CHARACTERS: usize = 400;
/// Edits after a record was made.
const EDITS: usize = 10;
/// When the first record was made, seconds since 1970 UTC.
const FIRST_S: i64 = 1_735_700_400;

const WORDS: [&str; 64] = [
    "korban",
    "berangkat",
    "dari",
    "desa",
    "dengan",
    "seorang",
    "perekrut",
    "yang",
    "menjanjikan",
    "pekerjaan",
    "di",
    "perkebunan",
    "tanpa",
    "dokumen",
    "paspor",
    "ditahan",
    "majikan",
    "upah",
    "tidak",
    "dibayar",
    "selama",
    "bulan",
    "keluarga",
    "melapor",
    "kepada",
    "kepala",
    "pos",
    "lintas",
    "batas",
    "petugas",
    "menerima",
    "laporan",
    "pada",
    "malam",
    "hari",
    "dan",
    "mengantar",
    "ke",
    "rumah",
    "aman",
    "kesehatan",
    "diperiksa",
    "puskesmas",
    "ibu",
    "anak",
    "saudara",
    "telepon",
    "terakhir",
    "kabar",
    "utang",
    "biaya",
    "perjalanan",
    "kapal",
    "pelabuhan",
    "kota",
    "kembali",
    "pulang",
    "takut",
    "ancaman",
    "polisi",
    "pendamping",
    "hukum",
    "surat",
    "kunjungan",
];
const NAMES: [&str; 24] = [
    "Maria",
    "Yosef",
    "Agustina",
    "Petrus",
    "Domingos",
    "Kristina",
    "Antonius",
    "Bernadete",
    "Martinus",
    "Yuliana",
    "Fransiskus",
    "Elisabet",
    "Bere",
    "Mau",
    "Seran",
    "Taek",
    "Klau",
    "Nahak",
    "Bria",
    "Fahik",
    "Loe",
    "Asa",
    "Tallo",
    "Lau",
];

/// The key of the record with that number.
#[must_use]
pub fn key(case: CaseId, number: usize) -> DocumentKey {
    let subject = SubjectId::from_bytes(hash16("tests/record", &[&number.to_be_bytes()]));
    DocumentKey { case, kind: KIND.to_owned(), subject: Some(subject), generation: 0 }
}

/// A record as a tablet's queue holds it before it was ever sent.
///
/// # Errors
/// When the library refuses a call.
pub fn record(author: AccountId, case: CaseId, number: usize, dice: &Dice) -> anyhow::Result<PendingEdit> {
    let actor = ActorId::from_bytes(dice.bytes());
    let derived = text_change(NARRATIVE)?;
    let mut document = Automerge::load(&Document::new()?.save())?;
    document.load_incremental(&derived)?;
    document.set_author(Some(Author::from(author.as_bytes().to_vec())));
    document.set_actor(AmActor::from(actor.as_bytes().as_slice()));
    let places = Places {
        fields: child(&document, &ROOT, "f")?,
        rows: child(&document, &ROOT, "r")?,
        narrative: child(&document, &child(&document, &ROOT, "t")?, NARRATIVE)?,
    };
    let mut changes = vec![ChangeBytes(derived)];
    let mut at_s = FIRST_S.saturating_add(i64::try_from(number)?.saturating_mul(1_700));
    for edit in 0..=EDITS {
        at_s = at_s.saturating_add(i64::try_from(dice.below(90_000))?);
        let options = || CommitOptions::default().with_time(at_s);
        let made: Result<_, _> = document.transact_with(
            |()| options(),
            |change| {
                if edit == 0 { places.make(change, number, dice) } else { places.edit(change, dice) }
            },
        );
        made.map_err(|failed| failed.error)?;
        let change = document.get_last_local_change().context("a change")?;
        changes.push(ChangeBytes(change.raw_bytes().to_vec()));
    }
    Ok(PendingEdit {
        order: PendingOrder { number: u64::try_from(number)?.saturating_add(1), tab: 0 },
        key: key(case, number),
        // Nothing of it is ever refused, so it is never written anew.
        edit: Edit::SetField { key: String::from("petugas"), value: Scalar::Null, seen: Vec::new() },
        time_ms: 0,
        changes,
        urgent: false,
        actor,
        document_gone: false,
        message: None,
        awaits_copy: None,
    })
}

fn child(document: &Automerge, of: &ObjId, name: &str) -> anyhow::Result<ObjId> {
    Ok(document.get(of, name)?.with_context(|| format!("no {name}"))?.1)
}

struct Places {
    fields: ObjId,
    rows: ObjId,
    narrative: ObjId,
}

impl Places {
    fn make(&self, change: &mut Transaction<'_>, number: usize, dice: &Dice) -> Result<(), AutomergeError> {
        for (key, value) in texts(number, dice) {
            change.put(&self.fields, key, value)?;
        }
        for key in ["utang", "upah_ditahan"] {
            change.put(&self.fields, key, i64::try_from(dice.below(400)).unwrap_or(0).saturating_mul(50_000))?;
        }
        change.put(&self.fields, "anak", dice.chance(30))?;
        for _ in 0..3 {
            let row =
                change.put_object(&self.rows, row_key("layanan", RowId::from_bytes(dice.bytes())), ObjType::Map)?;
            change.put(&row, "jenis", pick(dice, &["KESEHATAN", "SOSIAL", "HUKUM"]))?;
            change.put(&row, "tanggal", date(dice, 2025))?;
            change.put(&row, "penyedia", words(dice, 3))?;
            change.put(&row, "catatan", words(dice, 5))?;
            change.put(&row, "selesai", dice.chance(50))?;
        }
        let narrative: String = words(dice, 90).chars().take(NARRATIVE_CHARACTERS).collect();
        change.splice_text(&self.narrative, 0, 0, &narrative)
    }

    fn edit(&self, change: &mut Transaction<'_>, dice: &Dice) -> Result<(), AutomergeError> {
        let (key, value) = match dice.below(6) {
            0 => ("status", pick(dice, &["BARU", "JALAN", "TUTUP"])),
            1 => ("risiko", pick(dice, &["TINGGI", "SEDANG", "RENDAH"])),
            2 => ("tahap", pick(dice, &["LAPORAN", "LAYANAN", "HUKUM"])),
            3 => ("petugas", name(dice)),
            4 => ("kunjungan_berikut", date(dice, 2026)),
            _ => ("tujuan", words(dice, 2)),
        };
        change.put(&self.fields, key, value)
    }
}

fn texts(number: usize, dice: &Dice) -> [(&'static str, String); 24] {
    [
        ("nomor_register", format!("TST-2025-{number:05}")),
        ("kode_lapangan", format!("{:04X}-{:04X}", dice.below(65_536), dice.below(65_536))),
        ("nama", name(dice)),
        ("nama_lain", pick(dice, &NAMES)),
        ("nik", format!("5304{:012}", dice.below(1_000_000_000_000))),
        ("jenis_kelamin", pick(dice, &["L", "P"])),
        ("tgl_lahir", date(dice, 1965_u64.saturating_add(dice.below(45)))),
        ("kecamatan", pick(dice, &["53.04.01", "53.04.02", "53.04.03"])),
        ("desa", words(dice, 1)),
        ("alamat", format!("RT {:02} RW {:02} {}", dice.below(20), dice.below(9), words(dice, 2))),
        ("telepon", format!("08{:010}", dice.below(10_000_000_000))),
        ("pekerjaan", words(dice, 1)),
        ("pendidikan", pick(dice, &["SD", "SMP", "SMA", "S1"])),
        ("agama", pick(dice, &["Katolik", "Protestan", "Islam", "Hindu"])),
        ("tgl_lapor", date(dice, 2025)),
        ("tgl_kejadian", date(dice, 2024)),
        ("sumber", words(dice, 2)),
        ("tujuan", words(dice, 2)),
        ("perekrut", name(dice)),
        ("status", pick(dice, &["BARU", "JALAN", "TUTUP"])),
        ("risiko", pick(dice, &["TINGGI", "SEDANG", "RENDAH"])),
        ("tahap", pick(dice, &["LAPORAN", "LAYANAN", "HUKUM"])),
        ("petugas", name(dice)),
        ("kunjungan_berikut", date(dice, 2026)),
    ]
}

fn pick(dice: &Dice, of: &[&str]) -> String {
    dice.pick(of).copied().unwrap_or_default().to_owned()
}

fn name(dice: &Dice) -> String {
    format!("{} {}", pick(dice, &NAMES), pick(dice, &NAMES))
}

fn words(dice: &Dice, count: usize) -> String {
    (0..count).map(|_| pick(dice, &WORDS)).collect::<Vec<_>>().join(" ")
}

fn date(dice: &Dice, year: u64) -> String {
    format!("{year:04}-{:02}-{:02}", dice.below(12).saturating_add(1), dice.below(28).saturating_add(1))
}
