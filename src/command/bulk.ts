import { systemClock } from "../adapter/system/clock.ts";
import { Fault } from "../kernel/fault.ts";
import { baseOf, entriesOf, fieldOf, reachInTurn, type ServerOptions, textOf } from "./api-client.ts";
import { type BulkRow, readBulkFile } from "./bulk-file.ts";
import { type BulkKind, type IdOf, idNamed, idsOver } from "./bulk-kinds.ts";
import { type CommonOptions, configFor } from "./context.ts";
import { askOver } from "./named.ts";
import { oneLine } from "./table.ts";
import { openProgress } from "./terminal.ts";

export type BulkOptions = CommonOptions & ServerOptions & { readonly json?: boolean };

/** Asked for with one request: half of what one may hold, so that a busy server answers in time. */
const atOnce = 50;

/** What became of a line. */
interface LineOutcome {
  readonly line: number;
  /** As if it had been asked for alone; 400 also of what was not sent. */
  readonly status: number;
  readonly id?: string;
  /** Of what was made with a secret. */
  readonly name?: string;
  readonly invitation?: string;
  readonly key?: string;
  readonly code?: string;
  readonly message?: string;
}

interface Asked {
  readonly line: number;
  readonly item: unknown;
}

/**
 * Does what a file asks for, with as many requests as it takes. What is told goes out as it becomes known.
 * @param tell writes a line to standard output
 * @returns the exit code: 1 when anything was refused
 * @throws Fault `bulk-file` before anything was asked; what the server refuses altogether, or `api-unreachable`, with the lines that it is about
 */
export async function runBulk(kind: BulkKind, file: string, options: BulkOptions, tell: (line: string) => void): Promise<number> {
  const rows = readBulkFile(file, kind.columns);
  const idOf = idsOver(askOver(options));
  const place = { base: baseOf(configFor(options, "admin"), options), key: options.key };
  const progress = openProgress(process.stderr, () => systemClock.now());
  let [done, refused] = [0, 0];
  const told = (outcome: LineOutcome) => {
    if (outcome.status < 400) done += 1;
    else refused += 1;
    const line = options.json ? JSON.stringify(outcome) : lineText(file, outcome);
    if (line !== undefined) tell(line);
  };
  try {
    for (let at = 0; at < rows.length; at += atOnce) {
      const part = rows.slice(at, at + atOnce);
      for (const outcome of await askFor(kind, part, idOf, place)) told(outcome);
      progress.show(`${file}: ${at + part.length} of ${rows.length}, ${refused} refused`);
    }
  } finally {
    progress.end();
  }
  if (!options.json) tell(`${file}: ${done} done, ${refused} refused.`);
  return refused === 0 ? 0 : 1;
}

/** Nothing of what is done and shows nothing: the sum says it. */
function lineText(file: string, { line, status, invitation, key, name, code, message }: LineOutcome): string | undefined {
  if (status >= 400) return oneLine(`${file}:${line}: ${code ?? status}: ${message ?? "refused"}`);
  const secret = invitation ?? key;
  return secret === undefined ? undefined : `${name} ${secret}`;
}

async function askFor(
  kind: BulkKind,
  rows: readonly BulkRow[],
  idOf: IdOf,
  place: { readonly base: string; readonly key: string | undefined },
): Promise<readonly LineOutcome[]> {
  const outcomes: LineOutcome[] = [];
  let asked: Asked[] = [];
  for (const row of rows) {
    const read = await itemOf(kind, row, idOf);
    const before = kind.once && "item" in read ? asked.find(({ item }) => idNamed(item) === idNamed(read.item)) : undefined;
    if (!("item" in read)) outcomes.push(read);
    else if (before === undefined) asked.push(read);
    else outcomes.push({ line: read.line, status: 400, code: "bulk-file", message: `stands on line ${before.line} already` });
  }
  while (asked.length > 0) {
    const body = kind.body(asked.map(({ item }) => item));
    const answer = await reachInTurn(place.base, `api/v1/${kind.path}`, "POST", place.key, body).catch((error: unknown) => {
      const silent = !(error instanceof Fault) || error.code === "api-unreachable";
      throw withLines(error, asked, silent ? "Whether these were done is not known" : "None of these was done");
    });
    if (answer.ok) {
      outcomes.push(...asked.map((each, at) => outcomeOf(each, entriesOf(answer.body, "items")[at])));
      break;
    }
    const misfits = misfitsOf(answer.body, asked);
    if (misfits.length === 0) {
      const code = textOf(answer.body, "code") ?? "api-unreachable";
      const said = textOf(answer.body, "detail") ?? `What answers at ${place.base} says ${answer.status} and is no Carillon. --url says where it is.`;
      throw withLines(new Fault(code, said), asked, answer.status < 500 ? "None of these was done" : "Whether these were done is not known");
    }
    outcomes.push(...misfits);
    asked = asked.filter(({ line }) => !misfits.some((misfit) => misfit.line === line));
  }
  return outcomes.toSorted((one, other) => one.line - other.line);
}

async function itemOf(kind: BulkKind, row: BulkRow, idOf: IdOf): Promise<Asked | LineOutcome> {
  const { line } = row;
  if ("item" in row) return { line, item: row.item };
  if ("wrong" in row) return { line, status: 400, code: "bulk-file", message: row.wrong };
  try {
    return { line, item: await kind.item(row.cells, idOf) };
  } catch (error) {
    if (!(error instanceof Fault) || !/-unknown$|^bulk-file$/.test(error.code)) throw error;
    return { line, status: error.code === "bulk-file" ? 400 : 404, code: error.code, message: error.message };
  }
}

/** The lines of what does not fit its form, which keeps a whole request from being done. */
function misfitsOf(body: unknown, asked: readonly Asked[]): LineOutcome[] {
  const found = new Map<number, string[]>();
  for (const place of entriesOf(body, "errors")) {
    const [, at, rest = ""] = /^\/(?:items|ids|campaignIds|strategyCampaignIds)\/(\d+)(.*)$/.exec(textOf(place, "pointer") ?? "") ?? [];
    const line = asked[Number(at)]?.line;
    if (line !== undefined) found.set(line, [...(found.get(line) ?? []), placeText(rest, place)]);
  }
  return [...found].map(([line, wrong]) => ({ line, status: 400, code: textOf(body, "code") ?? "request-invalid", message: wrong.join("; ") }));
}

/** `addresses.0.number is too short` */
function placeText(pointer: string, place: unknown): string {
  return `${pointer.slice(1).replaceAll("/", ".")} ${textOf(place, "message") ?? "is wrong"}`.trim();
}

function outcomeOf({ line, item }: Asked, outcome: unknown): LineOutcome {
  const status = Number(fieldOf(outcome, "status"));
  const problem = fieldOf(outcome, "problem");
  const given = (["id", "invitation", "key"] as const).flatMap((name) => {
    const text = textOf(outcome, name);
    return text === undefined ? [] : [[name, text]];
  });
  const name = given.some(([property]) => property !== "id") ? textOf(item, "name") : undefined;
  const places = entriesOf(problem, "errors").map((place) => placeText(textOf(place, "pointer") ?? "", place));
  const [code, message] = [textOf(problem, "code"), places.length > 0 ? places.join("; ") : textOf(problem, "detail")];
  return {
    line,
    status,
    ...(name !== undefined && { name }),
    ...Object.fromEntries(given),
    ...(code !== undefined && { code }),
    ...(message !== undefined && { message }),
  };
}

function withLines(error: unknown, asked: readonly Asked[], what: string): unknown {
  if (!(error instanceof Fault)) return error;
  const [first, last] = [asked[0]?.line, asked.at(-1)?.line];
  return new Fault(error.code, `Lines ${first} to ${last}: ${error.message} ${what}; what stands behind them was not asked for.`, { cause: error });
}
