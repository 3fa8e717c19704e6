use proptest::prelude::*;

use super::*;

const CHANNELS: [&str; 3] = ["DESA", "POLISI", "TELP"];
const TRIAGES: [&str; 3] = ["TPPO", "PMI", "INFO"];

fn report(reported_on: &'static str) -> Report<'static> {
    Report { reported_on, channel: "DESA", triage: "TPPO", ..Report::default() }
}

fn drawn(reports: &[Report<'_>]) -> Drawn {
    draw(reports, 2026, &CHANNELS, &TRIAGES)
}

fn table(drawn: &Drawn, id: TableId) -> &Table {
    drawn.tables.iter().find(|table| table.id == id).unwrap()
}

fn row<'a>(table: &'a Table, code: &str) -> &'a [u32] {
    table.rows.iter().find(|row| row.code == code).map(|row| row.counts.as_slice()).unwrap()
}

fn victims(report: Report<'_>) -> Vec<u32> {
    let drawn = drawn(&[report]);
    table(&drawn, TableId::T03).rows.iter().filter_map(|row| row.counts.first().copied()).collect()
}

#[test]
fn reports_stand_in_their_channel_triage_and_month() {
    let reports = [
        report("2026-03-01"),
        Report { channel: "POLISI", triage: "", ..report("2026-03") },
        Report { channel: "", triage: "BARU", ..report("2026") },
        report("2025-12-31"),
        report("2024-01-01"),
        report(""),
        report("kemarin"),
    ];
    let drawn = drawn(&reports);
    assert_eq!((drawn.reports, drawn.undated), (3, 2));
    assert_eq!(drawn.years.iter().copied().collect::<Vec<_>>(), [2024, 2025, 2026]);
    let channels = table(&drawn, TableId::T01);
    assert_eq!(channels.columns, ["TPPO", "PMI", "INFO", "BARU", UNKNOWN]);
    assert_eq!(channels.rows.iter().map(|row| row.code.as_str()).collect::<Vec<_>>(), ["DESA", "POLISI", UNKNOWN]);
    assert_eq!(row(channels, "DESA"), [1, 0, 0, 0, 0]);
    assert_eq!(row(channels, "POLISI"), [0, 0, 0, 0, 1]);
    assert_eq!(row(channels, UNKNOWN), [0, 0, 0, 1, 0]);
    let months = table(&drawn, TableId::T02);
    assert_eq!(months.rows.len(), 13);
    assert_eq!((row(months, "3"), row(months, UNKNOWN)), (&[2, 0][..], &[1, 0][..]));
}

#[test]
fn victims_are_counted_in_their_year_and_the_one_before() {
    let two = Report { counted: [1, 0, 0, 1], ..report("2026-05-05") };
    let before = Report { counted: [0, 0, 3, 0], ..report("2025-05-05") };
    let drawn = drawn(&[two, before]);
    let groups = table(&drawn, TableId::T03);
    assert_eq!(groups.columns, ["2026", "2025"]);
    assert_eq!((row(groups, "PD"), row(groups, "LD"), row(groups, "LA")), (&[1, 0][..], &[0, 3][..], &[1, 0][..]));
    assert_eq!(groups.sums(), [2, 3]);
    assert_eq!(table(&drawn, TableId::T02).sums(), [1, 2]);
}

#[test]
fn a_phone_tip_that_nobody_verified_is_a_report_and_no_victim() {
    let tip = |verification, way_in, channel| Report {
        counted: [2, 0, 0, 0],
        verification,
        way_in,
        channel,
        ..report("2026-05-05")
    };
    for left_out in [
        tip("", "TELEPON", "SAPA129"),
        tip("", "", "TELP"),
        tip("BELUM", "TELEPON", "TELP"),
        tip("TIDAK_BENAR", "WARGA", "DESA"),
        tip("BELUM", "WARGA", "DESA"),
        Report { triage: "INFO", ..tip("TERVERIFIKASI", "WARGA", "DESA") },
    ] {
        let drawn = drawn(std::slice::from_ref(&left_out));
        assert_eq!(table(&drawn, TableId::T03).sums(), [0, 0], "{left_out:?}");
        assert_eq!(table(&drawn, TableId::T02).sums(), [1, 0]);
        assert_eq!((drawn.reports, drawn.uncounted), (1, 2));
    }
    for counted in [tip("TERVERIFIKASI", "TELEPON", "TELP"), tip("", "WARGA", "DESA")] {
        assert_eq!(victims(counted), [2, 0, 0, 0, 0]);
    }
}

#[test]
fn people_told_apart_count_as_what_they_are() {
    let of = |counted, people: &[(&'static str, &'static str)]| {
        victims(Report { counted, people: people.to_vec(), ..report("2026-05-05") })
    };
    assert_eq!(of([1, 0, 0, 0], &[("KORBAN", "PA")]), [0, 1, 0, 0, 0], "the person, not the first estimate");
    assert_eq!(of([1, 0, 0, 1], &[("", "PD"), ("", "")]), [1, 0, 0, 1, 0], "whose group is not told is as reported");
    assert_eq!(of([0, 0, 0, 0], &[("", "TT"), ("", "")]), [0, 0, 0, 0, 2]);
    assert_eq!(of([0, 0, 18, 0], &[("KORBAN", "LD")]), [0, 0, 18, 0, 0], "of eighteen, one was told apart so far");
    assert_eq!(of([2, 0, 0, 0], &[("KORBAN", "PD"), ("SAKSI", "PD")]), [1, 0, 0, 0, 0], "a witness is no victim");
    assert_eq!(of([0, 0, 0, 0], &[("SAKSI_KORBAN", "LD")]), [0, 0, 1, 0, 0]);
}

fn any_report() -> impl Strategy<Value = Report<'static>> {
    let dates = prop::sample::select(vec!["", "2024-02-02", "2025", "2025-07-01", "2026", "2026-02", "2026-11-29"]);
    let ways = prop::sample::select(vec!["", "TELEPON", "WARGA"]);
    let channels = prop::sample::select(vec!["", "DESA", "POLISI", "TELP", "LAIN"]);
    let triages = prop::sample::select(vec!["", "TPPO", "PMI", "INFO", "LAIN"]);
    let verdicts = prop::sample::select(vec!["", "BELUM", "TERVERIFIKASI", "TIDAK_BENAR"]);
    let people = prop::collection::vec(
        (
            prop::sample::select(vec!["", "KORBAN", "SAKSI", "SAKSI_KORBAN"]),
            prop::sample::select(vec!["", "PD", "PA", "LD", "LA", "TT"]),
        ),
        0..4,
    );
    (dates, ways, channels, triages, verdicts, prop::array::uniform4(0..5_u32), people).prop_map(
        |(reported_on, way_in, channel, triage, verification, counted, people)| Report {
            reported_on,
            way_in,
            channel,
            triage,
            verification,
            counted,
            people,
        },
    )
}

proptest! {
    #[test]
    fn rows_sum_to_the_reports_of_the_year(reports in prop::collection::vec(any_report(), 0..60)) {
        let drawn = drawn(&reports);
        let of_year = reports.iter().filter(|report| report.reported_on.starts_with("2026")).count();
        let undated = reports.iter().filter(|report| report.reported_on.is_empty()).count();
        prop_assert_eq!(usize::try_from(drawn.reports).unwrap(), of_year);
        prop_assert_eq!(usize::try_from(drawn.undated).unwrap(), undated);
        let by_channel: u32 = table(&drawn, TableId::T01).rows.iter().map(TableRow::sum).sum();
        prop_assert_eq!(by_channel, drawn.reports);
        let by_month = table(&drawn, TableId::T02).sums();
        prop_assert_eq!(by_month[0], drawn.reports);
        prop_assert_eq!(by_month[1], table(&drawn, TableId::T03).sums()[0]);
        for table in &drawn.tables {
            prop_assert_eq!(table.rows.last().map(|row| row.code.as_str()), Some(UNKNOWN));
            prop_assert!(table.rows.iter().all(|row| row.counts.len() == table.columns.len()));
        }
    }

    #[test]
    fn cells_come_back_and_never_begin_a_formula(rows in prop::collection::vec(prop::collection::vec(any_cell(), 1..5), 0..8)) {
        let file = csv::write(rows.clone());
        let read = read(&file);
        prop_assert_eq!(read.len(), rows.len());
        for (read, written) in read.iter().flatten().zip(rows.iter().flatten()) {
            let beginnings = [';', '\t'].iter().flat_map(|sign| read.split(*sign)).chain([read.as_str()]);
            for part in beginnings {
                prop_assert!(!part.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝']), "{read:?}");
            }
            prop_assert_eq!(read.replace('\'', ""), written.replace('\'', ""));
        }
    }
}

fn any_cell() -> impl Strategy<Value = String> {
    prop::string::string_regex("[-=+@;,\"'\t\r\n＝ab ]{0,6}").unwrap()
}

/// Reads by RFC 4180.
fn read(file: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut signs = file.strip_prefix('\u{feff}').unwrap().chars().peekable();
    while signs.next_if_eq(&'"').is_some() {
        let mut cell = String::new();
        loop {
            match signs.next().unwrap() {
                '"' if signs.next_if_eq(&'"').is_some() => cell.push('"'),
                '"' => break,
                sign => cell.push(sign),
            }
        }
        row.push(cell);
        if signs.next_if_eq(&',').is_none() {
            assert_eq!((signs.next(), signs.next()), (Some('\r'), Some('\n')));
            rows.push(std::mem::take(&mut row));
        }
    }
    assert_eq!(signs.next(), None);
    rows
}

#[test]
fn nasty_cells_are_text() {
    let row = |cell: &str| csv::write([[cell.to_owned()]]);
    assert_eq!(row("=HYPERLINK(\"http://x\",\"y\")"), "\u{feff}\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"\r\n");
    for sign in ["+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"] {
        assert!(row(sign).starts_with("\u{feff}\"'"), "{sign:?}");
    }
    assert_eq!(row("a;=1+1"), "\u{feff}\"a;'=1+1\"\r\n");
    assert_eq!(row("BLU-2026-0007"), "\u{feff}\"BLU-2026-0007\"\r\n", "a sign inside is no beginning");
    assert_eq!(row("a\r\nb"), "\u{feff}\"a\r\nb\"\r\n");
    let head = ["Kode", "Tahap"].map(str::to_owned);
    let body = ["1", ""].map(str::to_owned);
    assert_eq!(csv::write([head, body]), "\u{feff}\"Kode\",\"Tahap\"\r\n\"1\",\"\"\r\n");
}
