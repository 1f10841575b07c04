import { systemClock } from "../../src/adapter/system/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { LabFreeswitch } from "../../src/lab/freeswitch/lab-freeswitch.ts";
import type { FreeswitchOrder, FreeswitchReply } from "./freeswitch-fleet.ts";

/* A FreeSWITCH in a process of its own, to be killed or stopped as a whole. */

process.once("message", async ({ seed, eslPort, password }: FreeswitchOrder) => {
  const host = "127.0.0.1";
  const freeswitch = new LabFreeswitch({ clock: systemClock, random: seededRandom(seed), log: silentLog, host, eslPort, sipPort: 0, password });
  await freeswitch.listen();
  const reply = (): void => {
    const { channels, tasks } = freeswitch.open;
    process.send?.({ eslPort: freeswitch.eslPort, channels, tasks, unknown: freeswitch.unknownCommands } satisfies FreeswitchReply);
  };
  process.on("message", reply);
  reply();
});
process.once("disconnect", () => process.exit());
