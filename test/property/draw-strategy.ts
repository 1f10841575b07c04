import { intBetween, pick, type Random } from "../../src/kernel/random.ts";

/* A strategy drawn as an author writes it: passes that lead on to later ones, with retries, next addresses, parallel passes and limits. */

const channels = ["sms", "voice-ivr", "email"] as const;
const windows = ["00:00-24:00", "00:00-24:00", "08:00-20:00", "mon-sat 10:30-18:00"] as const;
const delays = ["1 min", "20 min", "3 h", "24 h"] as const;
const endings = {
  sms: ["sent", "delivered", "undelivered", "congestion", "bad-number"],
  "voice-ivr": ["no-answer", "busy", "machine", "human", "congestion"],
  email: ["sent", "congestion", "carrier-fault"],
} as const;
/** Those after which nobody may be tried on the same channel again. */
const final: ReadonlySet<string> = new Set(["sent", "delivered", "human", "bad-number"]);

/** What happens outside: it ends a person, or moves them. */
export const outsideEvents = ["paid", "asked"] as const;

/** @returns YAML without a fault in it */
export function drawStrategy(random: Random, name: string): string {
  const count = intBetween(random, 2, 4);
  const limits = random.next() < 0.6 ? `limits: { per_contact: ${intBetween(random, 2, 6)} }\n` : "";
  const passes = Array.from({ length: count }, (_, at) => drawPass(random, at, count));
  const events = `events: { paid: stop, asked: { pass: p${intBetween(random, 0, count - 1)}, after: ${pick(random, delays)} } }\n`;
  return `name: ${name}\n${limits}${events}passes:\n${passes.join("")}`;
}

function drawPass(random: Random, at: number, count: number): string {
  const channel = pick(random, channels);
  const last = at === count - 1;
  const onward = () => `{ pass: p${intBetween(random, at + 1, count - 1)}, after: ${pick(random, delays)} }`;
  const after = endings[channel].flatMap((ending) => {
    const drawn: string[] = [];
    if (!final.has(ending)) {
      if (random.next() < 0.5) drawn.push(`{ retry: ${pick(random, delays)}, at_most: ${intBetween(random, 1, 3)} }`);
      if (random.next() < 0.4) drawn.push("next_address");
    }
    if (!last && random.next() < 0.7) drawn.push(onward());
    if (!last && drawn.length > 0 && random.next() < 0.2) drawn.unshift(`{ also: p${at + 1} }`);
    return drawn.length === 0 ? [] : [`${ending}: [${drawn.join(", ")}]`];
  });
  const of =
    channel === "voice-ivr"
      ? 'script: reminder, trunk: main, caller_id: "+15550100100", max_lines: 1000'
      : `template: ${channel === "sms" ? "reminder" : "letter"}, sender: main`;
  // Whoever has no address of its kind goes on, so that every pass is reached.
  const whoElse = last ? "" : `who_else: { pass: p${at + 1} }, `;
  return `  p${at}: { channel: ${channel}, ${of}, max_cps: 10000, window: ${pick(random, windows)}, ${whoElse}after: { ${after.join(", ")} } }\n`;
}
