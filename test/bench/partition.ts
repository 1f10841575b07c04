import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { startEmbedded } from "../../src/adapter/postgres/embedded.ts";
import { migrate } from "../../src/adapter/postgres/migrate.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import type { Bench } from "./bench.ts";
import { type Gate, gate, median, table } from "./gates.ts";

/*
 * Whether it would pay to partition attempts by time: a year of them in one table, as the product has it, and in twelve partitions by month, with the same columns and indexes. Asked is
 * what the product asks: facts of the gate, the writes of an attempt's way, a campaign's figures, and the taking away of the oldest month.
 */

const months = 12;
const usualRows = 5_000_000;
const rounds = 5;
const turns = 60;
const batch = 20;
const people = 500_000;
const campaigns = 40;
const kinds = ["plain", "split"] as const;
type Kind = (typeof kinds)[number];

/** The first moment of a month, counted from the first of the year that is there. */
const monthAt = (month: number) => `timestamptz '${new Date(Date.UTC(2025, 11 + month, 1)).toISOString()}'`;
const now = `(${monthAt(months)} - interval '1 hour')`;

const indexes: readonly string[] = [
  "(campaign_id, id)",
  "(campaign_id, result, id) where result is not null",
  "(contact_id, reserved_at)",
  "(address, reserved_at)",
  "(campaign_id, id, node) where ended_at is null and (campaign_id is not null or node is not null)",
];
const columns =
  "id, campaign_id, contact_id, address_id, channel, address, state, result, node, permit_until, reserved_at, sending_at, ended_at, orphaned, taken, withdrawn, waited, promised";
const addressOf = (person: string) => `'+1212' || (1000000 + ${person})`;

function making(kind: Kind, rows: number): readonly string[] {
  const parts = Array.from(
    { length: months },
    (_, month) => `create table split_${month} partition of split for values from (${monthAt(month)}) to (${monthAt(month + 1)})`,
  );
  return [
    `create table ${kind} (like attempt including defaults) ${kind === "split" ? "partition by range (reserved_at)" : ""}`,
    ...(kind === "split" ? parts : []),
    // In the order of time, as they come: one campaign after the other, each over all people.
    `insert into ${kind} (${columns})
     select i, 1 + (i - 1) * ${campaigns} / ${rows}, person, 1, 'voice', ${addressOf("person")}, 'ended', case i % 3 when 0 then 'human' when 1 then 'no-answer' else 'machine' end,
       'bench', at, at, at, at + interval '30 s', false, false, false, true, false
     from (select i, abs(hashint8(i)) % ${people} as person, ${monthAt(0)} + (i - 1) * (${monthAt(months)} - ${monthAt(0)}) / ${rows} as at from generate_series(1::bigint, ${rows}) i) t`,
    `alter table ${kind} add primary key (${kind === "plain" ? "id" : "id, reserved_at"})`,
    ...indexes.map((index) => `create index on ${kind} ${index}`),
    `vacuum analyze ${kind}`,
  ];
}

/** What is asked, by what it is for. `of` is the turn: others are asked about each time. */
const questions: Readonly<Record<string, (kind: Kind, of: number) => readonly string[]>> = {
  // As frequency caps do, for those of one claim: bounded in time by the address, not by the person, whose older attempts tell their zone of the list.
  "facts of caps, 100 people": (kind, of) => [
    `select count(*) from generate_series(${of} * 100, ${of} * 100 + 99) p cross join lateral (
       select t.id from ${kind} t where t.contact_id = p and t.reserved_at > ${now} - interval '8 days'
       union select t.id from ${kind} t where t.address = ${addressOf("p")} and t.reserved_at > ${now} - interval '8 days') past`,
  ],
  // As passes of a strategy and the timeline do: all that ever was.
  "all attempts of 100 people": (kind, of) => [
    `select count(t.id) from generate_series(${of} * 100, ${of} * 100 + 99) p cross join lateral (select t.id from ${kind} t where t.contact_id = p) t`,
  ],
  [`the way of ${batch} attempts`]: (kind, of) => {
    const first = 1_000_000_000 + of * batch;
    const ids = `array(select ${first} + i from generate_series(0, ${batch - 1}) i)`;
    return [
      `insert into ${kind} (${columns})
       select ${first} + i, ${campaigns}, ${of} + i, 1, 'voice', ${addressOf(`(${of} + i)`)}, 'reserved', null, 'bench', ${now}, ${now}, null, null, false, false, false, true, false from generate_series(0, ${batch - 1}) i`,
      `update ${kind} set state = 'sending', sending_at = ${now} where id = any(${ids})`,
      `update ${kind} set state = 'ended', result = 'human', ended_at = ${now} where id = any(${ids})`,
    ];
  },
  "results of a campaign": (kind, of) => [
    `select result, count(*) from ${kind} where campaign_id = ${1 + (of % campaigns)} and result is not null group by result`,
  ],
};

/** `npm run bench -- partition`; `--rows N` makes it shorter or longer. */
export const bench: Bench = async (say, args = []) => {
  const rows = args.includes("--rows") ? Number(args[args.indexOf("--rows") + 1]) : usualRows;
  const dataDir = await mkdtemp(join(tmpdir(), "carillon-bench-"));
  // Run by root, the database is another user's and must find its way.
  await chmod(dataDir, 0o711);
  const server = await startEmbedded({ dataDir, log: silentLog, clock: systemClock });
  const client = new Client({ connectionString: server.url });
  try {
    await migrate(server.url);
    await client.connect();
    for (const text of ["statement_timeout = 0", "maintenance_work_mem = '512MB'", "synchronous_commit = off"]) await client.query(`set ${text}`);
    for (const kind of kinds) {
      const seconds = await secondsOf(client, making(kind, rows));
      say(`${kind}: ${rows} attempts of a year made in ${seconds.toFixed(0)} s`);
    }
    return conclude(await measured(client), await tidied(client), say);
  } finally {
    await client.end();
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
};

async function secondsOf(client: Client, statements: readonly string[]): Promise<number> {
  const begun = performance.now();
  for (const text of statements) await client.query(text);
  return (performance.now() - begun) / 1000;
}

type Figures = Readonly<Record<string, Readonly<Record<Kind, number>>>>;

/** Milliseconds of each question, the middle of the rounds; the first round warms up. */
async function measured(client: Client): Promise<Figures> {
  const found: Record<string, Record<Kind, number>> = {};
  let of = 0;
  for (const [name, statements] of Object.entries(questions)) {
    const times: Record<Kind, number[]> = { plain: [], split: [] };
    for (let round = 0; round <= rounds; round += 1) {
      for (const kind of round % 2 === 0 ? kinds : kinds.toReversed()) {
        const all = Array.from({ length: turns }, (_, turn) => statements(kind, of + turn)).flat();
        const seconds = await secondsOf(client, all);
        if (round > 0) times[kind].push((seconds * 1000) / turns);
      }
      of += turns;
    }
    found[name] = { plain: median(times.plain), split: median(times.split) };
  }
  return found;
}

/** The oldest month goes: page by page and swept up, or as a whole. Milliseconds. */
async function tidied(client: Client): Promise<Figures> {
  const step = `delete from plain where id = any(array(select id from plain where id > 0 and reserved_at < ${monthAt(1)} order by id limit 5000))`;
  const begun = performance.now();
  while (((await client.query(step)).rowCount ?? 0) > 0);
  await client.query("vacuum plain");
  const plain = performance.now() - begun;
  const split = 1000 * (await secondsOf(client, ["drop table split_0"]));
  return { "the oldest month taken away": { plain, split } };
}

function conclude(figures: Figures, tidy: Figures, say: (text: string) => void): readonly Gate[] {
  const rows = Object.entries({ ...figures, ...tidy }).map(([name, { plain, split }]) => [name, plain, split, split / plain]);
  say(table([["ms", "one table", "by month", "by month / one table"], ...rows]));
  // One table is kept for as long as the questions that calls wait for are no slower on it; those of the third kind are as fast on both, and vary by half.
  return Object.entries(figures)
    .filter(([name]) => name !== "results of a campaign")
    .map(([name, { plain, split }]) => gate(`${name}: one table / by month`, plain / split, "<=", name.startsWith("all") ? 1.5 : 1.1));
}
