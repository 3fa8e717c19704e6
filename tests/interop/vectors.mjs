// Recomputes the test vectors of docs/protocol.md with the client of this folder.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as wire from "./wire.mjs";
import * as documents from "./documents.mjs";

const page = readFileSync(new URL("../../docs/protocol.md", import.meta.url), "utf8");
const block = page.split("<!-- generated: vectors -->")[1].split("<!-- end -->")[0];
const vectors = new Map(
  block.split("\n").flatMap((line) => (line.includes(" = ") ? [line.split(" = ")] : [])),
);
const fill = (byte, length = 16) => new Uint8Array(length).fill(byte);
const same = (name, bytes) => assert.equal(wire.hex(bytes), vectors.get(name), name);

const key = [fill(0x55), "intake", null, 0];
same("document_id.intake", wire.documentId(key));
same("document_id.identity_short", wire.documentId([fill(0x55), "identity.short", fill(0x66), 0]));
same("document_id.generation_1", wire.documentId([fill(0x55), "intake", null, 1]));
assert.equal(wire.rowKey("tim", fill(0x77)), vectors.get("row_key.text"));

same("genesis", documents.GENESIS);
same("genesis.hash", documents.hashOf(documents.GENESIS));
same("text_change", documents.textChange("kronologi"));

const time = 1_790_000_000;
const bytesOf = (name) => wire.unhex(vectors.get(name));

// Naming an author draws an actor, so the first change is compared by what a reader sees in it …
const first = documents.Automerge.decodeChange(bytesOf("change.set_field"));
assert.equal(first.author, "22".repeat(16));
let mine = documents.setField(documents.open(fill(0x22)), "triase", "KUNING", time);
const { actor, hash, ...seen } = documents.Automerge.decodeChange(documents.lastChange(mine));
assert.deepEqual(seen, Object.fromEntries(Object.entries(first).filter(([name]) => name in seen)));
assert.equal(actor.length, 32);

// … and the later ones byte by byte.
let document = documents.apply(documents.openAs(fill(0x88)), [bytesOf("change.set_field")]);
document = documents.addRow(document, wire.rowKey("tim", fill(0x77)), { akun: "22".repeat(16), peran: "MKS" }, time);
same("change.add_row", documents.lastChange(document));
document = documents.apply(document, [documents.textChange("kronologi")]);
document = documents.insertText(document, "kronologi", 0, "Halo", time);
same("change.edit_text", documents.lastChange(document));
assert.deepEqual(documents.headsOf(document).map(wire.hex), vectors.get("heads").split(" "));

const keys = wire.keyPair(fill(0x01, 32));
same("key.public", keys.publicKey);
const code = "ABCDEFGHJKMNPQRS";
const slot = fill(0xdd, 8);
same("enrol.look", wire.encode([0, 1, code]));
const join = wire.joinMessage(fill(0x11), code, keys.publicKey, fill(0x44), "Tablet 1", slot);
same("join.message", join);
same("join.signature", wire.sign(keys.secret, join));
same("enrol.join", wire.encode([1, 1, code, keys.publicKey, fill(0x44), "Tablet 1", slot, wire.sign(keys.secret, join)]));

const changes = ["change.set_field", "change.add_row", "change.derived", "change.edit_text"].map(bytesOf);
const push = wire.pushMessage(fill(0x11), wire.documentId(key), changes.map(documents.hashOf), fill(0x33), 1);
same("push.message", push);
same("push.signature", wire.sign(keys.secret, push));
const pushes = [[wire.documentId(key), key, changes, wire.sign(keys.secret, push)]];
const body = wire.encode([1, fill(0x33), fill(0x99), 1, null, 1, 0, [], pushes, null, null, []]);
same("frame.message", wire.frameMessage(fill(0x11), body));
same("sync.request", wire.encode([body, wire.sign(keys.secret, wire.frameMessage(fill(0x11), body))]));

const [[, receipts], [, page1], [, end]] = wire.decodeSequence(bytesOf("sync.answer"));
assert.deepEqual(receipts[2], [[0]]);
document = documents.apply(document, page1[0].filter(([kind]) => kind === 0).flatMap(([, , received]) => received));
assert.deepEqual(documents.valuesOf(document, "triase").sort(), ["KUNING", "MERAH"]);
const sum = wire.checkTerm(receipts[4], wire.documentId(key), documents.headsOf(document));
assert.deepEqual(end[2], [1, wire.littleEndian128(sum)]);
const hello = wire.encode([1, fill(0x33), 2]);
same("live.message", wire.liveMessage(fill(0x11), hello));
same("live.signature", wire.sign(keys.secret, wire.liveMessage(fill(0x11), hello)));
same("live.hello", wire.encode([hello, wire.sign(keys.secret, wire.liveMessage(fill(0x11), hello))]));

console.log(`${vectors.size} vectors agree`);
