//! Pictures for answers, so that a page can be used by somebody who reads slowly.
//!
//! A code the table does not know gets a plain picture; nothing depends on one being here.

use crate::components::icon::Icon;

/// The picture and the extra class of an answer's tile.
pub(crate) fn picture_of(code: &str) -> (Icon, &'static str) {
    let icon = match code {
        "YA" => return (Icon::Siren, "picture-button--yes"),
        "MUNGKIN" => return (Icon::Warning, "picture-button--maybe"),
        "TIDAK" => return (Icon::Ok, "picture-button--no"),
        "TIDAK_TAHU" | "TD" => Icon::Question,
        "BELUM" => Icon::Clock,
        "DEPAN" => Icon::Person,
        "KELUARGA" | "DATANG" => Icon::People,
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
        "BELUM_BERANGKAT" | "RUMAH" | "SUDAH_KEMBALI" => Icon::Home,
        "DI_PERJALANAN" | "JALAN" => Icon::Bus,
        "DI_TUJUAN" | "SINI" => Icon::Pin,
        "AMAN" | "RUMAH_AMAN" => Icon::Shelter,
        "POLISI" => Icon::Siren,
        "PUSKESMAS" | "RS" | "FASKES" => Icon::Health,
        "INFORMASI" => Icon::Info,
        "PELAKU" => Icon::Excluded,
        "LN" => Icon::Plane,
        "PERBATASAN" | "DARING" => Icon::Globe,
        "SEKOLAH" => Icon::School,
        "GEREJA" => Icon::Church,
        "UMUM" => Icon::Office,
        "HARI_INI" | "MINGGU_INI" | "BULAN_INI" | "LEBIH_LAMA" => Icon::Calendar,
        _ => Icon::Document,
    };
    (icon, "")
}
