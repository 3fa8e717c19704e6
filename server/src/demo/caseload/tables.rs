//! The tables of the demonstration's caseload, as counts of a set of 300 cases with 368 people. Every size is dealt from
//! them in proportion; the suite `demo` counts them again in the documents.
//!
//! What two tables, or a table and the product's rules, say differently is counted so:
//!
//! - Nobody has triaged eight of the reports yet, and two people disagree about one: they have no triage, and stand here
//!   where the table of stages expects them ("Laporan/triase": 3 PMI, 1 TPPM, 1 KTPA, 1 SENGKETA, 3 INFO).
//! - Somebody who refused a name has no identity documents. Of these 22, the eight children count by the age the report
//!   estimates; 14 adults are of unknown age, where the table has 10, and four fewer are 25 to 44. All 22 come from where
//!   their report says. Their schooling is unknown, so that 22 are unknown, where the table has 12, and ten fewer have
//!   primary school; their occupation counts as "other". None of them is among the people with or without a NIK: 140 lack
//!   it with a reason, where the table has 162.
//! - The dead give no consent: "by heirs" counts nine whose relatives gave it as heirs; for the other 18 a parent did, and
//!   they count by how it was given.
//! - Of TELP/WA, 6 of 30 carry the pack's own code for the local complaint application.
//! - A person has one main purpose, and further ones are of codes that no main purpose has.
//!
//! Left out: how many cases were closed for which reason, and, because no form asks for it yet: services, shelter, visits, referrals, law.

/// What is dealt, and how often in the set of 300.
pub(super) type Deck = [(&'static str, usize)];

/// Cases of the set.
pub(super) const CASES: usize = 300;
/// People of the set.
pub(super) const PEOPLE: usize = 368;
/// People of its trafficking cases.
pub(super) const TRAFFICKED: usize = 152;

/// Cases and people of one triage.
pub(super) struct TriageRow {
    /// Code of the triage.
    pub(super) code: &'static str,
    /// Cases by stage.
    pub(super) stages: &'static Deck,
    /// Cases by how many people they have.
    pub(super) sizes: &'static [(usize, usize)],
    /// People by group.
    pub(super) groups: &'static Deck,
}

/// §2 and §5.
pub(super) const TRIAGE: [TriageRow; 6] = [
    TriageRow {
        code: "TPPO",
        stages: &[
            ("LAPORAN", 4),
            ("IDENTIFIKASI", 11),
            ("LAYANAN", 27),
            ("PEMULANGAN", 6),
            ("REINTEGRASI", 18),
            ("TUTUP", 30),
        ],
        sizes: &[(1, 80), (2, 4), (3, 6), (6, 1), (7, 3), (8, 1), (11, 1)],
        groups: &[("PD", 52), ("PA", 21), ("LD", 70), ("LA", 9)],
    },
    TriageRow {
        code: "PMI",
        stages: &[("LAPORAN", 5), ("LAYANAN", 9), ("PEMULANGAN", 8), ("REINTEGRASI", 10), ("TUTUP", 52)],
        sizes: &[(1, 75), (2, 2), (3, 4), (4, 1), (5, 1), (18, 1)],
        groups: &[("PD", 34), ("PA", 6), ("LD", 72), ("LA", 6)],
    },
    TriageRow {
        code: "TPPM",
        stages: &[("LAPORAN", 1), ("LAYANAN", 3), ("PEMULANGAN", 1), ("TUTUP", 19)],
        sizes: &[(1, 20), (3, 2), (7, 1), (8, 1)],
        groups: &[("PD", 10), ("PA", 3), ("LD", 24), ("LA", 4)],
    },
    TriageRow {
        code: "KTPA",
        stages: &[("LAPORAN", 1), ("LAYANAN", 5), ("TUTUP", 27)],
        sizes: &[(1, 31), (2, 2)],
        groups: &[("PD", 12), ("PA", 19), ("LA", 4)],
    },
    TriageRow {
        code: "SENGKETA",
        stages: &[("LAPORAN", 1), ("LAYANAN", 4), ("TUTUP", 13)],
        sizes: &[(1, 16), (3, 2)],
        groups: &[("PD", 9), ("LD", 13)],
    },
    TriageRow { code: "INFO", stages: &[("LAPORAN", 4), ("TUTUP", 41)], sizes: &[(0, 45)], groups: &[] },
];

/// The year before last and the last, in cases.
pub(super) const YEARS: [usize; 2] = [138, 162];
/// Weight of each month, January first.
pub(super) const MONTHS: [usize; 12] = [75, 70, 85, 100, 115, 135, 120, 105, 110, 105, 100, 80];

/// Channels; `JEMPOL` is the local application, a detail of the telephone.
pub(super) const CHANNELS: &Deck = &[
    ("BP3MI", 45),
    ("IMIGRASI", 18),
    ("DISNAKER", 12),
    ("SEKOLAH", 6),
    ("SAPA129", 6),
    ("FASKES", 12),
    ("PERWAKILAN", 3),
    ("KP3", 9),
    ("PAMTAS", 6),
    ("PATROLI", 6),
    ("DESA", 42),
    ("POLISI", 36),
    ("TELP", 24),
    ("JEMPOL", 6),
    ("DATANG", 27),
    ("GEREJA", 18),
    ("LSM", 12),
    ("RUJUKAN", 6),
    ("MEDIA", 3),
    ("ANONIM", 3),
];
/// Reports that were on paper first.
pub(super) const ON_PAPER: usize = 22;
/// Reports marked as urgent.
pub(super) const URGENT: usize = 11;
/// Reports by one person about another.
pub(super) const ABOUT_ANOTHER: usize = 74;
/// Children whose guardian may be involved.
pub(super) const GUARDIANS: usize = 8;
/// People who exist only as a count, because they refused any record.
pub(super) const ONLY_COUNTED: usize = 6;
/// People of whom reports speak that are information only.
pub(super) const ESTIMATED: usize = 61;

/// Ages of the children of trafficking cases.
pub(super) const TRAFFICKED_CHILDREN: &Deck = &[("0-5", 1), ("6-12", 3), ("13-17", 26)];
/// Ages of the adults of trafficking cases.
pub(super) const TRAFFICKED_ADULTS: &Deck = &[("18-24", 44), ("25-44", 62), ("45-59", 11), ("60+", 2), ("TD", 3)];
/// Ages of the other children.
pub(super) const OTHER_CHILDREN: &Deck = &[("0-5", 4), ("6-12", 10), ("13-17", 28)];
/// Ages of the other adults.
pub(super) const OTHER_ADULTS: &Deck = &[("18-24", 40), ("25-44", 90), ("45-59", 33), ("60+", 4), ("TD", 7)];

/// People from outside the regency, whatever their district.
pub(super) const ELSEWHERE: &str = "LUAR";
/// People from Timor-Leste.
pub(super) const TIMORESE: &str = "TL";
/// Nobody knows where from.
pub(super) const UNKNOWN: &str = "";
/// Origins of people of trafficking cases.
pub(super) const TRAFFICKED_FROM: &Deck = &[
    (TIMORESE, 5),
    ("53.04.02", 19),
    ("53.04.04", 16),
    ("53.04.05", 15),
    ("53.04.13", 17),
    ("53.04.01", 13),
    ("53.04.18", 11),
    ("53.04.03", 10),
    ("53.04.17", 8),
    ("53.04.23", 7),
    ("53.04.12", 8),
    ("53.04.21", 7),
    ("53.04.22", 7),
    (ELSEWHERE, 9),
];
/// Origins of the others.
pub(super) const OTHERS_FROM: &Deck = &[
    (TIMORESE, 6),
    (UNKNOWN, 2),
    ("53.04.02", 25),
    ("53.04.04", 22),
    ("53.04.05", 21),
    ("53.04.13", 21),
    ("53.04.01", 18),
    ("53.04.18", 14),
    ("53.04.03", 15),
    ("53.04.17", 10),
    ("53.04.23", 9),
    ("53.04.12", 14),
    ("53.04.21", 14),
    ("53.04.22", 13),
    (ELSEWHERE, 12),
];
/// Villages people come from, by district: 55 of the regency's 81.
pub(super) const VILLAGES: [(&str, &[&str]); 12] = [
    ("53.04.01", &["2001", "2002", "2004", "2005", "2008", "2014"]),
    ("53.04.02", &["2001", "2002", "2003", "2005", "2006", "2008", "2019"]),
    ("53.04.03", &["2001", "2002", "2004", "2006"]),
    ("53.04.04", &["2001", "2002", "2004", "2005", "2007", "2009"]),
    ("53.04.05", &["2001", "2002", "2003", "2004", "2006"]),
    ("53.04.12", &["1001", "1003", "1010"]),
    ("53.04.13", &["2001", "2002", "2004", "2006", "2007", "2009"]),
    ("53.04.17", &["2001", "2003", "2005", "2007"]),
    ("53.04.18", &["2001", "2003", "2004", "2006", "2008"]),
    ("53.04.21", &["1001", "1002", "1004"]),
    ("53.04.22", &["1001", "1002", "1004"]),
    ("53.04.23", &["2001", "2002", "2004"]),
];

/// Marks somebody whose number is known.
pub(super) const NUMBERED: &str = "ADA";
/// Marks somebody who has no number, for a reason.
pub(super) const NUMBERLESS: &str = "TIDAK_ADA";
/// Population numbers; of those without one, 22 refused a name.
pub(super) const NUMBERS: &Deck = &[(NUMBERED, 206), (NUMBERLESS, 162)];
/// Numbers that disagree with sex or birth on the form, of 206.
pub(super) const CONTRADICTIONS: usize = 12;
/// Pairs of people with the same number.
pub(super) const EQUAL_NUMBERS: usize = 4;
/// Schooling, by code of the family card; the last are unknown.
pub(super) const SCHOOLING: &Deck = &[("5", 76), ("4", 84), ("8", 7), ("3", 118), ("2", 71), (UNKNOWN, 12)];
/// Occupations before, by code of the family card; the last stand for all others.
pub(super) const OCCUPATIONS: &Deck = &[("3", 58), ("2", 37), ("9", 121), ("19", 52), ("1", 74), (UNKNOWN, 26)];
/// People with a disability.
pub(super) const DISABLED: usize = 11;
/// Families threatened.
pub(super) const THREATENED: usize = 13;
/// Languages of explanation.
pub(super) const LANGUAGES: &Deck =
    &[("IND", 171), ("TET", 124), ("BFN", 31), ("KEM", 26), ("AOZ", 12), ("POR", 2), ("ISYARAT", 2)];
/// Adults who refused a name.
pub(super) const REFUSED: &str = "MENOLAK";
/// Children for whom a guardian refused, and the social worker decided.
pub(super) const REFUSED_FOR: &str = "MENOLAK_WALI";
/// Consent given by heirs.
pub(super) const BY_HEIRS: &str = "AHLI_WARIS";
/// Consent: how it was given, or that it was not.
pub(super) const CONSENTS: &Deck =
    &[(REFUSED, 14), (REFUSED_FOR, 8), (BY_HEIRS, 9), ("TERTULIS", 214), ("CAP", 52), ("LISAN", 71)];
/// Consents withdrawn later.
pub(super) const WITHDRAWN: usize = 5;

/// The dead: triage, group, how many.
pub(super) const DECEASED: [(&str, &str, usize); 4] =
    [("TPPO", "LD", 4), ("TPPO", "PD", 1), ("PMI", "LD", 16), ("PMI", "PD", 6)];
/// Where they died.
pub(super) const DIED_IN: &Deck = &[("MY-12", 10), ("MY-13", 6), ("MY-SM", 9), ("TW", 1), ("KH", 1)];
/// Dead who left through procedure.
pub(super) const DEAD_PROCEDURAL: usize = 1;
/// Dead who are buried where they died.
pub(super) const BURIED_THERE: usize = 1;

/// §4: destinations; a stand-in for each group, from which places are picked.
pub(super) const DESTINATIONS: &Deck = &[
    ("MY-12", 38),
    ("MY-SM", 27),
    ("TL", 6),
    ("64", 21),
    ("21", 14),
    ("35", 12),
    ("51", 6),
    ("53", 12),
    ("53.04", 9),
    ("KH", 4),
    ("SG", 3),
];
/// Main purposes, with the sector where the table tells two apart.
pub(super) const PURPOSES: &[((&str, &str), usize)] = &[
    (("BELUM", ""), 9),
    (("ANAK", "T"), 8),
    (("KAWIN", ""), 2),
    (("ADOPSI", ""), 1),
    (("PELACURAN", "RESTO"), 17),
    (("PORNO", "DARING"), 3),
    (("KRIMINAL", "DARING"), 4),
    (("ABK", "ABK"), 7),
    (("PRT", "PRT"), 33),
    (("KERJA", "SAWIT"), 47),
    (("KERJA", "PABRIK"), 20),
    (("NGEMIS", ""), 1),
];
/// Purposes beside the main ones: 1.4 for each person in all.
pub(super) const FURTHER_PURPOSES: usize = 61;
/// Recruiters.
pub(super) const RECRUITERS: &Deck = &[("KELUARGA", 47), ("TEMAN", 34), ("AGEN", 41), ("MEDSOS", 21), ("LAIN", 9)];
/// Means and methods of control, by key; each stands alone.
pub(super) const MEANS: [(&str, usize); 7] = [
    ("cara/TIPU", 108),
    ("cara/RENTAN", 88),
    ("cara/UTANG", 56),
    ("metode_kontrol/UPAH", 74),
    ("metode_kontrol/DOK", 50),
    ("cara/ANCAMAN", 43),
    ("metode_kontrol/GERAK", 36),
];
/// Paper of travel and what became of it.
pub(super) const PAPERS: &[((&str, &str), usize)] = &[
    (("PLB", "ASLI"), 6),
    (("PASPOR", "DITAHAN"), 26),
    (("PASPOR", "ASLI"), 21),
    (("PASPOR", "PALSU"), 8),
    (("KTP", "ASLI"), 47),
    (("TIDAK", ""), 44),
];
/// Transit; each stands alone.
pub(super) const TRANSIT: [(&str, usize); 6] =
    [("TENAU", 52), ("EL_TARI", 44), ("MAUMERE", 18), ("NUNUKAN", 36), ("BATAM", 26), ("TIDAK_RESMI", 8)];
/// People whose wages were withheld, with an amount.
pub(super) const UNPAID: usize = 61;
/// Decisions on the status.
pub(super) const STATUSES: &Deck = &[("TERINDIKASI", 46), ("TERIDENTIFIKASI", 82), ("BUKAN", 14), ("RUJUKLAIN", 10)];
/// Adults of trafficking cases who were children when it began.
pub(super) const BEGAN_AS_CHILD: usize = 9;
/// How migrants left; unknown in the end.
pub(super) const PROCEDURES: &Deck = &[("PROSEDURAL", 14), (UNKNOWN, 15), ("NONPROSEDURAL", 241)];

/// Quarter points of amounts and times: least, middle, most.
pub(super) struct Spread {
    /// At no share, at half, and at each further share up to all: (share in a hundred, value).
    pub(super) points: &'static [(usize, usize)],
}

/// Debt claimed, thousand rupiah.
pub(super) const DEBTS: Spread = Spread { points: &[(0, 1_000), (50, 6_500), (90, 15_000), (100, 28_000)] };
/// Wages withheld, thousand rupiah.
pub(super) const WAGES: Spread = Spread { points: &[(0, 2_000), (50, 14_000), (90, 40_000), (100, 96_000)] };
/// Minutes from report to first response.
pub(super) const RESPONSES: Spread = Spread { points: &[(0, 20), (50, 540), (86, 1_435), (90, 3_100), (100, 4_000)] };
/// Days from report to the decision on the status.
pub(super) const DECISIONS: Spread = Spread { points: &[(0, 2), (44, 9), (54, 9), (78, 14), (79, 15), (100, 44)] };
/// Days from opening to closing.
pub(super) const CLOSINGS: Spread = Spread { points: &[(0, 9), (50, 118), (90, 290), (100, 500)] };
/// Days a report lay on paper.
pub(super) const PAPER_DELAYS: Spread = Spread { points: &[(0, 2), (50, 7), (100, 19)] };
