// The socket of docs/protocol.md §8: as much of RFC 6455 as single short messages need.

import { randomBytes } from "node:crypto";
import { request } from "node:http";

const BINARY = 2;
const CLOSE = 8;

/** An open socket: what is said over it comes out of `next` in order. */
export class Socket {
  #line;
  #bytes = Buffer.alloc(0);
  #heard = [];
  #waiting = [];

  /** Opens `/live` of a relay; fails with the status of an answer that is no socket. */
  static open(url) {
    const headers = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13", "sec-websocket-key": randomBytes(16).toString("base64") };
    return new Promise((resolve, reject) => {
      const asked = request(new URL("/live", url), { headers });
      asked.on("error", reject);
      asked.on("response", (answer) => reject(new Error(`/live answered with ${answer.statusCode}`)));
      asked.on("upgrade", (answer, line, head) => resolve(new Socket(line, head)));
      asked.end();
    });
  }

  constructor(line, head) {
    this.#line = line;
    line.on("data", (bytes) => this.#take(bytes));
    line.on("error", () => {});
    line.on("close", () => this.#tell({ cut: true }));
    this.#take(head);
  }

  /** Sends one binary message of at most 125 bytes, masked as every client must. */
  send(bytes) {
    const mask = randomBytes(4);
    const masked = Buffer.from(bytes).map((byte, at) => byte ^ mask[at & 3]);
    this.#line.write(Buffer.concat([Buffer.from([0x80 | BINARY, 0x80 | bytes.length]), mask, masked]));
  }

  /** What comes next: `{ said }`, `{ closed }` with its code, or `{ cut }`. */
  next() {
    if (this.#heard.length > 0) return Promise.resolve(this.#heard.shift());
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Hangs up. */
  end() {
    this.#line.destroy();
  }

  #take(bytes) {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    // A relay sends short frames, unmasked and whole.
    while (this.#bytes.length >= 2 && this.#bytes.length >= 2 + this.#bytes[1]) {
      const [kind, length] = [this.#bytes[0] & 15, this.#bytes[1]];
      const body = this.#bytes.subarray(2, 2 + length);
      this.#bytes = this.#bytes.subarray(2 + length);
      if (kind === BINARY) this.#tell({ said: [...body] });
      else if (kind === CLOSE) this.#tell({ closed: body.readUInt16BE(0) });
    }
  }

  #tell(heard) {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(heard);
    else this.#heard.push(heard);
  }
}
