import { systemClock } from "../adapter/system/clock.ts";
import type { Config } from "../config/schema.ts";
import { Fault } from "../kernel/fault.ts";
import { silentLog } from "../kernel/log.ts";
import type { Stores } from "../main.ts";
import { trunkOf } from "../start/kept-trunk.ts";
import { keepLease } from "../start/lease.ts";
import { type TrunkLine, takeTrunkLine } from "../start/trunk-line.ts";
import type { Trunk } from "../voice/trunk.ts";
import { withDatabase } from "./context.ts";

/** A trunk, and its line for one call; without the database the call cannot be counted, and it says why. */
export type LentTrunk =
  | {
      readonly trunk: Trunk;
      readonly line: TrunkLine;
      /** Servers that take no new calls, by order: `freeswitch:NAME`, `drachtio:NAME`. */
      readonly drained: readonly string[];
    }
  | { readonly trunk: Trunk; readonly uncounted: string };

/**
 * Lends a trunk of the configuration, or one that was added over the API, with a line that is counted over all servers.
 * @param permitted throws when there is to be no call
 * @throws Fault `trunk-unknown`, `trunk-unusable`, `trunk-full`
 */
export async function withTrunk<T>(
  config: Config,
  name: string,
  permitted: (trunk: Trunk) => void,
  work: (lent: LentTrunk) => Promise<T>,
): Promise<T> {
  const inFile = config.trunks.find((trunk) => trunk.name === name);
  if (inFile) permitted(inFile);
  // A node of its own, so that its line is known for as long as it lives and no longer.
  const node = `${config.node.name}-test-${process.pid}`;
  let opened = false;
  try {
    return await withDatabase({ ...config, node: { name: node } }, async (stores) => {
      opened = true;
      const trunk = inFile ?? (await keptTrunk(config, stores, name));
      permitted(trunk);
      return await onLine(stores, node, trunk, work);
    });
  } catch (error) {
    const away = error instanceof Fault && error.code.startsWith("database-");
    if (opened || !away || !inFile) throw error;
    // No server places calls without it either.
    return await work({ trunk: inFile, uncounted: error.message });
  }
}

async function onLine<T>(stores: Stores, node: string, trunk: Trunk, work: (lent: LentTrunk) => Promise<T>): Promise<T> {
  const ignored = { onLost() {}, async onOthersDied() {} };
  const lease = await keepLease({ registry: stores.registry, node, clock: systemClock, log: silentLog, ...ignored });
  try {
    const line = await takeTrunkLine(stores.trunks, trunk, systemClock, silentLog);
    if (!line) {
      const { maxChannels } = trunk;
      const all = maxChannels === 1 ? "its one line (maxChannels) is" : `its ${maxChannels} lines (maxChannels) are`;
      throw new Fault("trunk-full", `There is no line on trunk ${trunk.name}: ${all} taken, over all servers. Try again when a call has ended.`);
    }
    try {
      const drained = (await stores.servers.drains()).map(({ server }) => server);
      return await work({ trunk, line, drained });
    } finally {
      await line.close();
    }
  } finally {
    await lease.release();
  }
}

async function keptTrunk(config: Config, { keptTrunks }: Stores, name: string): Promise<Trunk> {
  const all = await keptTrunks.all();
  const found = all.find((trunk) => trunk.name === name);
  const names = [...config.trunks, ...all].map((trunk) => trunk.name).join(", ");
  if (!found) throw new Fault("trunk-unknown", `There is no trunk "${name}". ${names === "" ? "Add one under trunks:." : `There are: ${names}.`}`);
  const trunk = trunkOf(found, config);
  if (trunk.unusable !== undefined) throw new Fault("trunk-unusable", `Trunk ${name}: ${trunk.unusable}.`);
  return trunk;
}
