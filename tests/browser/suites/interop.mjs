// A client in JavaScript, written from docs/protocol.md alone, against the real relay: enrols, writes, disagrees, agrees.
import { randomBytes } from "node:crypto";
import { Client, Fault } from "../../interop/client.mjs";
import * as documents from "../../interop/documents.mjs";
import * as wire from "../../interop/wire.mjs";
import { Relay } from "../lib/relay.mjs";
import { check, same, suite } from "../lib/run.mjs";

const TODAY = new Date().toISOString().slice(0, 10);
const random = (length) => new Uint8Array(randomBytes(length));

/** An enrolled client for the first demo account that is not taken yet among those of a role. */
async function enrolled(relay, login) {
  const account = relay.ready.accounts.find((one) => one.account === login);
  check(account, `the demo has no account ${login}`);
  const client = new Client(relay.url);
  await client.enrol(account.enrol_code, `Interop ${login}`);
  return client;
}

/** Faults must come as faults: their number is what counts. */
async function faultOf(act) {
  try {
    await act();
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
  return 0;
}

const core = (caseId) => [caseId, "core", null, 0];
const intake = (caseId) => [caseId, "intake", null, 0];
const put = (key, value) => (document, time) => documents.setField(document, key, value, time);
const row = (table, fields) => (document, time) =>
  documents.addRow(document, wire.rowKey(table, random(16)), fields, time);
const member = (client) => ({ akun: wire.hex(client.account), peran: "MKS", dari: TODAY });

/** Compares the relay's check with what the client holds. */
function agree(client, end, who) {
  const [count, sum] = client.check();
  same([end[2][0], wire.hex(end[2][1])], [count, wire.hex(sum)], `check of ${who}`);
}

async function vectorsAgree() {
  await import("../../interop/vectors.mjs");
}

async function writesTogether(context) {
  const relay = await Relay.start(context, { size: 0 });
  const [author, one, two] = [await enrolled(relay, "pkt1"), await enrolled(relay, "mks1"), await enrolled(relay, "mks2")];
  const caseId = random(16);

  // The field worker reports a danger; both practitioners see it without having been named.
  author.edit(core(caseId), put("kode_lapangan", "L-4K7-29Q"));
  author.edit(core(caseId), put("darurat", true));
  author.beginText(intake(caseId), "uraian_singkat");
  author.edit(intake(caseId), (document, time) => documents.insertText(document, "uraian_singkat", 0, "Halo", time));
  agree(author, await author.sync(), "the author");
  same(author.refused, [], "refused of the author");
  await one.sync();
  same(`${one.at(intake(caseId)).document.t.uraian_singkat}`, "Halo", "text as the practitioner sees it");

  // The author hands it over, one takes it over and names both; the author keeps a status.
  author.edit(core(caseId), put("diserahkan", "2026-11-22T09:30:00+08:00"));
  agree(author, await author.sync(), "the author");
  await one.sync();
  one.edit(core(caseId), put("diterima_oleh", wire.hex(one.account)));
  one.edit(core(caseId), row("tim", member(one)));
  one.edit(core(caseId), row("tim", member(two)));
  await one.sync();
  same(one.refused, [], "refused of the taker");
  await author.sync();
  check(!author.documents.has(wire.hex(wire.documentId(intake(caseId)))), "the author still holds the report");
  check(author.statuses.has(wire.hex(caseId)), "the author has no status");

  // Apart from each other: the same field, and one text in two places.
  await two.sync();
  one.edit(intake(caseId), put("triase", "TPPO"));
  two.edit(intake(caseId), put("triase", "TPPM"));
  one.edit(intake(caseId), (document, time) => documents.insertText(document, "uraian_singkat", 0, "Satu. ", time));
  two.edit(intake(caseId), (document, time) => documents.insertText(document, "uraian_singkat", 4, " dua", time));
  await one.sync();
  await two.sync();
  await one.sync();
  for (const [client, who] of [[one, "the first"], [two, "the second"]]) {
    same(documents.valuesOf(client.at(intake(caseId)).document, "triase").sort(), ["TPPM", "TPPO"], `values of ${who}`);
    same(`${client.at(intake(caseId)).document.t.uraian_singkat}`, "Satu. Halo dua", `text of ${who}`);
  }

  // One has seen both and chooses.
  one.edit(intake(caseId), put("triase", "TPPO"));
  await one.sync();
  agree(two, await two.sync(), "the second");
  agree(one, await one.sync(), "the first");
  for (const client of [one, two]) {
    same(documents.valuesOf(client.at(intake(caseId)).document, "triase"), ["TPPO"], "values after the choice");
    same(client.refused, [], "refused");
  }
  check(one.members.has(wire.hex(two.account)), "the directory lacks the other");
}

async function repairs(context) {
  const relay = await Relay.start(context, { size: 0 });
  const author = await enrolled(relay, "pkt1");
  const caseId = random(16);
  author.edit(core(caseId), put("kode_lapangan", "L-4K7-29Q"));
  await author.sync();
  await author.sync({ repair: [0, author.digests()] });
  same(author.differing, [], "buckets that differ");
  const lost = wire.hex(wire.documentId(core(caseId)));
  author.documents.delete(lost);
  await author.sync({ repair: [0, author.digests()] });
  same(author.differing.length, 1, "buckets that differ after a loss");
  await author.sync({ repair: [1, author.differing.map((bucket) => [bucket, []])] });
  check(author.documents.has(lost), "repair did not bring the document back");
}

async function listens(context) {
  const relay = await Relay.start(context, { size: 0 });
  const [author, duty] = [await enrolled(relay, "pkt1"), await enrolled(relay, "mks1")];
  const socket = await duty.listen();
  same(await socket.next(), { said: [0] }, "the first word");
  await duty.sync();
  const caseId = random(16);
  author.edit(core(caseId), put("kode_lapangan", "L-4K7-29Q"));
  author.edit(core(caseId), put("darurat", true));
  await author.sync();
  same(await socket.next(), { said: [1] }, "the word when there is news");
  await duty.sync();
  check(duty.documents.has(wire.hex(wire.documentId(core(caseId)))), "the round after the word brought nothing");

  // A newer socket closes the older; a hello opens one socket, and one that is not this device's none.
  const newer = await duty.listen();
  same(await newer.next(), { said: [0] }, "the first word of the newer socket");
  same(await socket.next(), { closed: 1008 }, "the older socket");
  same(await (await duty.listen(duty.lastHello)).next(), { closed: 1008 }, "a hello that came before");
  const forged = Uint8Array.from(duty.hello());
  forged[forged.length - 1] ^= 1;
  same(await (await duty.listen(forged)).next(), { closed: 1008 }, "a hello with another signature");
  same(await (await duty.listen(wire.utf8("halo"))).next(), { closed: 1008 }, "no hello");
  await relay.stop();
  same(await newer.next(), { closed: 1001 }, "the relay stops");
}

async function refusesBadInput(context) {
  const relay = await Relay.start(context, { size: 0 });
  const author = await enrolled(relay, "pkt1");
  same(await faultOf(() => new Client(relay.url).enrol("AAAAAAAAAAAAAAAA")), 1111, "unknown code");

  const caseId = random(16);
  author.edit(core(caseId), put("kode_lapangan", "L-4K7-29Q"));
  await author.sync();
  const code = async (bytes) => (await author.sendRaw(bytes)).find(([kind]) => kind === 3)?.[1][0];
  const sent = author.lastBody;
  const again = await author.sendRaw(sent);
  same(again[0][0], 0, "a replayed request has receipts");
  same(await code(sent.subarray(0, sent.length - 1)), 1001, "truncated");
  same(await code(Uint8Array.from([...sent, 0])), 1001, "trailing byte");
  const forged = Uint8Array.from(sent);
  forged[forged.length - 1] ^= 1;
  same(await code(forged), 1103, "wrong signature");

  // A change of one document, sent for another under its own signature, is judged by its document.
  const before = author.refused.length;
  const entry = author.at(intake(caseId));
  const stolen = documents.Automerge.getAllChanges(author.at(core(caseId)).document).at(-1);
  entry.pending.push(stolen);
  await author.sync();
  same(author.refused.length, before + 1, "a foreign change was taken");
}

await suite("interop", [
  ["the vectors of the page", vectorsAgree],
  ["enrols, writes apart, disagrees and agrees", writesTogether],
  ["finds and mends what it lost", repairs],
  ["hears over a socket that there is news", listens],
  ["bad input is refused by name", refusesBadInput],
]);
