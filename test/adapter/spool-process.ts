import { once } from "node:events";
import { openStores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { Fault } from "../../src/kernel/fault.ts";
import { silentLog } from "../../src/kernel/log.ts";

/** A process that hears an opt-out and an ending while its database is away, and is killed over them. */
const [url = "", spoolFile = "", optOut = "", over = ""] = process.argv.slice(2);
const stores = await openStores({ url, spoolFile, log: silentLog, clock: systemClock, poolSize: 2, beginWindowMs: 2, recordWindowMs: 2 });
process.send?.("ready");
await once(process, "message");
stores.attempts
  .finish(over, { at: Date.now(), result: "human", reason: "completed", outcome: "paid", answers: { nps: { value: "9" } } })
  .catch(() => {});
try {
  await stores.attempts.effect(optOut, Date.now(), [
    { kind: "suppress", channels: ["voice"], scope: "account", reason: "key 9" },
    { kind: "send", channel: "sms", template: "goodbye", values: { name: "Ann" }, withinS: 60, key: "out:1", reason: "ivr test out" },
  ]);
} catch (error) {
  process.send?.(error instanceof Fault ? error.code : String(error));
}
