// The frames, identifiers and signatures of docs/protocol.md §2, §3, §6 and §12. Written from that page alone.

import { createHash, createPrivateKey, createPublicKey, sign as ed25519Sign } from "node:crypto";
import { decode as cborDecode, decodeFirst, encode as cborEncode, rfc8949EncodeOptions } from "cborg";

/** Encodes deterministically. */
export const encode = (value) => cborEncode(value, rfc8949EncodeOptions);

/** Decodes one item. */
export const decode = (bytes) => cborDecode(bytes);

/** Decodes a CBOR sequence into its items. */
export function decodeSequence(bytes) {
  const items = [];
  let rest = bytes;
  while (rest.length > 0) {
    const [item, remainder] = decodeFirst(rest);
    items.push(item);
    rest = remainder;
  }
  return items;
}

export const hex = (bytes) => Buffer.from(bytes).toString("hex");
export const unhex = (text) => new Uint8Array(Buffer.from(text, "hex"));
export const utf8 = (text) => new TextEncoder().encode(text);

/** hash16(label, part…) of §3. */
export function hash16(label, ...parts) {
  return new Uint8Array(createHash("sha256").update(encode([label, ...parts])).digest().subarray(0, 16));
}

/** A document's id from its key [case, kind, subject or null, generation]. */
export function documentId([caseId, kind, subject, generation]) {
  const number = new Uint8Array(4);
  new DataView(number.buffer).setUint32(0, generation);
  return hash16("simpul/document", caseId, utf8(kind), subject ?? new Uint8Array(0), number);
}

const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

/** A row's key in `r`. */
export function rowKey(table, row) {
  let bits = 0n;
  for (const byte of row) bits = (bits << 8n) | BigInt(byte);
  bits <<= 2n;
  let text = "";
  for (let shift = 125n; shift >= 0n; shift -= 5n) text += BASE32[Number((bits >> shift) & 31n)];
  return `${table}/${text}`;
}

/** An Ed25519 key pair from a seed of 32 bytes. */
export function keyPair(seed) {
  const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.from(seed)]);
  const secret = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
  const spki = createPublicKey(secret).export({ format: "der", type: "spki" });
  return { secret, publicKey: new Uint8Array(spki.subarray(spki.length - 32)) };
}

/** Signs a message. */
export const sign = (secret, message) => new Uint8Array(ed25519Sign(null, message, secret));

export const frameMessage = (tenant, body) => encode(["simpul/frame/1", tenant, body]);
export const liveMessage = (tenant, body) => encode(["simpul/live/1", tenant, body]);
export const pushMessage = (tenant, document, hashes, device, counter) =>
  encode(["simpul/push/1", tenant, document, hashes, device, counter]);
export const joinMessage = (tenant, code, publicKey, tablet, tabletName, slot) =>
  encode(["simpul/join/1", tenant, code, publicKey, tablet, tabletName, slot]);

/** What one document adds to the check sum, §11. */
export function checkTerm(key, document, heads) {
  const sorted = [...heads].sort((one, other) => Buffer.compare(one, other));
  const term = hash16("simpul/check", key, document, ...sorted);
  return term.reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

/** 16 bytes, little-endian. */
export function littleEndian128(number) {
  const bytes = new Uint8Array(16);
  for (let at = 0; at < 16; at += 1) bytes[at] = Number((number >> BigInt(8 * at)) & 255n);
  return bytes;
}
