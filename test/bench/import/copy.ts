/* The comparator: the same file by one COPY into a table that has nothing but its columns. */
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { answer } from "./protocol.ts";

const [url = "", file = ""] = process.argv.slice(2);
const client = new pg.Client({ connectionString: url });
await client.connect();
await client.query("drop table if exists bare");
const columns = Array.from({ length: 12 }, (_, index) => `c${index} text`);
await client.query(`create table bare (${columns.join(", ")})`);
await answer(async () => {
  const stream = client.query(copyFrom("copy bare from stdin (format csv, header)"));
  await pipeline(createReadStream(file), stream);
  return 0;
});
await client.end();
process.disconnect();
