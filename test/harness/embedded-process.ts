// A process that uses the embedded database of the directory given as its argument: prints one JSON line when it is up,
// stops when its standard input ends, and can be killed at any time.
import { startEmbedded } from "../../src/adapter/postgres/embedded.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";

const database = await startEmbedded({ dataDir: process.argv[2] ?? "", log: silentLog, clock: systemClock, durable: false });
console.log(JSON.stringify({ url: database.url, adminUrl: database.adminUrl, adopted: database.adopted }));
for await (const _ of process.stdin);
await database.stop();
