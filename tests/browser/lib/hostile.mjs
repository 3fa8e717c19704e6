// A tablet whose program was altered: it sends bytes that are no change, signed by its own key.
import { inflateSync } from "node:zlib";
import { Client } from "../../interop/client.mjs";
import * as wire from "../../interop/wire.mjs";

/** Notes every draw of the engine's workers from now on; call it before the tablet enrols. */
export async function noteDraws(page) {
  const note = () => {
    const draw = Crypto.prototype.getRandomValues;
    globalThis.drawn = [];
    Crypto.prototype.getRandomValues = function noted(array) {
      const filled = draw.call(this, array);
      globalThis.drawn.push([...new Uint8Array(filled.buffer, filled.byteOffset, filled.byteLength)]);
      return filled;
    };
  };
  await Promise.all(page.workers().map((worker) => worker.evaluate(note)));
}

/** What the workers drew since. */
const drawsOf = async (page) =>
  (await Promise.all(page.workers().map((worker) => worker.evaluate(() => globalThis.drawn ?? [])))).flat();

/** The relay's name in every signature, which it says to whoever holds a code. */
async function tenantOf(relay, code) {
  const normal = code.toUpperCase().replace(/[\s-]/g, "");
  const headers = { "content-type": "application/cbor" };
  const answer = await fetch(`${relay.url}/enrol`, { method: "POST", headers, body: wire.encode([0, 1, normal]) });
  return wire.decode(new Uint8Array(await answer.arrayBuffer()))[1];
}

/**
 * Has a gate put these bytes in the place of the next change that a tablet sends through it, as its own program might. Gives back
 * whether that has happened.
 */
export async function alterNext(gate, page, code, bytes) {
  const [tenant, draws] = [await tenantOf(gate.relay, code), await drawsOf(page)];
  const pairs = draws.filter((draw) => draw.length === 32).map((seed) => wire.keyPair(Uint8Array.from(seed)));
  let done = false;
  gate.alterRounds((sent, isDeflated) => {
    const [body, signature] = wire.decode(isDeflated ? new Uint8Array(inflateSync(sent)) : sent);
    const upload = wire.decode(body);
    const changes = upload[8][0]?.[2];
    if (done || !changes) return sent;
    const same = (one) => wire.hex(wire.sign(one.secret, wire.frameMessage(tenant, body))) === wire.hex(signature);
    const own = pairs.find(same);
    if (!own) throw new Error("the tablet's key is none of those that were drawn");
    changes[0] = bytes;
    const altered = wire.encode(upload);
    done = true;
    return wire.encode([altered, wire.sign(own.secret, wire.frameMessage(tenant, altered))]);
  });
  return () => done;
}

/** Sends bytes that are no change from another tablet of a demonstration account, for a case of its own. */
export async function sendHostile(relay, login, bytes, tabletName) {
  const client = new Client(relay.url);
  await client.enrol(relay.account(login).enrol_code, tabletName);
  await client.sync();
  const entry = client.at([client.tablet, "core", null, 0]);
  client.counter += 1;
  const message = wire.pushMessage(client.tenant, entry.id, [], client.device, client.counter);
  const push = [entry.id, entry.key, [bytes], wire.sign(client.keys.secret, message)];
  const upload = [1, client.device, client.tablet, client.counter, client.cursor, 0, 0, [], [push], null, null, []];
  const [[, receipts]] = await client.sendRaw(client.sealUpload(upload));
  return receipts[2][0][1][0];
}
