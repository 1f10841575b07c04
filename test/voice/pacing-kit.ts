import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";
import type { Stores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { RotatingFile } from "../../src/adapter/system/rotating-file.ts";
import type { DeskEngine } from "../../src/agent/desk-engine.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { AgentPacing } from "../../src/voice/agent-pacing-engine.ts";
import { Replay } from "../../src/voice/pacing/replay.ts";

/** A pacing that looks only when it is told to, whose logs are in a folder of its own. */
export function openPacing(t: Test, agents: DeskEngine, stores: Stores, { clock = systemClock as Clock, maxBytes = 1e6, lookMs = 3_600_000 } = {}) {
  const dir = mkdtempSync(join(tmpdir(), "carillon-pacing-"));
  t.teardown(() => rmSync(dir, { recursive: true }));
  const openFile = (campaignId: string) => new RotatingFile({ path: join(dir, `${campaignId}.ndjson`), log: silentLog, maxBytes });
  const pacing = new AgentPacing({
    agents,
    ledger: stores.abandonment,
    store: stores.pacers,
    openFile,
    random: seededRandom(1),
    clock,
    log: silentLog,
    lookMs,
    keepMs: 0,
  });
  /** What `carillon pacing replay` says of each log. */
  const replayed = () =>
    readdirSync(dir).map((name) => {
      const replay = new Replay();
      const lines = readFileSync(join(dir, name), "utf8").split("\n");
      const differences = lines.flatMap((line) => replay.next(line) ?? []);
      return { name, choices: replay.choices, differences, first: JSON.parse(lines[0] ?? "{}").kind as string };
    });
  return { pacing, replayed };
}

/** The time of day is as in life, and some seconds later when the test says so: the pacer places only so many calls within one. */
export class LaterClock implements Clock {
  laterMs = 0;
  now(): number {
    return systemClock.now() + this.laterMs;
  }
  after(delayMs: number, fire: () => void) {
    return systemClock.after(delayMs, fire);
  }
}
