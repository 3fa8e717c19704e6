// Two practitioners write into one case with no relay, meet again through it, lose nothing, see every disagreement and choose;
// the secretariat's tablet shows the same.
import { Relay } from "../lib/relay.mjs";
import { Tablet } from "../lib/tablet.mjs";
import { check, same, say, suite, until } from "../lib/run.mjs";
import * as flows from "../lib/flows.mjs";

const PARTS = ["f1", "f2-K1"];
const STORY_BEFORE = "Awal cerita. Bagian tengah tetap sama. Akhir cerita.";
const STORY_A = "A menambah di depan. Awal cerita. Bagian tengah tetap sama. Akhir cerita.";
const STORY_B = "Awal cerita. Bagian tengah tetap sama. Akhir cerita. B menambah di belakang.";
const STORY_BOTH = "A menambah di depan. Awal cerita. Bagian tengah tetap sama. Akhir cerita. B menambah di belakang.";

/** A tablet of one account, enrolled and unlocked, that has received what there is. */
async function arrive(context, relay, account, name) {
  const tablet = await Tablet.start(context, { name });
  await tablet.goto(relay, "/enrol");
  const person = await flows.enrol(tablet.page, relay.account(account).enrol_code, { tabletName: `Tablet ${name}` });
  await flows.syncNow(tablet.page);
  await tablet.keptForOffline();
  // The directory came with the first round; signing in again shows it.
  await flows.lock(tablet.page);
  await flows.unlock(tablet.page, person);
  return { tablet, person, name: relay.account(account).name, get page() { return tablet.page; } };
}

/** What stood before the relay went away. */
async function fillBefore(page, code) {
  await flows.openCase(page, code);
  await flows.openField(page, "f2-K1", "nama_lengkap");
  await flows.write(page, "nama_lengkap", "Contoh Awal");
  await flows.showField(page, "rows-dokumen");
  await flows.addRow(page, { jenis: "KTP", nomor: "DOK-TETAP" });
  await flows.addRow(page, { jenis: "PLB", nomor: "DOK-SENGKETA" });
  await flows.showField(page, "alamat_asal");
  await flows.write(page, "alamat_asal", "Alamat awal");
  await flows.write(page, "aman_dihubungi", "Pagi hari");
  await flows.openCase(page, code);
  await flows.openField(page, "f1", "uraian_singkat");
  await flows.write(page, "uraian_singkat", STORY_BEFORE);
  await flows.sendAll(page);
}

async function editAsA(page, code) {
  await flows.openCase(page, code);
  await flows.openField(page, "f2-K1", "nama_lengkap");
  await flows.write(page, "nama_lengkap", "Contoh Nilai A");
  await flows.showField(page, "rows-dokumen");
  await flows.write(page, "nama_lain", "Hanya dari A");
  const row = await flows.rowWith(page, "nomor", "DOK-SENGKETA");
  await row.getByTestId("row-remove").click();
  await flows.at(page, "row-removed").waitFor();
  await flows.showField(page, "alamat_asal");
  await flows.write(page, "aman_dihubungi", "");
  await flows.write(page, "alamat_asal", "");
  await flows.openCase(page, code);
  await flows.openField(page, "f1", "uraian_singkat");
  await flows.write(page, "uraian_singkat", STORY_A);
}

async function editAsB(page, code) {
  await flows.openCase(page, code);
  await flows.openField(page, "f2-K1", "nama_lengkap");
  await flows.write(page, "nama_lengkap", "Contoh Nilai B");
  await flows.showField(page, "rows-dokumen");
  const row = await flows.rowWith(page, "nomor", "DOK-SENGKETA");
  await flows.write(page, "nomor", "DOK-SENGKETA-B", { within: row });
  await flows.showField(page, "alamat_asal");
  await flows.write(page, "aman_dihubungi", "Malam, lewat tetangga");
  await flows.write(page, "kontak_darurat", "Hanya dari B");
  await flows.openCase(page, code);
  await flows.openField(page, "f1", "uraian_singkat");
  await flows.write(page, "uraian_singkat", STORY_B);
}

/** One field of what `readCase` gave, wherever it stands. */
function field(state, name) {
  const fields = Object.values(state).flatMap((shown) => shown.fields);
  const found = fields.find((one) => one.name === `field-${name}`);
  check(found, `no page shows ${name}`);
  return found;
}

/** Sends and receives on every tablet until all show the same case and the same disagreements. */
async function agree(tablets, code) {
  return until("all tablets show the same", async () => {
    for (const { page } of tablets) await flows.sendAll(page);
    for (const { page } of tablets) await flows.syncNow(page);
    const shown = [];
    for (const { page } of tablets) {
      shown.push({ state: await flows.readCase(page, code, PARTS), conflicts: await flows.readConflicts(page) });
    }
    for (const other of shown.slice(1)) {
      same(other.conflicts, shown[0].conflicts, "conflicts");
      same(other.state, shown[0].state, "case");
    }
    return shown[0];
  }, { timeout: 120_000, every: 500 });
}

const wordsOf = (conflicts, words) => conflicts.filter((one) => one.values.some((value) => value.words === words));

async function meetAgain(context) {
  const relay = await Relay.start(context, { size: 0 });
  const a = await arrive(context, relay, "mks1", "A");
  const b = await arrive(context, relay, "mks2", "B");
  const registrar = await arrive(context, relay, "ser1", "Registrar");
  const tablets = [a, b, registrar];
  const code = await flows.sharedCase(a.page, b.name);
  await fillBefore(a.page, code);
  await flows.syncNow(b.page);
  await flows.openCase(b.page, code);

  say("the relay is gone");
  await relay.kill();
  await editAsA(a.page, code);
  await editAsB(b.page, code);
  await b.tablet.close();
  await b.tablet.open();
  await b.tablet.goto(relay);
  await flows.unlock(b.page, b.person);
  await flows.openCase(b.page, code);
  await flows.openField(b.page, "f2-K1", "nama_lengkap");
  same(await flows.at(b.page, "field-nama_lengkap-input").inputValue(), "Contoh Nilai B", "B after reopening offline");

  say("the relay is back");
  await relay.up();
  const { state, conflicts } = await agree(tablets, code);
  context.note("conflicts", conflicts.map((conflict) => conflict.title));

  same(wordsOf(conflicts, "Contoh Nilai A").length, 1, "disagreements on the name");
  const [name] = wordsOf(conflicts, "Contoh Nilai A");
  same(name.values.map(({ words, author }) => [words, author]), [["Contoh Nilai A", a.name], ["Contoh Nilai B", b.name]], "values and names");
  for (const value of name.values) check(/\d\d\.\d\d/.test(value.by.join(" ")), `no time beside ${value.words}: ${value.by}`);
  for (const value of name.values) check(value.by.some((line) => line.includes("Tablet ")), `no tablet beside ${value.words}: ${value.by}`);
  const cleared = wordsOf(conflicts, "Malam, lewat tetangga");
  same(cleared.length, 1, "disagreements on the cleared field");
  check(cleared[0].values.length === 2, `the clear is not beside the value: ${JSON.stringify(cleared[0].values)}`);
  same(conflicts.length, 3, `disagreements: name, cleared field, removed row; found ${conflicts.map((one) => one.title)}`);

  same(field(state, "nama_lain").value, "Hanya dari A", "a field only A wrote");
  same(field(state, "kontak_darurat").value, "Hanya dari B", "a field only B wrote");
  same(field(state, "alamat_asal").value, "", "a field only A cleared");
  same(field(state, "uraian_singkat").value, STORY_BOTH, "the long text");
  const rows = JSON.stringify(Object.values(state).map(({ rows: shown, removed }) => [shown, removed]));
  for (const number of ["DOK-TETAP", "DOK-SENGKETA-B"]) check(rows.includes(number), `${number} is missing from the rows`);

  await flows.chooseValue(a.page, name.title, "Contoh Nilai A");
  await flows.at(a.page, "toast-undo").click();
  await until("both names stand again", async () => wordsOf(await flows.readConflicts(a.page), "Contoh Nilai B").length === 1);
  await flows.chooseValue(a.page, name.title, "Contoh Nilai B");
  await flows.chooseValue(a.page, cleared[0].title, "Malam, lewat tetangga");
  const settled = await agree(tablets, code);
  same(settled.conflicts.length, 1, "disagreements after A chose");
  same(field(settled.state, "nama_lengkap").value, "Contoh Nilai B", "the chosen name");
  same(field(settled.state, "aman_dihubungi").value, "Malam, lewat tetangga", "the chosen hours");
  await expectWholeHistory(tablets, code);
  for (const { tablet } of tablets) tablet.expectQuiet();
}

/** No edit is missing: every value that was ever written is in the history of all three. */
async function expectWholeHistory(tablets, code) {
  const written = ["Contoh Awal", "Contoh Nilai A", "Contoh Nilai B", "Hanya dari A", "Hanya dari B", "Alamat awal", "Pagi hari",
    "Malam, lewat tetangga", "DOK-TETAP", "DOK-SENGKETA", "DOK-SENGKETA-B", "A menambah di depan", "B menambah di belakang"];
  for (const { page, name } of tablets) {
    const lines = (await flows.readHistory(page, code)).join("\n");
    for (const value of written) check(lines.includes(value), `${value} is missing from the history on the tablet of ${name}`);
    for (const told of ["baris dibuat", "Contoh Nilai Atidak dipakai"]) check(lines.includes(told), `"${told}" is missing on the tablet of ${name}`);
    check(!/null|[0-9a-f]{32}/.test(lines), `the history on the tablet of ${name} says what only programs read`);
  }
}

await suite("two-tablets", [["two tablets without a relay meet again and lose nothing", meetAgain]]);
