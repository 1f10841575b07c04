import { createRequire } from "node:module";
import t from "tap";
import { parseHeaders, readEvent } from "../../src/adapter/freeswitch/event.ts";
import { Batch } from "../../src/adapter/postgres/repository/batch.ts";
import { Patience } from "../../src/adapter/postgres/repository/patience.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";

interface OriginalEvent {
  getHeader(name: string): unknown;
  getBody(): string;
  readonly type: unknown;
  readonly headers: readonly { readonly name: string; readonly value: unknown }[];
}
const OriginalEvent = createRequire(import.meta.url)("drachtio-modesl/lib/esl/Event.js") as new (
  headers: Record<string, unknown>,
  body?: string,
) => OriginalEvent;

t.test("an event reads as the library's own class reads it", async (t) => {
  const headers = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`variable_${index}`, `value ${index}`]));
  const data = { "Event-Name": "CHANNEL_EXECUTE_COMPLETE", "Event-Subclass": "x::y", ...headers, _body: "said" };
  const json = JSON.stringify(data);
  const read = readEvent({ "Content-Type": "text/event-json" }, json);
  const original = new OriginalEvent(JSON.parse(json));
  t.equal(read?.type, original.type);
  t.equal(read?.getBody(), original.getBody());
  for (const name of ["Event-Name", "Event-Subclass", "variable_0", "variable_199", "absent", "toString", "__proto__"])
    t.equal(read?.getHeader(name), original.getHeader(name), name);
  const variables = (event: OriginalEvent | typeof read) => event?.headers.filter(({ name }) => name !== "_body");
  t.same(variables(read), variables(original), "as fsmrf reads channel variables");
});

t.test("replies, and what is no JSON", async (t) => {
  const ok = readEvent(parseHeaders("Content-Type: command/reply\nReply-Text: +OK accepted"), undefined);
  t.equal(ok?.getHeader("Modesl-Reply-OK"), "accepted");
  const refused = readEvent(parseHeaders("Content-Type: command/reply\nReply-Text: -ERR invalid"), undefined);
  t.equal(refused?.getHeader("Modesl-Reply-ERR"), "invalid");
  t.equal(readEvent({ "Content-Type": "api/response" }, "+OK done\n")?.getBody(), "+OK done\n");
  for (const body of ["", "{", "null", "7", '"text"']) {
    const event = readEvent({ "Content-Type": "text/event-json" }, body);
    t.equal(event?.getHeader("Event-Name"), null, `${body || "nothing"} makes an event that nobody listens to`);
  }
  t.equal(readEvent({ "Content-Type": "text/event-plain" }, "a: b\n\n"), undefined, "left to the library");
});

t.test("header lines, percent-encoded or not quite", async (t) => {
  t.same(
    { ...parseHeaders("A: 1%202: 3\nB:no blank\nContent-Length: 12\nC: 50% off\nD: %E4\nE: ") },
    {
      A: "1 2: 3",
      "B:no blank": "",
      "Content-Length": 12,
      C: "50% off",
      D: "\ufffd",
      E: "",
    },
  );
  const odd = parseHeaders("__proto__: x\nconstructor: y");
  t.same(Object.entries(odd), [
    ["__proto__", "x"],
    ["constructor", "y"],
  ]);
});

t.test("a batch: what has time waits for what is urgent, and goes with it", async (t) => {
  const clock = new VirtualClock(0);
  const written: string[][] = [];
  const make = (windowMs: number, due?: () => void) =>
    new Batch<string, string>({
      clock,
      windowMs,
      patience: new Patience(clock, 0),
      doing: "test",
      ...(due && { due }),
      write: async (items) => {
        written.push([...items]);
        return items.map((item) => item.toUpperCase());
      },
    });
  const batch = make(100);
  const history = batch.add("history");
  await clock.advance(50);
  const urgent = batch.add("urgent", 20);
  await clock.advance(19);
  t.same(written, [], "nothing before its time");
  await clock.advance(1);
  t.same(written, [["history", "urgent"]], "in the order they came");
  t.same(await Promise.all([history, urgent]), ["HISTORY", "URGENT"]);
  const late = batch.add("late");
  batch.hurry();
  t.equal(written.length, 1, "another batch that is due does not hurry what has time");
  await clock.advance(95);
  batch.hurry();
  t.same(written[1], ["late"], "but takes along what is due soon");
  await late;
  await clock.advance(1000);
  t.equal(written.length, 2, "and nothing is written twice");
  const last = batch.add("last");
  await batch.drain();
  t.equal(await last, "LAST");
});

t.test("a batch leaves what may still get company for the next one", async (t) => {
  const clock = new VirtualClock();
  const written: string[][] = [];
  const ripe = new Set(["a", "b"]);
  const batch = new Batch<string, string>({
    clock,
    windowMs: 20,
    patience: new Patience(clock, 0),
    doing: "test",
    ripe: (item) => ripe.has(item),
    write: async (items) => {
      written.push([...items]);
      await new Promise<void>((resolve) => clock.after(10, resolve));
      return [...items];
    },
  });
  const said = ["a", "young"].map((item) => batch.add(item));
  await clock.advance(20);
  t.same(written, [["a"]], "what is not ripe stays behind");
  said.push(batch.add("b"));
  await clock.advance(19);
  t.same(written, [["a"]], "it is asked about again after the window");
  await clock.advance(1);
  t.same(written, [["a"], ["b"]]);
  clock.setBack(3_600_000);
  ripe.add("young");
  await clock.advance(10 + 20 + 10);
  t.same(written, [["a"], ["b"], ["young"]], "a clock that was set back holds nothing up");
  const last = batch.add("never ripe");
  const drained = batch.drain();
  await clock.advance(10);
  await drained;
  t.same(written.at(-1), ["never ripe"], "at the end everything is written");
  t.same(await Promise.all([...said, last]), ["a", "young", "b", "never ripe"]);
});
