import t from "tap";
import { RefusalRuns, refusedText } from "../../src/attempt/refusal-run.ts";
import type { Result } from "../../src/attempt/result.ts";
import { outcomeOf } from "../../src/sms/outcome.ts";
import type { MessageState, PartEnd } from "../../src/sms/ports.ts";
import { comparableId, readReceipt } from "../../src/sms/receipt.ts";

const read = (remoteId: string | undefined, messageIds: "same" | "decimal-receipts" | "hex-receipts" = "same", state: MessageState = "delivered") =>
  readReceipt({ bind: "a", state, to: "+12125550100", from: "55501", at: 0, ...(remoteId !== undefined && { remoteId }) }, messageIds);

t.test("ids are compared without capitals and zeros, in the bind's notation first", (t) => {
  for (const [id, same] of [
    ["00A1", "a1"],
    ["0000", "0"],
    [" 0123456789 ", "123456789"],
    ["0f-3D", "f-3d"],
  ] as const)
    t.equal(comparableId(id), same, id);
  t.match(read("0000000255"), { id: "255", alternates: ["ff", "597"] });
  t.match(read("0000000255", "decimal-receipts"), { id: "ff", alternates: ["255", "597"] });
  t.match(read("FF", "hex-receipts"), { id: "255", alternates: ["ff"] });
  t.match(read("f3-77", "decimal-receipts"), { id: "f3-77", alternates: [] }, "no number stays what it is");
  t.match(read(undefined), { id: undefined, alternates: [] });
  t.match(read("9".repeat(5000)), { alternates: [] }, "an absurd one is cut, and no number");
  t.end();
});

t.test("a final state has its result, one on the way has none", (t) => {
  const results = { delivered: "delivered", expired: "expired", deleted: "undelivered", undeliverable: "undelivered", rejected: "rejected" } as const;
  for (const [state, result] of Object.entries({ ...results, skipped: "undelivered" }))
    t.equal(read("1", "same", state as MessageState).result, result);
  for (const state of ["scheduled", "enroute", "accepted", "unknown"] as const) t.equal(read("1", "same", state).result, undefined);
  t.end();
});

t.test("what became of the parts decides what became of the message", (t) => {
  const [ok, unsent]: PartEnd[] = [{ end: "accepted", remoteId: "0A" }, { end: "unsent" }];
  const lost: PartEnd = { end: "unknown", why: "time-out" };
  const refused = (status: number, again = false): PartEnd => ({ end: "refused", status, again });
  const table: readonly (readonly [readonly (PartEnd | undefined)[], string, boolean])[] = [
    [[ok, ok], "sent", false],
    [[ok, lost, unsent], "interrupted", false],
    [[lost], "interrupted", false],
    [[refused(0x0b), unsent], "bad-number", false],
    [[refused(0x58, true), unsent], "canceled", true],
    [[unsent, unsent], "canceled", true],
    [[ok, refused(0x58, true)], "undelivered", false],
    [[ok, unsent], "undelivered", false],
    [[refused(0x7777)], "carrier-fault", false],
  ];
  for (const [ends, result, again] of table) {
    const given = ends.filter((end) => end !== undefined);
    t.match(outcomeOf(given), { result, again }, JSON.stringify(given));
  }
  t.same(outcomeOf([refused(0x0b)]).reason, "ESME_RINVDSTADR");
  t.same(outcomeOf([refused(0x104)]).reason, "ESME_RINVDCS", "of SMPP 5.0");
  t.same(outcomeOf([refused(0x7777)]).reason, "command_status 0x00007777");
  t.same(outcomeOf(ok && lost ? [ok, lost] : []).remoteIds, ["a", ""], "the ids there are find the report of what nobody knows");
  t.end();
});

t.test("a campaign that is refused one message after the other had better stop", (t) => {
  const minute = 60_000;
  const run = (said: readonly (readonly [count: number, status: number | Result, everyMs?: number, via?: string])[]) => {
    const runs = new RefusalRuns();
    let at = 0;
    let stops = false;
    for (const [count, status, everyMs = 1, via = "north"] of said)
      for (let n = 0; n < count; n++) {
        at += everyMs;
        const { result, standing } =
          typeof status === "number" ? outcomeOf([{ end: "refused", status, again: false }]) : { result: status, standing: false };
        stops = runs.add("7", via, { result, standing, at });
      }
    return stops;
  };
  t.notOk(run([[24, 0x0a]]), "a few may be chance");
  t.ok(run([[25, 0x0a]]), "our sender is refused");
  for (const status of [0x48, 0x15, 0x53, 0xc1, 0x100]) t.ok(run([[25, status]]), `0x${status.toString(16)}`);
  t.notOk(
    run([
      [20, 0x0a],
      [1, "sent"],
      [24, 0x0a],
    ]),
    "one was taken in between",
  );
  t.ok(
    run([
      [12, 0x0a],
      [5, "canceled"],
      [5, 0x0b],
      [5, "interrupted"],
      [13, 0x0a],
    ]),
    "what says nothing of it does not end the run",
  );
  t.ok(
    run([
      [24, 0x0a],
      [9, "sent", 1, "south"],
      [1, 0x0a],
    ]),
    "another bind takes them: this one does not",
  );
  t.notOk(run([[1000, 0x08, 50]]), "an SMSC that is ill may get well by itself");
  t.ok(run([[1000, 0x08, 70]]), "but not for a minute and more");
  t.ok(run([[30, 0x411, minute / 25]]), "what only its operator knows: no credit, perhaps");
  const runs = new RefusalRuns();
  const refused = { result: "carrier-fault", standing: true, at: 0 } as const;
  for (let n = 0; n < 25; n++) runs.add("7", "north", refused);
  t.notOk(runs.add("8", "north", refused), "each campaign for itself");
  runs.forget("7");
  t.notOk(runs.add("7", "north", refused), "it begins anew when it is resumed");
  t.equal(refusedText({ via: "north", reason: "ESME_RINVSRCADR", messages: 3 }), undefined);
  t.match(refusedText({ via: "north", reason: "ESME_RINVSRCADR", messages: 25 }), /25 messages over north .*: ESME_RINVSRCADR/);
  t.end();
});
