import t from "tap";
import {
  arrangement,
  beginning,
  type Conversation,
  type ConversationEvent,
  converseOn,
  hasThird,
  type Party,
  type Stage,
  withoutAgent,
} from "../../src/agent/conversation.ts";
import { seededRandom } from "../../src/kernel/random.ts";

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);
const third = "+15550100200";

/** What becomes of it by these events, one after the other. */
function after(...events: readonly (ConversationEvent | ConversationEvent["kind"])[]) {
  let now: Conversation = beginning;
  for (const each of events) {
    const event = typeof each === "string" ? asEvent(each) : each;
    const move = converseOn(now, event);
    if (!("now" in move)) return move;
    now = move.now;
  }
  return now;
}

function asEvent(kind: ConversationEvent["kind"]): ConversationEvent {
  if (kind === "consult") return { kind, third };
  return kind === "third-gone" ? { kind, why: "busy" } : { kind };
}

t.test("hold, mute, consult, swap, conference: where each leads", async (t) => {
  t.same(after("hold"), { stage: "held", muted: false });
  t.same(after("hold", "resume", "mute"), { stage: "talking", muted: true });
  t.same(after("mute", "consult", "third-here"), { stage: "consulting", muted: true, third });
  t.same(after("hold", "consult", "third-gone"), { stage: "held", muted: false, missed: "busy" });
  t.same(after("consult", "cancel"), { stage: "talking", muted: false });
  t.same(after("consult", "third-here", "swap"), { stage: "swapped", muted: false, third });
  t.same(after("consult", "third-here", "swap", "third-gone"), { stage: "talking", muted: false, missed: "busy" });
  t.same(after("consult", "third-here", "conference", "drop"), { stage: "talking", muted: false });
  t.same(after("consult", "cancel", "third-here", "third-gone"), { stage: "talking", muted: false }, "too late, and about nobody");
});

t.test("how the agent comes out of it, and with whom the person is then", async (t) => {
  t.same(after("transfer"), { out: "elsewhere" });
  t.same(after("hold", "transfer"), { out: "elsewhere" });
  t.same(after("leave"), { out: "script" });
  t.same(after("consult", "third-here", "complete"), { out: "third" });
  t.same(after("consult", "third-here", "conference", "leave"), { out: "third" });
  t.equal(withoutAgent({ stage: "consulting", muted: false }), "third", "a telephone that is hung up completes the transfer");
  t.equal(withoutAgent({ stage: "dialling", muted: false }), "script");
});

t.test("what does not fit is refused with what to do", async (t) => {
  t.match(after("resume"), { refused: /nobody else/ });
  t.match(after("complete"), { refused: /Nobody is there/ });
  t.match(after("consult", "complete"), { refused: /Nobody is there/ });
  t.match(after("consult", "hold"), { refused: /cancel that first/ });
  t.match(after("consult", "third-here", "leave"), { refused: /complete the transfer/ });
  t.match(after("consult", "third-here", "transfer"), { refused: /complete the transfer/ });
  t.match(after("hold", "press"), { refused: /resume first/ });
});

t.test("whatever happens in whatever order: one agent at most, nobody in silence, and nobody who is not there", async (t) => {
  t.comment(`seed ${seed}`);
  const random = seededRandom(seed);
  const kinds: readonly ConversationEvent["kind"][] = [
    ...(["hold", "resume", "mute", "unmute", "cancel", "swap", "conference", "drop", "complete", "leave", "transfer", "press"] as const),
    ...(["consult", "third-here", "third-gone"] as const),
  ];
  const reached = new Set<Stage>();
  for (let run = 0; run < 2000; run++) {
    let now = beginning;
    const told: string[] = [];
    for (let step = 0; step < 30; step++) {
      const kind = kinds[Math.floor(random.next() * kinds.length)] ?? "hold";
      told.push(kind);
      const move = converseOn(now, asEvent(kind));
      if ("refused" in move) continue;
      if ("out" in move) {
        if (move.out === "third" && !hasThird(now.stage)) t.fail(`given to nobody: ${told.join(" ")}`);
        break;
      }
      now = move.now;
      reached.add(now.stage);
      const { together, waiting } = arrangement(now);
      const heard = [...together, ...waiting];
      const wanted: readonly Party[] = hasThird(now.stage) ? ["person", "third"] : ["person"];
      const right =
        new Set(heard).size === heard.length &&
        together.length !== 1 &&
        wanted.every((party) => heard.includes(party)) &&
        heard.includes("third") === hasThird(now.stage) &&
        !waiting.includes("agent") &&
        (now.third !== undefined) === (hasThird(now.stage) || now.stage === "dialling");
      if (!right) t.fail(`${told.join(" ")}: ${JSON.stringify({ now, together, waiting })}`);
    }
  }
  t.equal(reached.size, 6, "every stage was reached");
});
