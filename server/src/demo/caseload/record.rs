//! Writes a person of the plan: the row in the core, consent, identity, journey. Each of them where its author may.

use super::DemoAccount;
use super::builder::Teller;
use super::invented::Draw;
use super::plan::Person;
use super::tables::{BY_HEIRS, MEANS, NUMBERED, REFUSED, REFUSED_FOR, TIMORESE, TRANSIT, UNKNOWN};

/// Adds the person to the case, and the consent.
pub(super) fn enter(told: &mut Teller, at: usize, person: &Person) {
    let group = person.group.unwrap_or("TT");
    if person.deceased {
        told.person_who_died(at, group);
    } else {
        told.person(at, group);
    }
    let (giver, how) = match person.consent.unwrap_or("LISAN") {
        REFUSED => ("KORBAN", "LISAN"),
        REFUSED_FOR => ("PEKSOS", "LISAN"),
        BY_HEIRS => ("AHLI_WARIS", "TERTULIS"),
        // The guardian may be involved, so that nobody asks the guardian.
        how if person.guardian => ("PEKSOS", how),
        // A parent speaks for a child and for the dead.
        how if person.is_child() || person.deceased => ("ORANG_TUA", how),
        how => ("KORBAN", how),
    };
    told.consent(at, !person.refused(), person.language.unwrap_or("IND"), giver, how);
}

/// Writes the short identity.
pub(super) fn identify(told: &mut Teller, at: usize, person: &Person) {
    let sheet = "identity.short";
    told.set_of(at, sheet, "nama_lengkap", person.name.clone());
    told.set_of(at, sheet, "jenis_kelamin", if person.is_woman() { "P" } else { "L" });
    if let Some(born) = &person.born {
        told.set_of(at, sheet, "tgl_lahir", born.clone());
    }
    if let Some(years) = person.years {
        told.set_of(at, sheet, "usia_perkiraan", i64::try_from(years).unwrap_or(0));
    }
}

/// Writes the full identity: number, origin, life before.
pub(super) fn describe(told: &mut Teller, at: usize, person: &Person) {
    let sheet = "identity.full";
    let foreign = person.origin == Some(TIMORESE);
    match &person.nik {
        Some(nik) => {
            told.set_of(at, sheet, "nik", nik.clone());
            told.set_of(at, sheet, "nik_status", if person.contradicts { "RAGU" } else { "COCOK" });
        }
        None if person.number != Some(NUMBERED) => {
            told.set_of(at, sheet, "nik_status", "TIDAK_ADA");
            let why = match (foreign, person.is_child()) {
                (true, _) => "WNA",
                (false, true) => "ANAK",
                (false, false) if at.is_multiple_of(2) => "BELUM_REKAM",
                (false, false) => "HILANG",
            };
            told.set_of(at, sheet, "alasan_tanpa_nik", why);
        }
        None => {}
    }
    if foreign {
        told.set_of(at, sheet, "kewarganegaraan", "WNA-TLS");
    }
    if let Some(place) = &person.place {
        told.set_of(at, sheet, "daerah_asal", place.clone());
    }
    match person.schooling {
        Some(UNKNOWN) | None => told.set_of(at, sheet, "pendidikan#jawab", "TIDAK_TAHU"),
        Some(code) => told.set_of(at, sheet, "pendidikan", code),
    }
    match person.occupation {
        Some(UNKNOWN) | None => told.set_of(at, sheet, "pekerjaan", if at.is_multiple_of(2) { "89" } else { "81" }),
        Some(code) => told.set_of(at, sheet, "pekerjaan", code),
    }
    if person.disabled {
        told.set_of(at, sheet, "disabilitas", true);
        told.set_of(at, sheet, "jenis_disabilitas/FISIK", true);
    }
    if person.threatened {
        told.set_of(at, sheet, "keluarga_terancam", true);
    }
    if person.journey.began_as_child {
        told.set_of(at, sheet, "usia_saat_eksploitasi", 16);
    }
}

/// Writes how the person left, and the death where there was one.
pub(super) fn trace(told: &mut Teller, draw: &mut Draw, at: usize, person: &Person) {
    let sheet = "identification";
    match person.procedure {
        Some(UNKNOWN) | None => told.set_of(at, sheet, "pmi_status#jawab", "TIDAK_TAHU"),
        Some(how) => told.set_of(at, sheet, "pmi_status", how),
    }
    let to = person.journey.destination.or(person.died_in).map(|group| destination(draw, group));
    told.set_of(at, sheet, "pmi_negara_tujuan", to.unwrap_or_else(|| draw.pick(&["MY-12", "MY-13", "MY-SM", "64"])));
    if person.deceased {
        let place = person.died_in.unwrap_or("MY-12");
        told.set_of(at, sheet, "meninggal", true);
        told.set_of(at, sheet, "meninggal_negara", place);
        told.set_of(at, sheet, "meninggal_prosedur", person.procedure.unwrap_or("TIDAK_TAHU"));
        if person.buried_there {
            told.set_of(at, sheet, "dimakamkan_area", place);
        } else {
            told.set_of(at, sheet, "pmi_jenis_kepulangan", "JENAZAH");
        }
    } else if person.triage == "PMI" {
        told.set_of(at, sheet, &format!("pmi_masalah/{}", draw.pick(&["GAJI", "SAKIT", "DEPORTASI", "DOKUMEN"])), true);
        told.set_of(at, sheet, "pmi_jenis_kepulangan", draw.pick(&["DEPORTASI", "DEPORTASI", "REPATRIASI", "MANDIRI"]));
    }
}

/// Picks one of the places that a group of destinations stands for.
fn destination(draw: &mut Draw, group: &'static str) -> &'static str {
    match group {
        "MY-12" => draw.pick(&["MY-12", "MY-12", "MY-13"]),
        "TL" => draw.pick(&["TL-DI", "TL-BO"]),
        "64" => draw.pick(&["64", "61", "65", "62"]),
        "21" => draw.pick(&["21.71", "12.71", "14", "21"]),
        "35" => draw.pick(&["35", "31", "32", "36"]),
        "53" => draw.pick(&["53.71", "53.71", "53.15", "53.11"]),
        "53.04" => draw.pick(&["53.04.12", "53.04.21", "53.04.22"]),
        "KH" => draw.pick(&["KH", "KH", "MM", "LA"]),
        "SG" => draw.pick(&["SG", "HK", "TW", "SA"]),
        other => other,
    }
}

/// Writes the three elements and the way of a person of a trafficking case.
pub(super) fn screen(told: &mut Teller, at: usize, person: &Person) {
    let (sheet, journey) = ("identification", &person.journey);
    told.set_of(at, sheet, "proses/REKRUT", true);
    if person.is_child() || journey.began_as_child {
        told.set_of(at, sheet, "aturan_anak", true);
    }
    for ((key, _), _) in MEANS.iter().zip(journey.means).filter(|(_, is)| *is) {
        told.set_of(at, sheet, key, true);
    }
    if let Some((purpose, sector)) = journey.purpose {
        told.set_of(at, sheet, &format!("tujuan/{purpose}"), true);
        if journey.further_purpose {
            let further = if matches!(purpose, "PELACURAN" | "PORNO") { "SEKSUAL" } else { "PERAS" };
            told.set_of(at, sheet, &format!("tujuan/{further}"), true);
        }
        if !sector.is_empty() {
            told.set_of(at, sheet, "sektor_kerja", sector);
        }
    }
    if let Some(recruiter) = journey.recruiter {
        told.set_of(at, sheet, &format!("metode_rekrut/{recruiter}"), true);
    }
    if let Some(debt) = journey.debt {
        told.set_of(at, sheet, "utang_jumlah", debt);
    }
    if let Some(wages) = journey.wages {
        told.set_of(at, sheet, "upah_ditahan", wages);
    }
    let mut paper = vec![("jenis", "REKRUT".into())];
    if let Some((kind, state)) = journey.paper {
        paper.push(("dokumen_dipakai", kind.into()));
        if !state.is_empty() {
            paper.push(("status_dokumen", state.into()));
        }
    }
    told.row_of(at, sheet, "segmen", paper);
    for ((point, _), _) in TRANSIT.iter().zip(journey.transit).filter(|(_, is)| *is) {
        told.row_of(at, sheet, "segmen", vec![("jenis", "TRANSIT".into()), ("titik_lintas", (*point).into())]);
    }
}

/// Writes the decision on the status, as of a day.
pub(super) fn decide(told: &mut Teller, at: usize, person: &Person, by: DemoAccount, day: &str) {
    let Some(status) = person.journey.status else { return };
    let sheet = "identification";
    told.set_of(at, sheet, "status_korban", status);
    told.set_of(at, sheet, "penetap_status", "PPT");
    told.set_of(at, sheet, "petugas_penetap", super::DemoValue::Account(by));
    told.set_of(at, sheet, "tgl_penetapan", day);
}
