import type pg from "pg";
import { fromTheStart, judgeUntil, type Mark, pickFrom, prepare } from "../../src/adapter/postgres/repository/claim.ts";
import { claimSql } from "../../src/adapter/postgres/repository/work-sql.ts";
import type { VoiceCampaign } from "../../src/strategy/campaign.ts";
import { gatePolicyOf } from "../../src/strategy/gate-policy.ts";
import { judge } from "../../src/strategy/judge.ts";
import type { Bench } from "./bench.ts";
import { node, openServer, type Sized, startCampaign } from "./claim/lists.ts";
import { type Gate, gate, median, table } from "./gates.ts";

/** Contacts of one decision. */
const batch = 100;
const usualContacts = 200_000;
const usualTurns = 300;
const rounds = 5;

interface Stage {
  readonly sized: Sized;
  readonly campaign: VoiceCampaign;
  readonly incarnation: string;
  readonly client: pg.PoolClient;
}

/** `npm run bench -- gate`: issue 7, "Must show". `--contacts N` and `--turns N` make it shorter or longer. */
export const bench: Bench = async (say, args = []) => {
  const number = (option: string, usual: number) => (args.includes(option) ? Number(args[args.indexOf(option) + 1]) : usual);
  const [contacts, turns] = [number("--contacts", usualContacts), number("--turns", usualTurns)];
  const server = await openServer();
  try {
    const sized = await server.list(contacts);
    const { stores } = sized;
    // Suppressions are there; so are caps, which have to count what was tried.
    await stores.caps.add([
      { name: "week", kind: "cap", per: "person", most: 7, windowS: 7 * 86_400 },
      { name: "day", kind: "cap", per: "address", most: 2, windowS: 86_400, channel: "voice" },
    ]);
    const campaign = await startCampaign(sized);
    const client = await stores.pool.connect();
    try {
      await prepare(client, "voice");
      const stage = { sized, campaign, incarnation: stores.registry.incarnationOf(node) ?? "", client };
      say(`${turns} times ${batch} of ${contacts} contacts, ${rounds} rounds`);
      return conclude(await measure(stage, turns), say);
    } finally {
      client.release();
    }
  } finally {
    await server.close();
  }
};

interface Times {
  readonly facts: number[];
  readonly decided: number[];
}

async function measure(stage: Stage, turns: number): Promise<Times> {
  const times: Times = { facts: [], decided: [] };
  for (let round = 0; round <= rounds; round += 1) {
    const sides = ["facts", "decided"] as const;
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      const beganAt = performance.now();
      let mark = fromTheStart;
      for (let turn = 0; turn < turns; turn += 1) mark = await (side === "facts" ? loadFacts : decide)(stage, mark);
      // The first round warms up.
      if (round > 0) times[side].push((performance.now() - beganAt) / turns);
    }
  }
  return times;
}

/** The very SQL, bare. */
async function loadFacts({ campaign, incarnation, client }: Stage, mark: Mark): Promise<Mark> {
  await client.query("begin");
  const values = [campaign.id, Date.now(), mark.dueAt.toISOString(), mark.contactId, batch, node, incarnation];
  const { rows } = await client.query<{ due_at: Date; contact_id: string }>({ name: "facts", text: claimSql, values });
  await client.query("rollback");
  return behind(rows);
}

/** A claim of the product, as far as its verdicts. */
async function decide({ campaign, incarnation, client }: Stage, mark: Mark): Promise<Mark> {
  const now = Date.now();
  const policy = gatePolicyOf(campaign, { destinationPrefixes: { "carrier-a": ["+1"] }, destinations: { countries: ["US"], premium: false } });
  const rows = await pickFrom(client, { campaign, node, incarnation, versionId: campaign.scriptVersionId, now }, mark, batch);
  const noAddress = { go: false, rule: "no-address" } as const;
  const verdicts = judgeUntil("voice", rows, batch, { judge: (candidate) => judge(now, candidate, policy), noAddress, past: new Map() });
  await client.query("rollback");
  if (verdicts.size !== rows.length) throw new Error(`${verdicts.size} of ${rows.length} were decided`);
  return behind(rows);
}

function behind(rows: readonly { readonly due_at: Date; readonly contact_id: string }[]): Mark {
  const last = rows.at(-1);
  if (rows.length < batch || !last) throw new Error("the list is too short for so many turns");
  return { dueAt: last.due_at, contactId: last.contact_id };
}

function conclude({ facts, decided }: Times, say: (text: string) => void): readonly Gate[] {
  say("");
  say(
    table([
      [`${batch} contacts`, "ms"],
      ["the SQL that loads the facts, bare", median(facts)],
      ["facts loaded and decided", median(decided)],
    ]),
  );
  const ratio = median(decided.map((ms, round) => ms / (facts[round] ?? Number.NaN)));
  return [gate(`decisions with their facts, ${batch} at a time ÷ the bare SQL`, ratio, "<=", 2)];
}
