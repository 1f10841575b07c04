import { systemClock } from "../adapter/system/clock.ts";
import { pause } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import { baseOf, fieldOf, type ServerOptions, textOf } from "./api-client.ts";
import { type CommonOptions, configFor } from "./context.ts";
import { askOver, idOf } from "./named.ts";
import { oneLine, timeCell } from "./table.ts";

export interface StreamOptions extends CommonOptions, ServerOptions {
  /** In commas. */
  readonly types?: string;
  /** Name of a campaign. */
  readonly campaign?: string;
  /** Id of an event: it goes on behind it. */
  readonly after?: string;
  readonly json?: boolean;
}

/** A server that is away, or says nothing else, is asked again after so long. */
const againMs = 3000;

/**
 * `carillon stream`: what happens, one line each, until `signal`. Where the stream ends or breaks it goes on where it was.
 * @throws Fault `api-unreachable` when there is nobody at first, `campaign-unknown`, and what the server refuses
 */
export async function followStream(options: StreamOptions, tell: (line: string) => void, signal?: AbortSignal): Promise<void> {
  const { types, campaign, key, json = false } = options;
  const base = baseOf(configFor(options, "admin"), options);
  const query = new URLSearchParams({
    ...(types !== undefined && { types }),
    ...(campaign !== undefined && { campaignId: await idOf(askOver(options), "campaigns", campaign) }),
  });
  let [position, waitMs, reached, missed] = [options.after, againMs, false, false];
  for (; signal?.aborted !== true; await pause(systemClock, waitMs)) {
    if (position !== undefined) query.set("lastEventId", position);
    try {
      const response = await openStream(`${base}/api/v1/stream?${query}`, key, signal);
      [reached, missed] = [true, false];
      for await (const piece of piecesOf(response)) {
        if (piece.data !== undefined) tell(json ? jsonLine(piece) : textLine(piece.data));
        position = piece.id ?? position;
        waitMs = piece.retryMs ?? waitMs;
      }
    } catch (error) {
      if (signal?.aborted) return;
      const refused = error instanceof Fault ? error : undefined;
      if (refused && !refused.retryable) throw refused;
      if (!reached) throw refused ?? awayFrom(base, error);
      if (!missed) console.error(`${refused?.message ?? `The server at ${base} is away.`} Going on as soon as it answers.`);
      missed = true;
    }
  }
}

/** @throws Fault as the server refuses it; whatever fetch throws when it is not there */
async function openStream(url: string, key: string | undefined, signal: AbortSignal | undefined): Promise<Response> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${key}` }, ...(signal && { signal }) });
  if (response.ok && response.headers.get("content-type")?.startsWith("text/event-stream")) return response;
  const body: unknown = await response.json().catch(() => undefined);
  const { status } = response;
  const said = textOf(body, "detail") ?? `What answers there says ${status} and is no Carillon. --url says where it is.`;
  throw new Fault(textOf(body, "code") ?? "api-unreachable", said, { retryable: status === 429 || status === 503 });
}

function awayFrom(base: string, error: unknown): Fault {
  return new Fault("api-unreachable", `The server does not answer at ${base}. --url says where it is.`, { cause: error, retryable: true });
}

interface Piece {
  readonly id?: string;
  readonly data?: unknown;
  /** After how long whoever reads is to come again. */
  readonly retryMs?: number;
}

/** What server-sent events say, piece by piece (HTML Living Standard §9.2.6); the server writes each on one line. */
async function* piecesOf({ body }: Response): AsyncGenerator<Piece> {
  const decoder = new TextDecoder();
  let held = "";
  for await (const chunk of body ?? []) {
    held += decoder.decode(chunk, { stream: true });
    const whole = held.split("\n\n");
    held = whole.pop() ?? "";
    for (const text of whole) yield pieceOf(text);
  }
}

function pieceOf(text: string): Piece {
  const [, id] = /^id: (\S+)$/m.exec(text) ?? [];
  const [, data] = /^data: (.+)$/m.exec(text) ?? [];
  const [, retry] = /^retry: (\d+)$/m.exec(text) ?? [];
  return {
    ...(id !== undefined && { id }),
    ...(retry !== undefined && { retryMs: Number(retry) }),
    ...(data !== undefined && { data: JSON.parse(data) as unknown }),
  };
}

/** With its id, behind which `--after` goes on. */
function jsonLine({ id, data }: Piece): string {
  return JSON.stringify({ id, ...(typeof data === "object" && data) });
}

function textLine(event: unknown): string {
  const data = fieldOf(event, "data");
  const parts = Object.entries(typeof data === "object" && data !== null ? data : {}).map(
    ([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return oneLine([timeCell(Date.parse(textOf(event, "timestamp") ?? "")), textOf(event, "type"), ...parts].join("  "));
}
