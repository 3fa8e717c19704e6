//! Pictures for answers, so that a page can be used by somebody who reads slowly.
//!
//! A code the table does not know has none, and a list of which several have none is drawn as words alone: the same picture
//! beside every answer tells nobody anything.

use crate::components::icon::Icon;

/// The picture of an answer, where there is one, and the extra class of its tile.
pub(crate) fn picture_of(code: &str) -> (Option<Icon>, &'static str) {
    let icon = match code {
        "YA" => return (Some(Icon::Siren), "picture-button--yes"),
        "MUNGKIN" => return (Some(Icon::Warning), "picture-button--maybe"),
        "TIDAK" => return (Some(Icon::Ok), "picture-button--no"),
        "TIDAK_TAHU" | "TD" => Icon::Question,
        "BELUM" => Icon::Clock,
        "DEPAN" | "KORBAN" => Icon::Person,
        "KELUARGA" | "DATANG" | "WARGA" | "TEMAN" => Icon::People,
        "TELEPON" | "TELP" => Icon::Phone,
        "TEMUAN" | "PATROLI" => Icon::Search,
        "SURAT" => Icon::Mail,
        "DAFTAR" => Icon::Tasks,
        "JANJI" | "KERJA" => Icon::Work,
        "UPAH" => Icon::Wallet,
        "DOKUMEN" => Icon::Card,
        "GERAK" => Icon::Door,
        "UTANG" => Icon::Chain,
        "ANCAM" => Icon::Shield,
        "SEKSUAL" => Icon::None,
        "ANAK" => Icon::Child,
        "TANPA_DOKUMEN" => Icon::NoDocument,
        "HILANG" => Icon::NoPhone,
        "BELUM_BERANGKAT" | "RUMAH" | "SUDAH_KEMBALI" | "TETANGGA" => Icon::Home,
        "DI_PERJALANAN" | "JALAN" => Icon::Bus,
        "DI_TUJUAN" | "SINI" => Icon::Pin,
        "AMAN" | "RUMAH_AMAN" | "UPTD" => Icon::Shelter,
        "POLISI" => Icon::Siren,
        "PUSKESMAS" | "RS" | "FASKES" => Icon::Health,
        "INFORMASI" => Icon::Info,
        "PELAKU" => Icon::Excluded,
        "LN" => Icon::Plane,
        "PERBATASAN" | "DARING" => Icon::Globe,
        "SEKOLAH" => Icon::School,
        "GEREJA" => Icon::Church,
        "UMUM" | "CAMAT" | "PETUGAS" => Icon::Office,
        "SAKSI" => Icon::Eye,
        "HARI_INI" | "MINGGU_INI" | "BULAN_INI" | "LEBIH_LAMA" => Icon::Calendar,
        _ => return (None, ""),
    };
    (Some(icon), "")
}
