import { Client } from "pg";
import type { VoiceCampaign } from "../../src/strategy/campaign.ts";
import type { Bench } from "./bench.ts";
import { Bare } from "./claim/bare.ts";
import { openServer, type Sized, startCampaign } from "./claim/lists.ts";
import { Product } from "./claim/product.ts";
import { type Gate, gate, median, table } from "./gates.ts";

/** Connections of each side that claim. */
const clients = 4;
/** Contacts that each side takes through the cycle in one turn. */
const turn = 10_000;
const usualRounds = 7;
const usualSizes = [10_000, 1_000_000, 10_000_000];
const usualHoldS = 60;
/** The bare loop walks again and again over all that was deleted meanwhile: a turn as long as the others would take it minutes. */
const bareUnderSnapshot = 500;

/** One list, the campaign over it that both sides work on, and what they came to: contacts a second, by round. */
interface Stage {
  readonly sized: Sized;
  readonly bare: Bare;
  readonly product: Product;
  campaign: VoiceCampaign;
  left: number;
  readonly startS: number;
  readonly perSecond: { readonly bare: number[]; readonly product: number[] };
}

/** `npm run bench -- claim`: issue 7, "Must show". `--sizes 10000,1000000`, `--rounds N` and `--hold SECONDS` make it shorter; with `--keep DIR` the lists stay there for the next time. */
export const bench: Bench = async (say, args = []) => {
  const sizes = after(args, "--sizes")?.split(",").map(Number) ?? usualSizes;
  const rounds = Number(after(args, "--rounds") ?? usualRounds);
  const holdS = Number(after(args, "--hold") ?? usualHoldS);
  const server = await openServer(after(args, "--keep"));
  const stages: Stage[] = [];
  try {
    for (const size of sizes) stages.push(await open(await timed(say, `a list of ${size} contacts`, () => server.list(size))));
    for (const stage of stages) await oneRound(stage, 0);
    for (const { perSecond } of stages) for (const side of [perSecond.bare, perSecond.product]) side.length = 0;
    for (let round = 1; round <= rounds; round += 1)
      for (const stage of stages) {
        await oneRound(stage, round);
        const { sized, perSecond } = stage;
        say(`round ${round}, ${sized.contacts} contacts: bare ${rate(perSecond.bare.at(-1))}, Carillon ${rate(perSecond.product.at(-1))}`);
      }
    const held = await underSnapshot(stages.find(({ sized }) => sized.contacts === 1_000_000) ?? stages.at(-1), holdS, say);
    return conclude(stages, held, holdS, say);
  } finally {
    for (const { bare, product } of stages) await Promise.all([bare.close(), product.close()]);
    await server.close();
  }
};

async function open(sized: Sized): Promise<Stage> {
  const product = new Product(sized.stores, clients);
  const beganAt = performance.now();
  const campaign = await startCampaign(sized);
  const startS = (performance.now() - beganAt) / 1000;
  await product.start();
  return { sized, bare: new Bare(sized.url, clients), product, campaign, left: sized.contacts, startS, perSecond: { bare: [], product: [] } };
}

/** Each side has its turn, and neither always the first. */
async function oneRound(stage: Stage, round: number): Promise<void> {
  const sides = ["bare", "product"] as const;
  for (const side of round % 2 === 0 ? sides : sides.toReversed()) stage.perSecond[side].push(await oneTurn(stage, side));
}

async function oneTurn(stage: Stage, side: "bare" | "product", count = turn): Promise<number> {
  if (stage.left < count) {
    stage.campaign = await startCampaign(stage.sized);
    stage.left = stage.sized.contacts;
    // The engine learns of a campaign that somebody else started when it looks; closed and opened it looks at once.
    await stage.product.close();
    await stage.product.start();
  }
  const { campaign } = stage;
  const beganAt = performance.now();
  const done = side === "bare" ? await stage.bare.run(campaign.id, campaign.scriptVersionId, count) : await stage.product.run(campaign.id, count);
  const perSecond = (done * 1000) / (performance.now() - beganAt);
  stage.left -= done;
  if (done < count) throw new Error(`${side} found ${done} of ${count} contacts`);
  return perSecond;
}

interface Held {
  readonly before: number;
  readonly during: number;
  readonly bare: number;
}

/** A report reads for a minute: what is deleted meanwhile stays in table and index. The last third of that time counts, against the minute's beginning before it. */
async function underSnapshot(stage: Stage | undefined, holdS: number, say: (text: string) => void): Promise<Held> {
  if (!stage) return { before: Number.NaN, during: Number.NaN, bare: Number.NaN };
  const without: number[] = [];
  for (let round = 0; round < 5; round += 1) without.push(await oneTurn(stage, "product"));
  const report = new Client({ connectionString: stage.sized.url });
  await report.connect();
  try {
    await report.query("begin isolation level repeatable read");
    await report.query("select count(*) from node");
    say(`a report's snapshot is held for ${holdS} s`);
    const beganAt = performance.now();
    const late: number[] = [];
    for (let seconds = 0; seconds < holdS; seconds = (performance.now() - beganAt) / 1000) {
      const perSecond = await oneTurn(stage, "product");
      if (seconds >= (holdS * 2) / 3) late.push(perSecond);
    }
    const bare = await oneTurn(stage, "bare", bareUnderSnapshot);
    await report.query("commit");
    return { before: median(without), during: median(late), bare };
  } finally {
    await report.end();
  }
}

function conclude(stages: readonly Stage[], held: Held, holdS: number, say: (text: string) => void): readonly Gate[] {
  const share = ({ perSecond }: Stage) => median(perSecond.product.map((product, round) => product / (perSecond.bare[round] ?? Number.NaN)));
  say("");
  say(
    table([
      ["contacts", "start, s", "bare loop, contacts/s", "Carillon, contacts/s", "share"],
      ...stages.map((stage) => [
        stage.sized.contacts,
        stage.startS,
        Math.round(median(stage.perSecond.bare)),
        Math.round(median(stage.perSecond.product)),
        share(stage),
      ]),
    ]),
  );
  say("");
  say(
    table([
      ["one snapshot", "Carillon, contacts/s"],
      ["none", Math.round(held.before)],
      [`held for ${holdS} s, the last third`, Math.round(held.during)],
      ["the bare loop after that", Math.round(held.bare)],
    ]),
  );
  const [small, large] = [stages[0], stages.at(-1)];
  // Round by round, so that a change of the machine's own pace falls out.
  const growth = median(large?.perSecond.product.map((perSecond, round) => perSecond / (small?.perSecond.product[round] ?? Number.NaN)) ?? []);
  return [
    ...stages.map((stage) => gate(`cycle ÷ bare loop, ${stage.sized.contacts} contacts`, share(stage), ">=", 0.5)),
    gate(`cycle, ${large?.sized.contacts} ÷ ${small?.sized.contacts} contacts`, growth, ">=", 0.8),
    gate(`cycle with a snapshot held ${holdS} s ÷ without`, held.during / held.before, ">=", 0.5),
  ];
}

function after(args: readonly string[], option: string): string | undefined {
  const at = args.indexOf(option);
  return at < 0 ? undefined : args[at + 1];
}

async function timed<T>(say: (text: string) => void, what: string, work: () => Promise<T>): Promise<T> {
  const beganAt = performance.now();
  const done = await work();
  say(`${what}: ${((performance.now() - beganAt) / 1000).toFixed(1)} s`);
  return done;
}

function rate(perSecond: number | undefined): string {
  return `${Math.round(perSecond ?? 0)}/s`;
}
