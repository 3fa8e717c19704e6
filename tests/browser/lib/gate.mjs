// A gate in front of a relay: it passes everything on, serves other files in place of the relay's, and can keep answers back.
// With it a tablet meets a second build, or a round that lasts, without another relay being built.
import { createHash } from "node:crypto";
import { createServer, request as ask } from "node:http";
import { connect } from "node:net";
import { freePort } from "./relay.mjs";

/** Headers that speak of one connection or of bytes that were changed. */
const NOT_PASSED_ON = ["content-length", "content-encoding", "transfer-encoding", "connection", "keep-alive", "etag"];

/** An empty custom section: other bytes, the same module. */
const WASM_EMPTY_SECTION = Uint8Array.from([0, 2, 1, 120]);

const hashOf = (bytes) => createHash("sha256").update(bytes).digest("hex");

export class Gate {
  /** Opens a gate in front of a relay; it is closed when the test ends. */
  static async start(context, relay) {
    const gate = new Gate();
    Object.assign(gate, { relay, port: await freePort(), served: new Map(), held: undefined, rounds: 0, sockets: new Set(), socketsEver: 0 });
    const server = createServer((incoming, answer) => gate.pass(incoming, answer));
    server.on("upgrade", (incoming, line, head) => gate.passSocket(incoming, line, head));
    context.cleanup(async () => {
      gate.letGo();
      for (const line of gate.sockets) line.destroy();
      server.closeAllConnections();
      await new Promise((resume) => server.close(resume));
    });
    await new Promise((resume) => server.listen(gate.port, "127.0.0.1", resume));
    return gate;
  }

  get url() {
    return `http://localhost:${this.port}`;
  }

  /** The demonstration account of the relay behind. */
  account(name) {
    return this.relay.account(name);
  }

  /** From now on answers of rounds wait here until they are let go. */
  hold() {
    this.held = [];
  }

  /** How many rounds wait. */
  get waiting() {
    return this.held?.length ?? 0;
  }

  /** Lets the waiting answers go, and those to come. */
  letGo() {
    const held = this.held ?? [];
    this.held = undefined;
    for (const go of held) go();
  }

  /** Passes a socket on, byte by byte; `sockets` are those that are open, `socketsEver` counts them. */
  passSocket(incoming, line, head) {
    const onward = connect(this.relay.port, "127.0.0.1");
    const fields = [];
    for (let at = 0; at < incoming.rawHeaders.length; at += 2) fields.push(`${incoming.rawHeaders[at]}: ${incoming.rawHeaders[at + 1]}\r\n`);
    onward.on("connect", () => {
      this.sockets.add(line);
      this.socketsEver += 1;
      onward.write(`${incoming.method} ${incoming.url} HTTP/1.1\r\n${fields.join("")}\r\n`);
      onward.write(head);
      onward.pipe(line).pipe(onward);
    });
    for (const [one, other] of [[line, onward], [onward, line]]) {
      one.on("error", () => other.destroy());
      one.on("close", () => {
        this.sockets.delete(line);
        other.destroy();
      });
    }
  }

  async pass(incoming, answer) {
    const path = new URL(incoming.url, this.url).pathname;
    if (path === "/sync") this.rounds += 1;
    const own = this.served.get(path);
    if (own) {
      answer.writeHead(own.status, own.headers);
      answer.end(own.bytes);
      return;
    }
    const { headers, body } = path === "/sync" && this.change ? await this.altered(incoming) : { headers: incoming.headers };
    const options = { host: "127.0.0.1", port: this.relay.port, path: incoming.url, method: incoming.method, headers };
    const onward = ask(options, async (behind) => {
      if (path === "/sync" && this.held) await new Promise((go) => this.held.push(go));
      answer.writeHead(behind.statusCode, behind.headers);
      behind.pipe(answer);
    });
    onward.on("error", () => answer.destroy());
    if (body) onward.end(body);
    else incoming.pipe(onward);
  }

  /** From now on what a tablet sends in a round goes through `change(bytes, isDeflated)`; what that changes goes on as it is. */
  alterRounds(change) {
    this.change = change;
  }

  async altered(incoming) {
    const sent = new Uint8Array(Buffer.concat(await incoming.toArray()));
    const body = this.change(sent, incoming.headers["content-encoding"] === "deflate");
    if (body === sent) return { headers: incoming.headers, body };
    const { "content-encoding": _, ...headers } = incoming.headers;
    return { headers: { ...headers, "content-length": `${body.length}` }, body };
  }

  /** Serves this in place of what the relay has at a path. */
  serve(path, bytes, headers) {
    this.served.set(path, { status: 200, bytes, headers });
  }

  /** What the relay serves at a path. */
  async original(path) {
    const answer = await fetch(`http://127.0.0.1:${this.relay.port}${path}`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    const headers = Object.fromEntries([...answer.headers].filter(([name]) => !NOT_PASSED_ON.includes(name)));
    return { bytes, headers };
  }

  /**
   * Puts another build into the place of the relay's: every module, script and the page has other bytes and another name, and
   * the names of the build before are gone. Gives back the id of the new build and both builds' own paths.
   */
  async serveAnotherBuild(mark) {
    const worker = await this.original("/sw.js");
    const list = worker.bytes.toString();
    const paths = JSON.parse(list.match(/new Map\((\[.*\])\)/)[1]).map(([path]) => path);
    const before = list.match(/BUILD = "([0-9a-f]+)"/)[1];
    const build = hashOf(before + mark).slice(0, before.length);
    const renamed = new Map([[before, build]]);
    const renew = (text) => [...renamed].reduce((done, [from, to]) => done.replaceAll(from, to), text);
    for (const name of ["app_bg", "engine_bg", "app", "engine", "worker", "boot"]) {
      const path = paths.find((one) => one.startsWith(`/a/${name}-`));
      const { bytes, headers } = await this.original(path);
      const isWasm = path.endsWith(".wasm");
      const made = isWasm ? Buffer.concat([bytes, WASM_EMPTY_SECTION]) : Buffer.from(`${renew(bytes.toString())}\n// ${mark}\n`);
      const to = path.replace(/-[0-9a-f]+\./, `-${hashOf(made).slice(0, before.length)}.`);
      renamed.set(path, to);
      renamed.set(hashOf(bytes), hashOf(made));
      this.serve(to, made, headers);
      this.served.set(path, { status: 404, bytes: "", headers: {} });
    }
    const page = await this.original("/index.html");
    const madePage = Buffer.from(renew(page.bytes.toString()));
    renamed.set(hashOf(page.bytes), hashOf(madePage));
    for (const path of ["/", "/index.html"]) this.serve(path, madePage, page.headers);
    this.serve("/sw.js", Buffer.from(renew(list)), worker.headers);
    const changed = [...renamed].filter(([path]) => path.startsWith("/a/"));
    return { before, build, oldPaths: changed.map(([from]) => from), newPaths: changed.map(([, to]) => to) };
  }

  /** Serves the worker that withdraws a build in place of the service worker. */
  async withdraw() {
    const { bytes, headers } = await this.original("/sw-withdrawn.js");
    this.serve("/sw.js", bytes, headers);
  }
}
