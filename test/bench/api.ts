import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { Agent, get } from "node:http";
import type { Bench } from "./bench.ts";
import { type Gate, gate, median, percentile, table } from "./gates.ts";

const usualRequests = 1000;
const usualRounds = 5;
const atOnce = 8;
/** After so long no round begins: on a busy machine there are fewer, and it ends all the same. */
const enoughMs = 75_000;

interface Server {
  readonly ports: Readonly<Record<Side, number>>;
  readonly key: string;
  readonly paths: readonly string[];
}

type Side = "product" | "bare";

interface Run {
  /** Processor time of the server for each request, in µs. */
  readonly cpuUs: number;
  readonly ms: readonly number[];
}

/** `npm run bench -- api`: issue 8, "Must show". `--requests N` of each route and round, and `--rounds N`. */
export const bench: Bench = async (say, args = []) => {
  const number = (option: string, usual: number) => (args.includes(option) ? Number(args[args.indexOf(option) + 1]) : usual);
  const [requests, rounds] = [number("--requests", usualRequests), number("--rounds", usualRounds)];
  const child = fork(new URL("./api/server.ts", import.meta.url), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  try {
    const server = await heard<Server>(child, "ports");
    say(`${requests} requests of each route, ${atOnce} at once, ${rounds} rounds at most; processor time of the server alone`);
    const begun = performance.now();
    const runs = new Map<string, Record<Side, Run[]>>(server.paths.map((path) => [path, { product: [], bare: [] }]));
    for (let round = 0; round <= rounds && (round < 2 || performance.now() - begun < enoughMs); round += 1) {
      for (const [path, sides] of runs) {
        for (const side of ["bare", "product"] as const) {
          const run = await measure(child, agent, server, side, path, requests);
          // The first round is for warming up.
          if (round > 0) sides[side].push(run);
        }
      }
    }
    return conclude(runs, say);
  } finally {
    agent.destroy();
    const gone = once(child, "exit");
    child.disconnect();
    await gone;
  }
};

async function measure(child: ChildProcess, agent: Agent, { ports, key }: Server, side: Side, path: string, requests: number): Promise<Run> {
  const ms: number[] = [];
  const before = await cpuOf(child);
  let left = requests;
  const ask = async () => {
    while (left > 0) {
      left -= 1;
      const begun = performance.now();
      await read(agent, ports[side], path, key);
      ms.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, ask));
  return { cpuUs: ((await cpuOf(child)) - before) / requests, ms };
}

/** The next message of the child that has that. */
async function heard<Message>(child: ChildProcess, what: keyof Message & string): Promise<Message> {
  for (;;) {
    const [message]: unknown[] = await once(child, "message");
    if (typeof message === "object" && message !== null && what in message) return message as Message;
  }
}

async function cpuOf(child: ChildProcess): Promise<number> {
  const answer = heard<{ readonly cpu: NodeJS.CpuUsage }>(child, "cpu");
  child.send("cpu");
  const { cpu } = await answer;
  return cpu.user + cpu.system;
}

function read(agent: Agent, port: number, path: string, key: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, path, agent, headers: { authorization: `Bearer ${key}` } }, (response) => {
      response.resume();
      response.on("end", () => (response.statusCode === 200 ? resolve() : reject(new Error(`${path} is answered with ${response.statusCode}`))));
    }).on("error", reject);
  });
}

function conclude(runs: ReadonlyMap<string, Record<Side, readonly Run[]>>, say: (text: string) => void): readonly Gate[] {
  const rows = [...runs].map(([path, { product, bare }]) => {
    const cpu = (side: readonly Run[]) => median(side.map(({ cpuUs }) => cpuUs));
    const ratio = median(product.map(({ cpuUs }, round) => (bare[round]?.cpuUs ?? Number.NaN) / cpuUs));
    const all = product.flatMap(({ ms }) => ms);
    return {
      path: path.replace(/\d+/g, "N").replace("/api/vN", ""),
      bare: cpu(bare),
      product: cpu(product),
      ratio,
      p50: percentile(all, 0.5),
      p99: percentile(all, 0.99),
    };
  });
  say("");
  say(
    table([
      ["route", "bare, 1/s of a core", "Carillon", "ratio", "p50 ms", "p99 ms"],
      ...rows.map(({ path, bare, product, ratio, p50, p99 }) => [path, Math.round(1e6 / bare), Math.round(1e6 / product), ratio, p50, p99]),
    ]),
  );
  const all = rows.reduce((sum, { bare }) => sum + bare, 0) / rows.reduce((sum, { product }) => sum + product, 0);
  return [gate("requests/s of the ten routes, of bare routes with the same reads", all, ">=", 0.7)];
}
