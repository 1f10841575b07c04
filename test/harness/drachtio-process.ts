import { systemClock } from "../../src/adapter/system/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { LabDrachtio } from "../../src/lab/drachtio/lab-drachtio.ts";
import type { DrachtioOrder, DrachtioReply } from "./drachtio-fleet.ts";

/* A drachtio-server in a process of its own, to be killed or stopped as a whole. */

process.once("message", async ({ seed, secret, adminPort }: DrachtioOrder) => {
  const host = "127.0.0.1";
  const timers = { t1Ms: 100 };
  const drachtio = new LabDrachtio({
    clock: systemClock,
    random: seededRandom(seed),
    log: silentLog,
    host,
    adminPort,
    sipPort: 0,
    secret,
    timers,
  });
  await drachtio.listen();
  const reply = (): void => {
    process.send?.({ adminPort: drachtio.adminPort, ...drachtio.counts } satisfies DrachtioReply);
  };
  process.on("message", reply);
  reply();
});
process.once("disconnect", () => process.exit());
