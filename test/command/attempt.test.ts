import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import type { AttemptFilter } from "../../src/api/ports.ts";
import { showAttemptDetail } from "../../src/api/schema/attempt.ts";
import type { Ladder } from "../../src/attempt/ladder.ts";
import { attemptText } from "../../src/command/attempt.ts";
import { tellAttempts } from "../../src/command/attempt-list.ts";
import { sipText } from "../../src/command/attempt-sip.ts";
import { attemptRow, begun, makeCampaign, openWorld, phone } from "../adapter/stores-kit.ts";
import { openFolder } from "../harness/lab-process.ts";
import { runCli } from "../harness/serve-process.ts";

t.setTimeout(280_000);

const startedAt = Date.UTC(2026, 2, 2, 15, 0, 0);
const leg = {
  leg: 1,
  name: "trunk carrier-a",
  callId: "abc",
  from: "sip:+12125550100@carrier.test",
  to: `sip:${phone(1)}@carrier.test:5060;transport=udp`,
};
const ladder: Ladder = {
  startedAt,
  legs: [leg],
  leftOut: 0,
  rungs: [
    { ms: -12, leg: 1, media: { event: "endpoint", text: "e1 on fs-1" } },
    { ms: 0, leg: 1, sip: { sent: true, method: "INVITE", uri: leg.to, cseq: "1 INVITE", sdp: "audio 10.0.0.1:4000 PCMU sendrecv" } },
    { ms: 1500, leg: 1, media: { event: "keys", text: "9" } },
    {
      ms: 2100,
      leg: 1,
      // What a carrier writes must move neither the database nor somebody's terminal.
      sip: {
        sent: false,
        status: 488,
        phrase: "No\u001b[31m \ud800\0!",
        cseq: "1 INVITE",
        from: "10.0.0.2:5060/udp",
        headers: { Warning: '304 x "no codec"' },
      },
    },
  ],
};

t.test("attempt show: a call from outside has its own From and To", (t) => {
  const from = '"Ada" <sip:+12125559901@10.0.0.2>;tag=q2x6';
  const rungs: Ladder["rungs"] = [
    { ms: 0, leg: 1, sip: { sent: false, method: "INVITE", uri: "sip:+12125550100@10.0.0.1", cseq: "1 INVITE", from: "10.0.0.2:5060/udp" } },
    { ms: 9, leg: 1, sip: { sent: true, status: 200, phrase: "OK", cseq: "1 INVITE" } },
    { ms: 20, leg: 1, media: { event: "keys", text: "9" } },
    { ms: 90, leg: 1, sip: { sent: true, method: "BYE", uri: "sip:ada@10.0.0.2:5060", cseq: "1 BYE" } },
  ];
  const [, invite, ok, bye] = sipText({
    startedAt,
    legs: [{ leg: 1, name: "from trunk a", callId: "x", from, to: "<sip:+12125550100@10.0.0.1>" }],
    leftOut: 0,
    rungs,
  }).split("\n\n");
  t.match(invite, /10\.0\.0\.2:5060\/udp -> carillon/);
  for (const text of [invite, ok]) t.ok(text?.includes(`\nFrom: ${from}\nTo: <sip:+12125550100@10.0.0.1>\n`));
  t.match(bye, /carillon -> 10\.0\.0\.2 /);
  t.ok(bye?.includes(`\nFrom: <sip:+12125550100@10.0.0.1>\nTo: ${from}\n`));
  t.end();
});

t.test("attempt show: a call message by message, with what to do about it", async (t) => {
  const { stores, url } = await openWorld(t);
  const folder = openFolder(t);
  writeFileSync(join(folder, "carillon.yaml"), JSON.stringify({ database: { url } }));
  const campaign = await makeCampaign(stores, { people: 3 });
  const [order, crashed, quick] = await begun(stores, campaign, 3);
  if (!order || !crashed || !quick) throw new Error("no orders");
  const { attemptId } = order;
  await stores.attempts.mark(attemptId, { at: startedAt, kind: "sent", legIds: { callId: "abc" }, detail: { trunk: "carrier-a" } });
  await stores.attempts.mark(attemptId, { at: startedAt + 1500, kind: "step", detail: { step: "opt_out" } });
  const ending = { at: startedAt + 2101, result: "carrier-fault", reason: "488 No", sipStatus: 488 } as const;
  await Promise.all([stores.attempts.mark(attemptId, { at: startedAt + 2101, kind: "ladder", ladder }), stores.attempts.finish(attemptId, ending)]);
  const row = await attemptRow(stores, attemptId);
  const late: Ladder = {
    startedAt,
    legs: [],
    leftOut: 3,
    rungs: [{ ms: 2500, leg: 1, sip: { sent: false, status: 481, phrase: "Gone", cseq: "2 BYE" } }],
  };
  await stores.attempts.mark(attemptId, { at: startedAt + 2500, kind: "ladder", ladder: late });
  t.same(await attemptRow(stores, attemptId), row, "what comes after the end changes nothing of the attempt");
  const show = (...args: string[]) => runCli(t, ["attempt", "show", ...args], { cwd: folder });

  const shown = (await show(attemptId)).stdout.trimEnd().split("\n");
  t.match(shown, [
    new RegExp(`^Attempt ${attemptId} to \\${phone(1)}, campaign \\d+: carrier-fault \\(488 No\\)$`),
    "Script reminder, version 1",
    "Call-ID abc",
    "",
    "2026-03-02 15:00:00Z, times in ms",
    /^ {5}-12 {4}\* {3}endpoint: e1 on fs-1$/,
    /^ {7}0 {2}leg 1, trunk carrier-a: sip:\+12125550100@carrier\.test calls sip:/,
    /^ {10}----> INVITE {2}audio 10\.0\.0\.1:4000 PCMU sendrecv$/,
    /^ {4}1500 {4}\* {3}keys: 9$/,
    /^ {4}1500 {4}\* {3}step opt_out$/,
    /^ {4}2100 {2}<---- 488 No\?\[31m \ufffd+! \(1 INVITE\), from 10\.0\.0\.2:5060\/udp$/,
    /Warning: 304 x "no codec"$/,
    /= no codec in common.*Compare the codecs we offer/,
    /^ {4}2101 .*ended: carrier-fault \(488 No\)$/,
    /^ {4}2500 {2}<---- 481 Gone \(2 BYE\)/,
    /the far side does not know this call/,
    "(3 more in the middle are not kept)",
  ]);
  const sip = (await show(attemptId, "--sip")).stdout;
  t.match(sip, /^# Kept of each message.*\n# Not kept: .*\n# 3 rungs/);
  const first = [
    "2026-03-02 15:00:00.000Z carillon -> carrier.test:5060 (leg 1, trunk carrier-a)",
    `INVITE ${leg.to} SIP/2.0`,
    `From: <${leg.from}>`,
  ];
  t.ok(
    sip.includes(
      [...first, `To: <${leg.to}>`, "Call-ID: abc", "CSeq: 1 INVITE", "(session description: audio 10.0.0.1:4000 PCMU sendrecv)"].join("\n"),
    ),
  );
  t.match(sip, /10\.0\.0\.2:5060\/udp -> carillon .*\nSIP\/2\.0 488 No/);
  t.notOk(sip.includes("\u001b") || sip.includes("\0"), "nothing moves a terminal");

  const detail = await stores.attemptReader.attempt(attemptId);
  if (!detail) throw new Error("no detail");
  const api = showAttemptDetail(detail);
  t.match(api.ladder?.rungs[3], { ms: 2100, sip: { status: 488, meaning: /no codec/, advice: /Compare/ } });
  t.same(
    api.events.map(({ kind }) => kind),
    ["sent", "step", "ended"],
  );

  t.match(await show(crashed.attemptId), {
    code: 0,
    stdout: /sending, not over yet\n.*The messages are written when the call is answered, and when it is over\.\n$/s,
  });
  await stores.attempts.mark(crashed.attemptId, { at: startedAt, kind: "sent", detail: { trunk: "carrier-a" } });
  await stores.attempts.finish(crashed.attemptId, { at: startedAt, result: "interrupted", reason: "its process died" });
  t.match((await show(crashed.attemptId)).stdout, /\* {3}sent: trunk carrier-a\n.*The server died before the call was over/s);
  const written = { ...detail, channel: "sms" as const, events: [], ladder: undefined };
  t.match(attemptText({ ...written, result: "interrupted" }), new RegExp(`\\n\\nWhat was sent, .*: carillon message show ${attemptId}$`));
  t.match(attemptText({ ...written, result: "canceled" }), /\n\nNothing was sent\.$/);
  const listed = async (filter: AttemptFilter, json = false) => {
    const lines: string[] = [];
    const count = await tellAttempts(stores.attemptReader, campaign.id, filter, json, (text) => lines.push(...text.split("\n")));
    return { count, lines };
  };
  t.match(await listed({}), {
    count: 3,
    lines: [
      /^ID +BEGAN +CHANNEL +CONTACT +ADDRESS +RESULT +OUTCOME +WHY$/,
      / voice .* carrier-fault +488 No$/,
      / interrupted +its process died$/,
      / voice /,
    ],
  });
  t.match(await listed({ result: "interrupted" }, true), {
    count: 1,
    lines: [new RegExp(`^\\{"id":"${crashed.attemptId}",.*"result":"interrupted"`)],
  });
  t.same(await listed({ result: "busy" }), { count: 0, lines: [] });
  t.match(await show("999999"), { code: 1, stdout: "", stderr: /There is no attempt 999999\. carillon campaign why/ });
  t.match(await show("x"), { code: 1, stderr: /There is no attempt x\./ });
});
