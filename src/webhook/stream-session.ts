import { type Clock, pause } from "../kernel/clock.ts";
import type { StreamEvent, StreamReader } from "./stream-ports.ts";

export interface StreamWishes {
  /** Where the reader has been; undefined for somebody new. */
  readonly position?: string;
  /** Types; every one when undefined. */
  readonly types?: readonly string[];
  /** Only what names this campaign. */
  readonly campaignId?: string;
}

export interface StreamSessionParts {
  readonly reader: StreamReader;
  readonly clock: Clock;
  /** What is shown of an event; everything, if left out. */
  readonly show?: (body: StreamEvent["body"]) => unknown;
  /** Whether whoever reads may read on; they may, if left out. Asked before anything is told, once a second at most. */
  readonly mayRead?: () => Promise<boolean>;
  /** How often it looks for more. */
  readonly lookMs?: number;
  readonly heartbeatMs?: number;
  /** It ends after so long, and whoever reads comes again: with a key that is good still. */
  readonly longestMs?: number;
}

const atOnce = 500;
/** For so long somebody who might read a moment ago may: a key that was revoked tells nothing more after it. */
const trustedMs = 1000;

/** How long a reader's program waits before it comes again. */
const retryMs = 3000;

/**
 * The stream as a browser's EventSource reads it (HTML Living Standard §9.2), piece by piece, as fast as it is taken: nothing is held for a
 * slow reader. Where events may be missing, the first is a `stream.gap`.
 */
export async function* streamText(
  { reader, clock, show = (body) => body, mayRead, lookMs = 500, heartbeatMs = 15_000, longestMs = 900_000 }: StreamSessionParts,
  { position: from, types, campaignId }: StreamWishes,
): AsyncGenerator<string> {
  const begun = clock.now();
  const whole = from === undefined || (await reader.isWhole(from)) === true;
  let position = from ?? (await reader.begin());
  await reader.keepOn();
  const fits = ({ type, body }: StreamEvent) =>
    (types === undefined || types.includes(type)) && (campaignId === undefined || body["campaignId"] === campaignId);
  yield `retry: ${retryMs}\nid: ${position}\n\n`;
  if (!whole) yield `event: stream.gap\ndata: ${JSON.stringify({ type: "stream.gap", timestamp: new Date(begun).toISOString(), data: {} })}\n\n`;
  let askedAt = begun;
  for (let saidAt = clock.now(); clock.now() - begun < longestMs; ) {
    const part = await reader.read(position, atOnce);
    if (mayRead && clock.now() - askedAt >= trustedMs) {
      if (!(await mayRead())) return;
      askedAt = clock.now();
    }
    position = part.position;
    const text = part.events
      .filter(fits)
      .map((event) => eventText(event, show))
      .join("");
    if (text !== "") yield text;
    else if (clock.now() - saidAt >= heartbeatMs) {
      await reader.keepOn();
      // Without data it is no event, and moves the reader's place on all the same.
      yield `: still here\nid: ${position}\n\n`;
    } else {
      if (!part.more) await pause(clock, lookMs);
      continue;
    }
    saidAt = clock.now();
  }
}

function eventText({ position, type, at, body }: StreamEvent, show: (body: StreamEvent["body"]) => unknown): string {
  const data = JSON.stringify({ type, timestamp: new Date(at).toISOString(), data: show(body) });
  return `id: ${position}\nevent: ${type}\ndata: ${data}\n\n`;
}
