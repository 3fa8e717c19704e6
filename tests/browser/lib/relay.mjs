// Starts, stops and kills the real relay on a port of its own with a data folder of its own.
import { spawn, execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { until } from "./run.mjs";

const run = promisify(execFile);

/** Longest start of a relay, and how much longer each synthetic case may make it. */
const START_MS_MAX = 60_000;
const CASE_MS_MAX = 100;

/** A port nobody listens on just now. */
export async function freePort() {
  const server = createServer();
  await new Promise((resume) => server.listen(0, "127.0.0.1", resume));
  const { port } = server.address();
  await new Promise((resume) => server.close(resume));
  return port;
}

/** A line of JSON, or nothing. */
function asObject(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** The built `simpul` binary. */
export function binary() {
  const path = process.env.SIMPUL_BIN;
  if (!path) throw new Error("SIMPUL_BIN must name the built relay; `cargo xtask test` sets it");
  return path;
}

/** Runs a `simpul` administration command and gives back its standard output. */
export async function simpul(...words) {
  const { stdout } = await run(binary(), words, { maxBuffer: 64 << 20 });
  return stdout;
}

/** A relay that can be stopped, killed and started again on the same data and the same port. */
export class Relay {
  /** The word that starts it: `demo` (synthetic accounts and cases) or `serve`. */
  constructor({ mode = "demo", size = 0, seed = 42, pack = "belu" } = {}) {
    Object.assign(this, { mode, size, seed, pack, process: undefined, log: [], ready: undefined });
  }

  /** Starts a fresh relay and has it removed when the test ends. */
  static async start(context, options = {}) {
    const relay = new Relay(options);
    relay.data = await mkdtemp(join(tmpdir(), "simpul-relay-"));
    relay.port = await freePort();
    context.cleanup(async () => {
      await relay.stop();
      await rm(relay.data, { recursive: true, force: true });
    });
    await relay.up();
    return relay;
  }

  get url() {
    return `http://localhost:${this.port}`;
  }

  arguments() {
    if (this.mode === "serve") {
      return ["serve", "--data", this.data, "--listen", `127.0.0.1:${this.port}`, "--pack", this.pack];
    }
    return ["demo", "--port", `${this.port}`, "--size", `${this.size}`, "--seed", `${this.seed}`, "--pack", this.pack,
      "--data", this.data, "--json"];
  }

  /** Starts the process and waits until it says it is ready. */
  async up() {
    if (this.process) throw new Error("the relay is already running");
    const child = spawn(binary(), this.arguments(), { stdio: ["ignore", "pipe", "pipe"] });
    this.process = child;
    this.exited = new Promise((resume) => child.once("exit", (code, signal) => resume({ code, signal })));
    createInterface(child.stderr).on("line", (line) => this.log.push(line));
    createInterface(child.stdout).on("line", (line) => {
      this.log.push(line);
      if (!line.startsWith("{")) return;
      const said = JSON.parse(line);
      if (said.event === "ready") this.ready = said;
    });
    let ended;
    this.exited.then((how) => { ended = how; });
    await until("the relay is ready", async () => {
      if (ended) throw Object.assign(new Error(`the relay ended: ${JSON.stringify(ended)}\n${this.log.slice(-20).join("\n")}`), { fatal: true });
      const answer = await fetch(`${this.url}/health/ready`);
      await answer.arrayBuffer();
      return answer.status === 200 && (this.mode === "serve" || this.ready);
    }, { timeout: START_MS_MAX + this.size * CASE_MS_MAX });
    return this;
  }

  /** Asks it to stop and waits; what does not stop in ten seconds is killed and that is an error. */
  async stop() {
    if (!this.process) return;
    this.process.kill("SIGTERM");
    const timer = setTimeout(() => this.process?.kill("SIGKILL"), 10_000);
    const { signal } = await this.exited;
    clearTimeout(timer);
    this.process = undefined;
    if (signal === "SIGKILL") throw new Error("the relay did not stop when asked to");
  }

  /** Takes its power away. */
  async kill() {
    if (!this.process) return;
    this.process.kill("SIGKILL");
    await this.exited;
    this.process = undefined;
  }

  /** The demonstration account of that name: `{account, name, role, enrol_code, passphrase, cases}`. */
  account(name) {
    const found = this.ready?.accounts.find((account) => account.account === name);
    if (!found) throw new Error(`the relay has no demonstration account ${name}`);
    return found;
  }
}
