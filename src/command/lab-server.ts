import { systemClock } from "../adapter/system/clock.ts";
import { openLog } from "../adapter/system/log.ts";
import { seededRandom } from "../kernel/random.ts";
import { LabDrachtio } from "../lab/drachtio/lab-drachtio.ts";
import { LabFreeswitch } from "../lab/freeswitch/lab-freeswitch.ts";
import type { LabServerOrder, LabServerReply } from "./lab-fleet.ts";

/* One more server of the lab, in a process of its own: it can be killed or stopped by itself. Begun by lab-fleet.ts. */

process.once("message", async (order: LabServerOrder) => {
  try {
    reply({ port: await listen(order) });
  } catch (error) {
    reply({ fault: error instanceof Error ? error.message : String(error) });
  }
});
process.once("disconnect", () => process.exit());

function reply(message: LabServerReply): void {
  process.send?.(message);
}

async function listen({ kind, name, host, port, secret, seed }: LabServerOrder): Promise<number> {
  const common = { clock: systemClock, random: seededRandom(seed), log: openLog("warn").child({ lab: name }), host, sipPort: 0 };
  if (kind === "drachtio") {
    const drachtio = new LabDrachtio({ ...common, adminPort: port, secret });
    await drachtio.listen();
    return drachtio.adminPort;
  }
  const freeswitch = new LabFreeswitch({ ...common, eslPort: port, password: secret });
  await freeswitch.listen();
  return freeswitch.eslPort;
}
