import { statSync } from "node:fs";
import { basename } from "node:path";
import { Spool } from "../adapter/postgres/repository/spool.ts";
import { openStores } from "../adapter/postgres/stores.ts";
import { systemClock } from "../adapter/system/clock.ts";
import { openLog } from "../adapter/system/log.ts";
import { Fault } from "../kernel/fault.ts";
import { openDatabase } from "../start/database.ts";
import { evidenceSealsOf } from "../start/evidence-seals.ts";
import { type CommonOptions, configFor } from "./context.ts";
import { counted } from "./terminal.ts";

/**
 * `carillon spool replay FILE`: writes what a node that does not come back could not write, from its `unwritten-NODE.jsonl`. What is
 * in the database already is not written twice; the file is emptied when everything is in.
 */
export async function replaySpool(file: string, options: CommonOptions): Promise<string> {
  const config = configFor(options, "admin");
  const log = openLog("error");
  const seals = evidenceSealsOf(config);
  mustBeFile(file);
  const database = await openDatabase(config, systemClock, log);
  try {
    const before = await records(file);
    const stores = await openStores({ url: database.url, clock: systemClock, log, node: config.node.name, seals });
    try {
      const node = /^unwritten-(.+)\.jsonl$/.exec(basename(file))?.[1];
      const { rowCount } = await stores.pool.query("select 1 from node where name = $1 and lease_until > clock_timestamp()", [node ?? ""]);
      if (rowCount) throw new Fault("spool-in-use", `Node ${node} is running and writes what is in ${file} itself.`);
    } finally {
      await stores.close();
    }
    // Opening them writes what the file holds.
    await (await openStores({ url: database.url, clock: systemClock, log, node: config.node.name, spoolFile: file, seals })).close();
    const left = await records(file);
    if (left > 0)
      throw new Fault(
        "spool-not-empty",
        `${counted(left, "record")} of ${file} could not be written; the log above says why. Nothing of it is lost.`,
      );
    return `${file}: ${counted(before, "record")} written; the file is empty.`;
  } finally {
    await database.stop();
  }
}

async function records(file: string): Promise<number> {
  const spool = await Spool.open(file, openLog("warn"));
  await spool.close();
  return spool.left.length;
}

function mustBeFile(file: string): void {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found?.isFile())
    throw new Fault("spool-unusable", `${file} is not a file. Give the unwritten-NODE.jsonl of the node's database.dataDir, or a copy of it.`);
}
