import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
import { openWire } from "../harness/dead-wire.ts";
import { until } from "../harness/far-side.ts";
import { openFolder, openLab } from "../harness/lab-process.ts";
import { portForAnother } from "../harness/ports.ts";
import { startServe } from "../harness/serve-process.ts";
import { openCampaign, scripts } from "../serve/kill-kit.ts";

t.setTimeout(280_000);
const program = fileURLToPath(new URL("./supervised.ts", import.meta.url));

/** Runs a supervisor whose workers live as planned, one after the other. */
function run(...plan: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "carillon-supervise-"));
  const book = join(folder, "book");
  writeFileSync(book, "");
  const supervisor = spawn(process.execPath, [program, book, plan.join(",")], { stdio: "inherit", detached: true });
  const ended = once(supervisor, "exit").then(([code, signal]) => code ?? signal);
  t.teardown(async () => {
    try {
      // Its workers too.
      if (supervisor.pid !== undefined) process.kill(-supervisor.pid, "SIGKILL");
    } catch {
      // All of them have ended.
    }
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  return { ended, lines: () => readFileSync(book, "utf8").trim().split("\n"), stop: () => supervisor.kill("SIGTERM") };
}

// All at once: they mostly wait.
const plans = {
  replaced: run("hung", "stuck", "crash", "well"),
  never: run("stuck", "crash", "well"),
  failed: run("cannot-start", "well"),
  failedLater: run("hung", "cannot-start", "well"),
  stubborn: run("stubborn", "well"),
  lingering: run("lingering", "well"),
};

t.test("a worker that stands still is replaced, one that works is left alone", async (t) => {
  const { ended, lines } = plans.replaced;
  t.equal(await ended, 0);
  t.same(lines(), ["life hung", "life stuck as successor", "life crash as successor", "life well as successor"]);
});

t.test("only who follows a worker that had been well is a successor", async (t) => {
  const { ended, lines } = plans.never;
  t.equal(await ended, 0);
  t.same(lines(), ["life stuck", "life crash", "life well"]);
});

t.test("a start that fails is not repeated, unless there had been a worker that was well", async (t) => {
  const { failed, failedLater } = plans;
  t.equal(await failed.ended, 78);
  t.same(failed.lines(), ["life cannot-start"]);
  t.equal(await failedLater.ended, 0);
  t.same(failedLater.lines(), ["life hung", "life cannot-start as successor", "life well as successor"]);
});

t.test("a worker that does not stop is ended, and the exit code says that people may be on the line", async (t) => {
  const { ended, lines, stop } = plans.stubborn;
  await until(() => lines().includes("ready"), "the worker to be ready");
  stop();
  t.equal(await ended, 1);
  t.same(lines(), ["life stubborn", "ready"], "and no other is started");
});

t.test("a worker that has stopped ends, whatever is still open", async (t) => {
  const { ended, lines, stop } = plans.lingering;
  await until(() => lines().includes("ready"), "the worker to be ready");
  stop();
  t.equal(await ended, 0);
  t.same(lines(), ["life lingering", "ready"]);
});

t.test("who takes over ends what rings, even if no FreeSWITCH can be reached", async (t) => {
  const seed = Number(process.env["TEST_SEED"] ?? 4711);
  t.comment(`TEST_SEED=${seed}`);
  const lab = await openLab(t, seed, 0.5);
  const wire = await openWire(t, lab.addresses.freeswitch.eslPort);
  const addresses = { ...lab.addresses, freeswitch: { ...lab.addresses.freeswitch, eslPort: wire.port } };
  const numbers = ["+12125550101", "+12125550102", "+12125550103"];
  await lab.assign(Object.fromEntries(numbers.map((number) => [number, "no-answer"])));
  const place = { folder: openFolder(t), node: "takes-over" };
  const campaign = await openCampaign(t, { ...lab, addresses }, place, scripts.notice, numbers, { maxCps: 10, maxLines: 10, ringTimeoutMs: 120_000 });
  const server = startServe(t, campaign.config, await portForAnother());
  const worker = await server.ready();
  await campaign.start();
  await until(async () => (await lab.legs()).filter(({ state }) => state === "ringing").length === numbers.length, "all of them to ring");
  await until(async () => (await campaign.stored()).size === numbers.length, "what is needed to cancel them to be stored");
  wire.die();
  process.kill(worker, "SIGKILL");
  await until(async () => (await lab.legs()).length === 0, "nobody's telephone to ring any more", 60_000);
  const status = async () => (await fetch(`${server.api}/readyz`)).status;
  await until(async () => (await status().catch(() => 0)) === 503, "the successor to say what it lacks", 20_000);
  wire.revive();
  await server.ready(worker);
  await until(async () => (await lab.channels()).channels.length === 0, "nothing to be left at FreeSWITCH", 40_000);
  // They would have rung for two minutes, and nobody would have sent a CANCEL.
  const books = await lab.books();
  t.same(
    books.map(({ persona, finalStatus, cancelledAtMs }) => [persona, finalStatus, cancelledAtMs !== null]),
    numbers.map(() => ["no-answer", 487, true]),
    `seed ${seed}`,
  );
});
