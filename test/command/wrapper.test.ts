import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import t, { type Test } from "tap";
import { consoleToLog } from "../../src/adapter/system/console.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { until } from "../harness/far-side.ts";
import { aliveInGroup } from "../harness/serve-process.ts";

t.setTimeout(280_000);
const wrapper = fileURLToPath(new URL("../../scripts/carillon.cjs", import.meta.url));

/** The command as npm installs it, in a process group of its own. */
function start(t: Test, ...words: readonly string[]) {
  return startOf(t, process.execPath, [wrapper, ...words], process.env);
}

function startOf(t: Test, program: string, words: readonly string[], env: NodeJS.ProcessEnv) {
  const child = spawn(program, words, { stdio: ["ignore", "pipe", "pipe"], detached: true, env });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const ended = once(child, "close").then(([code, signal]) => code ?? signal);
  const pid = child.pid ?? 0;
  t.teardown(async () => {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // Nobody of it is left.
    }
    await ended;
  });
  return { pid, ended, said: () => said, kill: (signal: NodeJS.Signals) => child.kill(signal) };
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  t.test(`${signal} to the command alone ends the program behind it politely`, async (t) => {
    const run = start(t, "lab", "--any-port", "--discard-audio");
    await until(() => run.said().includes("\n{"), "the lab to say where it listens", 30_000);
    t.equal(aliveInGroup(run.pid).length, 2, "the command and the program");
    run.kill(signal);
    t.equal(await run.ended, 0);
    t.same(aliveInGroup(run.pid), [], "nothing is left running");
  });
}

t.test("what ends npx, or npm, ends the program behind it politely", async (t) => {
  // They run commands through a shell, and tell a signal on to that alone.
  const shell = ["-c", `"${process.execPath}" "${wrapper}" lab --any-port --discard-audio; true`];
  const run = startOf(t, "sh", shell, { ...process.env, npm_lifecycle_event: "npx" });
  await until(() => run.said().includes("\n{"), "the lab to say where it listens", 30_000);
  t.equal(aliveInGroup(run.pid).length, 3, "the shell, the command and the program");
  run.kill("SIGTERM");
  await until(() => aliveInGroup(run.pid).length === 0, "nothing to be left running", 30_000);
});

t.test("the exit code is the program's", async (t) => {
  t.equal(await start(t, "campaign", "nonsense").ended, 1);
  const version = start(t, "--version");
  t.equal(await version.ended, 0);
  t.match(version.said(), /^\d+\.\d+\.\d+\n$/);
});

t.test("what libraries print goes to the log", async (t) => {
  const lines: unknown[] = [];
  const write = (level: string) => (fields: object, message: string) => lines.push({ level, ...fields, message });
  const log = { ...silentLog, debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
  const target = { ...console };
  consoleToLog(log, target);
  target.error("Mediaserver: lost connection to %s", "127.0.0.1");
  target.info("connected", { at: 1 });
  t.same(lines, [
    { level: "warn", from: "console", message: "Mediaserver: lost connection to 127.0.0.1" },
    { level: "info", from: "console", message: "connected { at: 1 }" },
  ]);
});
