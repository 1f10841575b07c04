import { Fault } from "../../kernel/fault.ts";
import type { LabSmsc } from "./lab-smsc.ts";

type Handler = (body: unknown) => unknown;

/**
 * The SMSC over the lab's HTTP control.
 *
 *     GET  /smsc/books      {counts, unreadable, unknown, submits: SubmitEntry[], delivers: DeliverEntry[]}
 *     GET  /smsc/sessions   [{systemId, role}]: who is bound now
 *     POST /smsc/personas   {numbers?: {NUMBER: NAME | [NAME, …]}, mix?: {NAME: SHARE}, everybody?: NAME | null}
 *     POST /smsc/messages   {from, to, text, shuffled?}: somebody writes to one of our numbers
 *     POST /smsc/refuses    {status: NUMBER | null}: every submit is refused with that command_status, as in an outage; null lifts it
 *     POST /smsc/cut        all connections are cut without a word
 */
export function smscHandlers(smsc: LabSmsc): Readonly<Record<string, Handler>> {
  return {
    "GET /smsc/books": () => smsc.books.toJSON(),
    "GET /smsc/sessions": () => smsc.sessions,
    "POST /smsc/personas": (body) => {
      const { numbers, mix, everybody } = fields(body);
      for (const [number, names] of Object.entries(fields(numbers ?? {}))) smsc.directory.assign(number, [names].flat().map(String));
      if (mix !== undefined) smsc.directory.setMix(Object.fromEntries(Object.entries(fields(mix)).map(([name, share]) => [name, Number(share)])));
      if (everybody !== undefined) smsc.directory.setEverybody(everybody === null ? undefined : String(everybody));
      return { ok: true };
    },
    "POST /smsc/messages": (body) => {
      const { from, to, text, shuffled } = fields(body);
      if (typeof from !== "string" || !/^\+?\d{1,20}$/.test(from)) throw new Fault("not-a-message", "from is not a number");
      if (typeof to !== "string" || !/^\+?[0-9A-Za-z]{1,20}$/.test(to)) throw new Fault("not-a-message", "to is not a number");
      if (typeof text !== "string" || text.length > 10_000) throw new Fault("not-a-message", "a message needs text, 10,000 characters at most");
      smsc.say(from, to, text, shuffled === true);
      return { ok: true };
    },
    "POST /smsc/refuses": (body) => {
      const { status } = fields(body);
      if (status !== null && !(Number.isInteger(status) && Number(status) > 0))
        throw new Fault("not-a-status", "status is a command_status, or null");
      smsc.refusesWith = status === null ? undefined : Number(status);
      return { ok: true };
    },
    "POST /smsc/cut": () => {
      smsc.cut();
      return { ok: true };
    },
  };
}

function fields(body: unknown): Record<string, unknown> {
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  throw new Fault("not-an-object", "a JSON object is expected here");
}
