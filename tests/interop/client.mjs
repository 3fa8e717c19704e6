// A whole client of simpul/1: enrols, writes, syncs, repairs. Written from docs/protocol.md alone (§1, §7 to §11).

import { Encrypter } from "age-encryption";
import { randomBytes } from "node:crypto";
import { deflateSync } from "node:zlib";
import * as documents from "./documents.mjs";
import { Socket } from "./live.mjs";
import * as wire from "./wire.mjs";

const VERSION = 1;

/** A request as a whole was not taken. */
export class Fault extends Error {
  constructor([code, retryAfter]) {
    super(`S-${code}`);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

const random = (length) => new Uint8Array(randomBytes(length));
const nowSeconds = () => Math.floor(Date.now() / 1000);

/** Bytes sealed to a recipient in the binary age format. */
async function sealed(recipient, bytes) {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  return encrypter.encrypt(bytes);
}

/** One account on one tablet. */
export class Client {
  constructor(url) {
    this.url = url;
    this.keys = wire.keyPair(random(32));
    this.tablet = random(16);
    this.counter = 0;
    this.cursor = null;
    this.checkKey = null;
    /** By document id in hexadecimal: { key, mine, document, acknowledged heads, pending changes, known }. */
    this.documents = new Map();
    this.members = new Map();
    this.statuses = new Map();
    this.refused = [];
  }

  async #post(path, body, compress) {
    const headers = { "content-type": "application/cbor" };
    if (compress) headers["content-encoding"] = "deflate";
    const answer = await fetch(this.url + path, { method: "POST", headers, body: compress ? deflateSync(body) : body });
    if (!answer.headers.get("content-type")?.startsWith("application/cbor")) {
      throw new Error(`${path}: ${answer.status} without a frame`);
    }
    return new Uint8Array(await answer.arrayBuffer());
  }

  /** Uses a one-time code up. The recovery slot is a vault key sealed to the office; this client has no vault beside it. */
  async enrol(code, tabletName = "Interop") {
    const normal = code.toUpperCase().replace(/[\s-]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
    const [kind, ...welcome] = wire.decode(await this.#post("/enrol", wire.encode([0, VERSION, normal])));
    if (kind === 2) throw new Fault(welcome[0]);
    const [tenant, member, , recipient] = welcome;
    const slot = await sealed(recipient, random(32));
    this.tenant = tenant;
    this.account = member[0];
    const message = wire.joinMessage(tenant, normal, this.keys.publicKey, this.tablet, tabletName, slot);
    const signature = wire.sign(this.keys.secret, message);
    const join = [1, VERSION, normal, this.keys.publicKey, this.tablet, tabletName, slot, signature];
    const [answer, ...joined] = wire.decode(await this.#post("/enrol", wire.encode(join)));
    if (answer === 2) throw new Fault(joined[0]);
    [this.device, this.deviceNumber] = joined;
    return member;
  }

  /** The document of a key, made when it is not there yet. */
  at(key) {
    const id = wire.documentId(key);
    const name = wire.hex(id);
    if (!this.documents.has(name)) {
      const document = documents.open(this.account);
      this.documents.set(name, { id, key, document, heads: documents.headsOf(document), pending: [], known: false });
    }
    return this.documents.get(name);
  }

  /** Writes one change into a document: `write(document, time)` returns the changed one. */
  edit(key, write) {
    const entry = this.at(key);
    entry.document = write(entry.document, nowSeconds());
    entry.pending.push(documents.lastChange(entry.document));
  }

  /** Begins a text where there is none. */
  beginText(key, name) {
    const entry = this.at(key);
    if (entry.document.t[name] !== undefined) return;
    const derived = documents.textChange(name);
    entry.document = documents.apply(entry.document, [derived]);
    entry.pending.push(derived);
  }

  /** One round; returns its last part. Goes on while more waits. */
  async sync({ repair = null } = {}) {
    for (;;) {
      const end = await this.#round(repair);
      if (!end[0]) return end;
      repair = null;
    }
  }

  async #round(repair) {
    const sent = [...this.documents.values()].filter((entry) => entry.pending.length > 0);
    this.counter += 1;
    const pushes = sent.map((entry) => {
      const hashes = entry.pending.map(documents.hashOf);
      const message = wire.pushMessage(this.tenant, entry.id, hashes, this.device, this.counter);
      return [entry.id, entry.known ? null : entry.key, entry.pending, wire.sign(this.keys.secret, message)];
    });
    const upload = [VERSION, this.device, random(16), this.counter, this.cursor, 0, 0, [], pushes, repair, null, []];
    this.lastBody = this.sealUpload(upload);
    const parts = wire.decodeSequence(await this.#post("/sync", this.lastBody, true));
    let end = null;
    for (const [kind, part] of parts) {
      if (kind === 0) this.#receipts(sent, part);
      else if (kind === 1) this.#page(part);
      else if (kind === 2) end = part;
      else if (kind === 3) throw new Fault(part);
      else if (kind === 4) this.differing = [...part];
    }
    if (end === null) throw new Error("the answer was cut");
    return end;
  }

  /** Encodes and signs an upload. */
  sealUpload(upload) {
    const body = wire.encode(upload);
    return wire.encode([body, wire.sign(this.keys.secret, wire.frameMessage(this.tenant, body))]);
  }

  /** Opens a socket and says who listens; `hello` for the bytes of an earlier one. */
  async listen(hello = this.hello()) {
    const socket = await Socket.open(this.url);
    this.lastHello = hello;
    socket.send(hello);
    return socket;
  }

  /** The next hello of this device. */
  hello() {
    this.counter += 1;
    const body = wire.encode([VERSION, this.device, this.counter]);
    return wire.encode([body, wire.sign(this.keys.secret, wire.liveMessage(this.tenant, body))]);
  }

  /** Sends bytes as they are; for replays and broken frames. */
  async sendRaw(bytes) {
    return wire.decodeSequence(await this.#post("/sync", bytes, false));
  }

  #receipts(sent, [, , pushes, , checkKey]) {
    if (checkKey !== null) this.checkKey = checkKey;
    sent.forEach((entry, at) => {
      const [all, each] = pushes[at];
      const receipts = all === 0 ? entry.pending.map(() => [0]) : each;
      const left = [];
      receipts.forEach(([kind, detail], index) => {
        if (kind <= 1) this.#acknowledge(entry, [entry.pending[index]]);
        else if (kind === 2) left.push(entry.pending[index]);
        else this.refused.push({ document: entry.id, kind, detail, change: entry.pending[index] });
      });
      entry.pending = left;
      entry.known ||= receipts.some(([kind]) => kind <= 1);
    });
  }

  /** Moves the acknowledged heads over changes. */
  #acknowledge(entry, changes) {
    const acknowledged = new Set(entry.heads.map(wire.hex));
    for (const change of changes) {
      const { hash, deps } = documents.Automerge.decodeChange(change);
      for (const parent of deps) acknowledged.delete(parent);
      acknowledged.add(hash);
    }
    entry.heads = [...acknowledged].map(wire.unhex);
  }

  #page([items, cursor]) {
    for (const [kind, ...fields] of items) {
      if (kind === 0) this.#changes(...fields);
      else if (kind === 1) this.#snapshot(...fields);
      else if (kind === 2) this.documents.delete(wire.hex(fields[0]));
      else if (kind === 3) this.members.set(wire.hex(fields[0][0]), fields[0]);
      else if (kind === 4) this.statuses.set(wire.hex(fields[0][0]), fields[0]);
    }
    this.cursor = cursor;
  }

  #changes(id, changes) {
    const entry = this.documents.get(wire.hex(id));
    const held = new Set(documents.Automerge.getAllChanges(entry.document).map((change) => wire.hex(documents.hashOf(change))));
    const fresh = changes.filter((change) => !held.has(wire.hex(documents.hashOf(change))));
    entry.document = documents.apply(entry.document, changes);
    this.#acknowledge(entry, fresh);
  }

  #snapshot(key, bytes) {
    const entry = this.at(key);
    const loaded = documents.Automerge.load(bytes);
    entry.heads = documents.headsOf(loaded);
    entry.document = documents.apply(entry.document, documents.Automerge.getAllChanges(loaded));
    entry.known = true;
  }

  /** Count and sum over what the relay has acknowledged, as §11 says. */
  check() {
    const known = [...this.documents.values()].filter((entry) => entry.known);
    const sum = known.reduce((total, entry) => total + wire.checkTerm(this.checkKey, entry.id, entry.heads), 0n);
    return [known.length, wire.littleEndian128(sum & ((1n << 128n) - 1n))];
  }

  /** The digests of a repair's first step. */
  digests() {
    const buckets = new BigUint64Array(64);
    for (const entry of this.documents.values()) {
      if (entry.known) buckets[entry.id[0] & 63] += wire.checkTerm(this.checkKey, entry.id, entry.heads) & 0xffff_ffff_ffff_ffffn;
    }
    return new Uint8Array(buckets.buffer);
  }
}
