//! Invented names, numbers and stories, and the draw that picks among them.

use shared::date::CivilDate;
use shared::field_code::FieldCode;

/// Draws the same numbers from the same seed (SplitMix64); good enough to vary a demonstration, for nothing else.
pub(super) struct Draw {
    state: u64,
}

impl Draw {
    pub(super) const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    pub(super) const fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Draws from 0 up to, not including, `end`; 0 when there is nothing to draw from.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        let drawn = self.next().checked_rem(u64::from(end)).unwrap_or(0);
        u32::try_from(drawn).unwrap_or(0)
    }

    /// Picks one; the lists here are never empty.
    pub(super) fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        let index = usize::try_from(self.below(u32::try_from(from.len()).unwrap_or(u32::MAX))).unwrap_or(0);
        from.get(index).copied().unwrap_or_default()
    }

    /// Puts a list into another order.
    pub(super) fn shuffle<T>(&mut self, list: &mut [T]) {
        for end in (1..list.len()).rev() {
            let bound = u32::try_from(end.saturating_add(1)).unwrap_or(u32::MAX);
            list.swap(end, usize::try_from(self.below(bound)).unwrap_or(0));
        }
    }

    /// Tells yes in about `percent` of a hundred draws.
    pub(super) fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }
}

const WOMEN: [&str; 14] = [
    "Yosefina",
    "Josefina",
    "Maria",
    "Mria",
    "Domingas",
    "Filomena",
    "Regina",
    "Agustina",
    "Kristina",
    "Veronika",
    "Yuliana",
    "Margareta",
    "Elfrida",
    "Natalia",
];
const MEN: [&str; 13] = [
    "Yohanes",
    "Agustinus",
    "Blasius",
    "Marselinus",
    "Fransiskus",
    "Petrus",
    "Gabriel",
    "Yanuarius",
    "Antonius",
    "Silvester",
    "Dominggus",
    "Ferdinandus",
    "Kanisius",
];
const FAMILIES: [&str; 18] = [
    "Bere", "Berek", "Mau", "Mao", "Asa", "Lau", "Mali", "Taek", "Leto", "Nahak", "Seran", "Klau", "Bria", "Fahik",
    "Atok", "de Jesus", "Dejesus", "Soares",
];

/// Draws a name; spellings vary as they do at the border.
pub(super) fn name(draw: &mut Draw, woman: bool) -> String {
    let given = if woman { draw.pick(&WOMEN) } else { draw.pick(&MEN) };
    format!("{given} {}", draw.pick(&FAMILIES))
}

/// Makes a well-formed population number of the district 530499, which does not exist.
pub(super) fn nik(serial: u32, born: CivilDate, woman: bool) -> String {
    let day = born.day().saturating_add(if woman { 40 } else { 0 });
    let year = born.year() % 100;
    format!("530499{day:02}{:02}{year:02}{serial:04}", born.month())
}

/// Makes a telephone number of a prefix that is not in use.
pub(super) fn phone(draw: &mut Draw) -> String {
    format!("0810-0000-{:04}", draw.below(10_000))
}

/// Draws a field code.
pub(super) fn field_code(draw: &mut Draw) -> String {
    FieldCode::from_random(draw.below(u32::MAX).to_be_bytes()).to_string()
}

/// The twelve districts of the regency.
pub(super) const DISTRICTS: [&str; 12] = [
    "53.04.01", "53.04.02", "53.04.03", "53.04.04", "53.04.05", "53.04.12", "53.04.13", "53.04.17", "53.04.18",
    "53.04.21", "53.04.22", "53.04.23",
];

/// Places people were taken to, or were to be.
pub(super) const DESTINATIONS: [&str; 9] = ["MY-12", "MY-13", "MY-SM", "21.71", "64", "12.71", "53.71", "TL-DI", "KH"];

const TRAFFICKING: [&str; 8] = [
    "Ditawari kerja di kebun dengan gaji tinggi. Sampai di tempat, upah ditahan dan paspor diambil mandor.",
    "Diajak kenalan untuk jaga toko. Ternyata disuruh kerja rumah tangga 16 jam sehari tanpa upah.",
    "Perekrut datang ke dusun dan memberi uang panjar kepada keluarga. Setelah itu tidak ada kabar tiga bulan.",
    "Dibawa lewat jalur tidak resmi malam hari bersama empat orang lain. Dokumen belum pernah dilihat.",
    "Bekerja di kapal delapan bulan. Upah dipotong utang yang tidak pernah dijelaskan.",
    "Dijanjikan kerja di restoran, lalu dipaksa menemani tamu. Melarikan diri dengan bantuan warga.",
    "Diberi tiket dan alamat di kota. HP diambil pada hari pertama dan tidak boleh keluar.",
    "Bekerja di lokasi penipuan daring. Diancam denda bila berhenti.",
];
const MIGRANT: [&str; 6] = [
    "Dipulangkan lewat Nunukan setelah masa tahanan. Sakit dan tidak punya ongkos ke desa.",
    "Upah enam bulan belum dibayar majikan. Keluarga meminta bantuan.",
    "Pulang bersama rombongan deportasi. Dokumen hilang di perjalanan.",
    "Kecelakaan kerja di kebun. Biaya rumah sakit belum jelas.",
    "Berangkat tanpa prosedur bersama saudara. Sekarang ingin pulang.",
    "Kontrak tidak sesuai. Minta didampingi bertemu agen.",
];
const SMUGGLING: [&str; 3] = [
    "Sekelompok orang dihentikan di pelabuhan tanpa dokumen. Menurut pengakuan, berangkat atas kemauan sendiri.",
    "Menyeberang lewat jalan setapak dengan bayaran kepada penunjuk jalan.",
    "Mobil bak terbuka berisi tujuh orang menuju pelabuhan malam hari.",
];
const VIOLENCE: [&str; 4] = [
    "Dipukul di rumah beberapa kali. Takut pulang.",
    "Anak tidak masuk sekolah dua minggu dan terlihat memar.",
    "Tetangga mendengar teriakan setiap malam.",
    "Meminta perlindungan setelah diancam anggota keluarga.",
];
const DISPUTE: [&str; 3] = [
    "Upah lembur tidak dibayar dua bulan. Bekerja di toko di kota.",
    "Diberhentikan tanpa pesangon setelah sakit.",
    "Potongan upah tidak sesuai perjanjian.",
];
const INFORMATION: [&str; 4] = [
    "Bertanya syarat kerja ke luar negeri yang resmi.",
    "Melaporkan iklan kerja mencurigakan di media sosial.",
    "Menanyakan nomor yang bisa dihubungi bila ada calo datang ke desa.",
    "Mendengar ada orang asing mencari tenaga kerja perempuan muda.",
];

/// Draws a story without a name.
pub(super) fn story(draw: &mut Draw, triage: &str) -> &'static str {
    match triage {
        "TPPO" => draw.pick(&TRAFFICKING),
        "PMI" => draw.pick(&MIGRANT),
        "TPPM" => draw.pick(&SMUGGLING),
        "KTPA" => draw.pick(&VIOLENCE),
        "SENGKETA" => draw.pick(&DISPUTE),
        _ => draw.pick(&INFORMATION),
    }
}
