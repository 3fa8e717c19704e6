//! Keys of documents that the engine itself reads or writes; everything else is the pack's.
//!
//! Keys that carry rights are named by `shared::access::facts` and re-exported here.

pub use shared::access::facts::{
    ACCOUNT, APPROVED_BY, CLOSING, CONSENT, CONSENT_NAMED, CONSENT_OF, CONSENT_WITHDRAWN as WITHDRAWN,
    CONSENT_WITHDRAWN_ON as WITHDRAWN_ON, CORE_KIND as CORE, EMERGENCY, EXCLUSIONS, FROM, GUARD_KIND as GUARD,
    HANDED_OVER, OFFICE, PEOPLE, PROPOSED_BY, REOPENED_BY, ROLE, STAGE, SUBJECT, TAKEN_OVER_BY, TEAM, TO as UNTIL,
};
pub use shared::pack::schema::REMOVED_KEY as REMOVED;

/// Row field of an exclusion: somebody who is no member.
pub const EXCLUDED_NAME: &str = "nama";

/// The kind of the report.
pub const INTAKE: &str = "intake";
/// The kind of who reported.
pub const REPORTER: &str = "intake.reporter";
/// The kind of the shorter identity.
pub const IDENTITY_SHORT: &str = "identity.short";
/// The kind of additions to a report that was handed over.
pub const SUPPLEMENT: &str = "supplement";

/// The kind of what members of a case ask of each other.
pub const REQUEST: &str = "request";
/// Table of [`REQUEST`].
pub const REQUESTS: &str = "permintaan";
/// Row field of a request: what is asked.
pub const ABOUT: &str = "perihal";
/// Row field of a request: the account that is asked; none for the registrars.
pub const FOR: &str = "untuk";
/// Row field of a request: it is done.
pub const ANSWERED: &str = "selesai";

/// Core: the field code.
pub const FIELD_CODE: &str = "kode_lapangan";
/// Core: the register number.
pub const REGISTER_NUMBER: &str = "nomor_register";
/// Core: what whoever took the report is asked for.
pub const ASKED: &str = "keterangan_diminta";
/// Core: when that was asked, instant.
pub const ASKED_AT: &str = "keterangan_diminta_pada";
/// Core: when the report was begun, instant.
pub const BEGUN: &str = "dibuat";
/// Row field: 1 for K1, 2 for K2 ….
pub const NUMBER: &str = "urutan";
/// Row field: woman, girl, man or boy.
pub const GROUP: &str = "kelompok";

/// Row field of a person: has died.
pub const DIED: &str = "meninggal";

/// Table of the core: moves between stages.
pub const MOVES: &str = "tahapan";
/// Row field of a move: the stage before.
pub const MOVED_FROM: &str = "dari";
/// Row field of a move: the stage after.
pub const MOVED_TO: &str = "ke";
/// Row field of a move and of a closing: why.
pub const REASON: &str = "alasan";
/// Row field of a move: who.
pub const MOVED_BY: &str = "oleh";
/// Row field of a move: when.
pub const MOVED_AT: &str = "pada";
/// Row field of a closing: what is done, one field for each code.
pub const DONE: &str = "ceklis";
/// Row field of a closing: a note.
pub const NOTE: &str = "catatan";
/// Row field of a closing: when it was proposed.
pub const PROPOSED_AT: &str = "usul_pada";
/// Row field of a closing: when it was approved.
pub const APPROVED_AT: &str = "setuju_pada";
/// Row field of a closing: when the case was opened again.
pub const REOPENED_AT: &str = "dibuka_pada";
/// Row field of a closing: why the case was opened again.
pub const REOPENED_WHY: &str = "dibuka_alasan";

/// Row field of a consent: what was agreed to, one field for each code.
pub const CONSENT_PURPOSES: &str = "setuju";
/// Row field of a consent: who gave it.
pub const CONSENT_GIVER: &str = "pemberi";
/// Row field of a consent: the officer.
pub const CONSENT_OFFICER: &str = "petugas";
/// Row field of a consent: when it was given.
pub const CONSENT_ON: &str = "tanggal";
/// Row field of a consent: may be recorded without a name.
pub const CONSENT_RECORDED: &str = "boleh_dicatat";
/// Row field of a consent: on what basis something is kept.
pub const BASIS: &str = "dasar_proses";
/// [`BASIS`]: a duty by law, as of whoever receives a list of an office.
pub const LEGAL_DUTY: &str = "KEWAJIBAN";
/// [`BASIS`]: danger to life, whatever was answered.
pub const VITAL: &str = "VITAL";
/// Row field of a consent: why that basis holds.
pub const BASIS_WHY: &str = "alasan_dasar";
/// Intake: danger, as page 1 asks for it.
pub const DANGER: &str = "bahaya_segera";
/// Intake: who was called.
pub const CALLED: &str = "sudah_dihubungi";

/// Intake: how the report came.
pub const CAME: &str = "cara_masuk";
/// Code of [`CAME`]: the officer saw it, nobody told it.
pub const FOUND: &str = "TEMUAN";
/// Codes of [`CAME`]: a tip by telephone or letter, of which nobody has seen whom it is about.
pub const UNSEEN: [&str; 2] = ["TELEPON", "SURAT"];
/// Code of [`VERIFICATION`]: somebody looked, and it is true.
pub const VERIFIED: &str = "TERVERIFIKASI";
/// Intake: the quick signs, one field for each code.
pub const SIGNS: &str = "indikasi_cepat";
/// Intake: when it happened.
pub const HAPPENED_ON: &str = "tgl_kejadian";
/// Intake: triage.
pub const TRIAGE: &str = "triase";
/// Intake: kecamatan of origin.
pub const ORIGIN: &str = "kecamatan_asal";
/// Intake: the place where the person is now.
pub const WHEREABOUTS: &str = "lokasi_sekarang";
/// Intake: where it happened.
pub const HAPPENED_AT: &str = "lokasi_kejadian";
/// Intake: it was written on paper first.
pub const FROM_PAPER: &str = "dari_kertas";
/// Intake: somebody has died.
pub const DECEASED: &str = "meninggal";
/// Intake: a child is involved.
pub const CHILD: &str = "anak_terlibat";
/// Intake: through which channel the report came.
pub const CHANNEL: &str = "sumber_laporan";
/// Intake: how the report came in.
pub const WAY_IN: &str = "cara_masuk";
/// Intake: whether somebody looked if it is true.
pub const VERIFICATION: &str = "status_verifikasi";
/// Intake: how many women, girls, men and boys.
pub const GROUPS: [&str; 4] = ["jml_pd", "jml_pa", "jml_ld", "jml_la"];
/// Intake: of somebody it is not sure whether they are a child.
pub const AGE_UNSURE: &str = "umur_tidak_pasti";
/// Code of [`GROUP`]: sex or age is not known.
pub const GROUP_UNKNOWN: &str = "TT";
/// Intake: day of the report.
pub const REPORTED_ON: &str = "tgl_lapor";
/// Intake: time of the report.
pub const REPORTED_AT: &str = "jam_lapor";
/// Intake: who took the report, account in hexadecimal.
pub const RECEIVED_BY: &str = "penerima";
/// Supplement: the text added.
pub const SUPPLEMENT_TEXT: &str = "isi";
/// The kind of what was found out about a person.
pub const IDENTIFICATION: &str = "identification";
/// Identification: what was decided.
pub const STATUS: &str = "status_korban";
/// Identity: day of birth, or the year.
pub const BORN_ON: &str = "tgl_lahir";
/// Identity: age as somebody guessed it.
pub const AGE: &str = "usia_perkiraan";
/// Code list: age bands, each named by its years: `13-17`, `60+`.
pub const AGE_BANDS: &str = "kelompok_usia_simfoni";
/// Identity: the full name.
pub const FULL_NAME: &str = "nama_lengkap";
/// Identity: woman or man.
pub const SEX: &str = "jenis_kelamin";
/// Codes of [`SEX`]: man, woman.
pub const SEXES: [&str; 2] = ["L", "P"];
/// The kind of the whole identity.
pub const IDENTITY_FULL: &str = "identity.full";
/// Whole identity: population number.
pub const POPULATION_NUMBER: &str = "nik";
/// Whole identity: place of origin.
pub const COMES_FROM: &str = "daerah_asal";
/// Whole identity: what a list told that no other field takes.
pub const LIST_NOTE: &str = "keterangan_daftar";
/// Code list: headings of a list, in the order of its table.
pub const LIST_COLUMNS: &str = "kolom_daftar";
/// Code list: words that stand in the cells of a list.
pub const LIST_WORDS: &str = "kata_daftar";
