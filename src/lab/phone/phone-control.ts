import { Fault } from "../../kernel/fault.ts";
import type { LabPhones } from "./lab-phones.ts";
import type { PhoneManner, PhoneOrder } from "./phone.ts";

type Handler = (body: unknown) => unknown;

const orders = ["hang-up", "vanish", "speak", "hush", "press"] as const;

/**
 * The telephones over the lab's HTTP control.
 *
 *     GET  /phones              PhoneSummary[]
 *     GET  /phones/books        {calls: CallSummary[], unreadable}: what the telephones saw and heard
 *     POST /phones              {phone, answer?: {afterMs} | {status} | "never", speaks?: boolean, lines?: number}: what it does from the next call on; makes it when there is none
 *     POST /phones/orders       {phone, do: "hang-up" | "vanish" | "speak" | "hush" | "press", keys?}: in the middle of a call
 *     POST /phones/register     {phone, registrar: "host:port", username, password, domain?, expiresS?} -> {status}; renewed from then on
 *     POST /phones/unregister   {phone}
 */
export function phoneHandlers(phones: LabPhones): Readonly<Record<string, Handler>> {
  return {
    "GET /phones": () => phones.summaries(),
    "GET /phones/books": () => phones.books.toJSON(),
    "POST /phones": (body) => {
      const change = fields(body);
      const phone = phones.add(text(change, "phone"));
      phone.manner = { ...phone.manner, ...mannerIn(change) };
      return { uri: phones.uriOf(phone.name), voice: phone.voice };
    },
    "POST /phones/orders": (body) => {
      const order = fields(body);
      phones.order(text(order, "phone"), orderIn(order));
      return { ok: true };
    },
    "POST /phones/register": async (body) => {
      const wanted = fields(body);
      const expiresS = wanted["expiresS"];
      const status = await phones.register(text(wanted, "phone"), {
        registrar: text(wanted, "registrar"),
        username: text(wanted, "username"),
        password: text(wanted, "password"),
        ...(wanted["domain"] !== undefined && { domain: text(wanted, "domain") }),
        ...(typeof expiresS === "number" && { expiresS }),
      });
      return { status };
    },
    "POST /phones/unregister": async (body) => {
      await phones.unregister(text(fields(body), "phone"));
      return { ok: true };
    },
  };
}

function fields(body: unknown): Record<string, unknown> {
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  throw new Fault("not-an-object", "a JSON object is expected here");
}

function text(body: Record<string, unknown>, name: string): string {
  const value = body[name];
  if (typeof value === "string" && /^[ -~]{1,200}$/.test(value)) return value;
  throw new Fault("not-a-phone", `a telephone needs ${name}, a text`);
}

function mannerIn({ answer, speaks, lines }: Record<string, unknown>): Partial<PhoneManner> {
  const found: { -readonly [Name in keyof PhoneManner]?: PhoneManner[Name] } = {};
  if (typeof speaks === "boolean") found.speaks = speaks;
  if (typeof lines === "number" && lines >= 1) found.lines = lines;
  if (answer === undefined) return found;
  const { afterMs, status } =
    typeof answer === "object" && answer !== null ? (answer as { readonly afterMs?: unknown; readonly status?: unknown }) : {};
  if (answer === "never") found.answer = answer;
  else if (typeof afterMs === "number" && afterMs >= 0 && afterMs <= 600_000) found.answer = { afterMs };
  else if (typeof status === "number" && status >= 300 && status <= 699) found.answer = { status };
  else throw new Fault("not-a-phone", 'answer is {"afterMs": 0 to 600000}, {"status": 300 to 699} or "never"');
  return found;
}

function orderIn({ do: what, keys }: Record<string, unknown>): PhoneOrder {
  const name = orders.find((each) => each === what);
  if (name === undefined) throw new Fault("not-a-phone", `do is one of ${orders.join(", ")}`);
  if (name !== "press") return { do: name };
  if (typeof keys === "string" && /^[0-9*#A-D]{1,40}$/.test(keys)) return { do: name, keys };
  throw new Fault("not-a-phone", "keys are 0–9, *, # and A–D");
}
