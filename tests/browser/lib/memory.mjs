// What a tablet's browser holds: memory of its processes, memory of its modules, and what lies in its database.
import { readFile, readdir } from "node:fs/promises";

const KIB_PER_MIB = 1024;
const BYTES_PER_MIB = 1024 * 1024;

/** Memory of the largest process that draws a page, its part of shared memory included, in MiB: what a tab costs. */
export async function tabMib(tablet) {
  let largest = 0;
  for (const pid of (await readdir("/proc")).filter((name) => /^[0-9]+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (!command.includes("--type=renderer") || !command.includes(tablet.profile)) continue;
    const kept = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
    largest = Math.max(largest, Number(/^Pss:\s+(\d+) kB$/m.exec(kept)?.[1] ?? 0));
  }
  return largest / KIB_PER_MIB;
}

/** Asks the browser's own protocol about a page's worker, to which Playwright gives no session. */
class WorkerSession {
  static async open(session) {
    const attached = new Promise((resume) => {
      // The service worker is attached to as well.
      session.on("Target.attachedToTarget", ({ sessionId, targetInfo }) => { if (targetInfo.type === "worker") resume(sessionId); });
    });
    await session.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
    const opened = new WorkerSession();
    Object.assign(opened, { session, id: await attached, last: 0 });
    return opened;
  }

  send(method, params = {}) {
    this.last += 1;
    const id = this.last;
    return new Promise((resume, fail) => {
      const hear = ({ sessionId, message }) => {
        const answer = JSON.parse(message);
        if (sessionId !== this.id || answer.id !== id) return;
        this.session.off("Target.receivedMessageFromTarget", hear);
        if (answer.error) fail(new Error(answer.error.message));
        else resume(answer.result);
      };
      this.session.on("Target.receivedMessageFromTarget", hear);
      const message = JSON.stringify({ id, method, params });
      this.session.send("Target.sendMessageToTarget", { sessionId: this.id, message }).catch(fail);
    });
  }
}

/** Bytes of every module's memory in one realm. */
async function moduleBytes(session) {
  const { result: prototype } = await session.send("Runtime.evaluate", { expression: "WebAssembly.Memory.prototype" });
  const { objects } = await session.send("Runtime.queryObjects", { prototypeObjectId: prototype.objectId });
  const { result } = await session.send("Runtime.callFunctionOn", {
    objectId: objects.objectId,
    functionDeclaration: "function () { return this.reduce((sum, memory) => sum + memory.buffer.byteLength, 0); }",
    returnByValue: true,
  });
  return result.value;
}

/** Memory of the interface's and of the engine's module, in MiB. */
export async function wasmMib(tablet) {
  const session = await tablet.protocol();
  try {
    const engine = await WorkerSession.open(session);
    const [app, worker] = [await moduleBytes(session), await moduleBytes(engine)];
    return { app: app / BYTES_PER_MIB, engine: worker / BYTES_PER_MIB };
  } finally {
    await session.detach();
  }
}

/** What the browser says the databases of this origin take, in MiB. */
export async function databaseMib(page) {
  const bytes = await page.evaluate(async () => {
    const { usage, usageDetails } = await navigator.storage.estimate();
    return usageDetails?.indexedDB ?? usage;
  });
  return bytes / BYTES_PER_MIB;
}
