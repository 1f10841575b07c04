import t from "tap";
import { readReason } from "../../src/adapter/drachtio/failure.ts";
import { isPhoneNumber } from "../../src/kernel/phone.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { decide, leadMs } from "../../src/voice/pacer.ts";
import { allowed, freshRate, nextAt, plan, type RateState, spend } from "../../src/voice/rate.ts";
import { describeFailure, resultOf } from "../../src/voice/sip-status.ts";
import { fromUri, placeText, refusedBy, requestUri, type Trunk, trunkUri } from "../../src/voice/trunk.ts";

t.test("one table from SIP status and Q.850 cause to a result", async (t) => {
  const rows = [
    [{ status: 486 }, {}, "busy"],
    [{ status: 600 }, {}, "busy"],
    [{ status: 404 }, {}, "bad-number"],
    [{ status: 410 }, {}, "bad-number"],
    [{ status: 484 }, {}, "bad-number"],
    [{ status: 604 }, {}, "bad-number"],
    [{ status: 603 }, {}, "rejected"],
    [{ status: 607 }, {}, "rejected"],
    [{ status: 608 }, {}, "rejected"],
    [{ status: 480 }, {}, "no-answer"],
    [{ status: 503 }, {}, "congestion"],
    [{ status: 500 }, {}, "carrier-fault"],
    [{ status: 403 }, {}, "carrier-fault"],
    [{ status: 407 }, {}, "carrier-fault"],
    [{ status: 302 }, {}, "carrier-fault"],
    [{ status: 488 }, {}, "carrier-fault"],
    [{ status: 408 }, {}, "carrier-fault"],
    [{ status: 408 }, { rang: true }, "no-answer"],
    [{ status: 487 }, { canceled: "ring-timeout" }, "no-answer"],
    [{ status: 487 }, { canceled: "withdrawn" }, "canceled"],
    [{ status: 487 }, { rang: true }, "no-answer"],
    // A gateway's cause tells more than its status…
    [{ status: 503, q850: 17 }, {}, "busy"],
    [{ status: 500, q850: 1 }, {}, "bad-number"],
    [{ status: 480, q850: 21 }, {}, "rejected"],
    [{ status: 480, q850: 1 }, {}, "bad-number"],
    [{ status: 404, q850: 34 }, {}, "congestion"],
    [{ status: 500, q850: 19 }, {}, "no-answer"],
    [{ status: 500, reasonSip: 603 }, {}, "rejected"],
    // …but never overrules the person, and a cause that says nothing changes nothing.
    [{ status: 486, q850: 34 }, {}, "busy"],
    [{ status: 603, q850: 17 }, {}, "rejected"],
    [{ status: 404, q850: 16 }, {}, "bad-number"],
    [{ status: 503, q850: 31 }, {}, "congestion"],
    [{ status: 487, q850: 17 }, { canceled: "withdrawn" }, "canceled"],
  ] as const;
  for (const [failure, circumstances, expected] of rows) {
    const told = { phrase: "x", ...failure };
    t.equal(resultOf(told, { rang: false, ...circumstances }), expected, `${describeFailure(told)} ${JSON.stringify(circumstances)}`);
  }
  for (let status = 300; status < 700; status += 1) t.ok(resultOf({ status, phrase: "" }, { rang: false }), `every status has a result: ${status}`);
});

t.test("the Reason header of RFC 3326", async (t) => {
  t.same(readReason('Q.850;cause=17;text="User busy"'), { q850: 17 });
  t.same(readReason('SIP;cause=603;text="Declined", Q.850 ; cause=21'), { reasonSip: 603, q850: 21 });
  t.same(readReason("q.850;CAUSE=16"), { q850: 16 });
  for (const odd of [undefined, "", ";;;", "Q.850", "Q.850;cause=", "Q.850;cause=abc", "X;cause=5", "Q.850;cause=9999", ",,,"])
    t.same(readReason(odd), {}, String(odd));
});

t.test("no second ever holds more starts than the limit", async (t) => {
  const seed = Date.now() & 0xffff;
  for (const maxCps of [0.2, 0.5, 1, 2, 3, 7, 10, 50, 200]) {
    const random = seededRandom(seed + maxCps);
    const starts: number[] = [];
    let state: RateState = freshRate;
    const length = maxCps < 1 ? 60_000 : 5000;
    for (let now = 0; now < length; now += 1 + Math.floor(random.next() * 40)) {
      const count = Math.min(allowed(state, now, maxCps), Math.floor(random.next() * 400));
      if (count === 0) continue;
      state = spend(state, now, count, maxCps);
      starts.push(...Array<number>(count).fill(now));
    }
    const spanMs = Math.max(1000, 1000 / maxCps);
    const most = Math.max(...starts.map((from) => starts.filter((at) => at >= from && at < from + spanMs).length));
    t.ok(most <= Math.max(1, maxCps), `limit ${maxCps}/s: at most ${most} in a window (seed ${seed})`);
    t.ok(starts.length >= (length / 1000) * maxCps * 0.5, `limit ${maxCps}/s: ${starts.length} starts in ${length} ms, not starved (seed ${seed})`);
  }
});

t.test("the rate says when to ask again", async (t) => {
  let state = freshRate;
  t.equal(nextAt(state, 5, 10), 5, "at once when nothing was started");
  state = spend(state, 0, allowed(state, 0, 10), 10);
  const at = nextAt(state, 0, 10);
  t.ok(at > 0 && allowed(state, at, 10) > 0, `allowed at the time it names (${at})`);
  t.equal(allowed(state, at - 1, 10), 0, "and not a moment sooner");
});

t.test("starts planned ahead are those that would have been allowed one by one", async (t) => {
  const seed = Date.now() & 0xffff;
  for (const maxCps of [0.5, 1, 3, 10, 20, 75, 200]) {
    const random = seededRandom(seed + maxCps);
    const starts: number[] = [];
    let state: RateState = freshRate;
    for (let now = 0; now < 10_000; now += 20 + Math.floor(random.next() * 200)) {
      for (const at of plan([{ state, maxCps }], now, now + 200, 1000)) {
        t.ok(at >= now && at <= now + 200 && at >= (starts.at(-1) ?? 0) && allowed(state, at, maxCps) > 0, `${at} is allowed`);
        state = spend(state, at, 1, maxCps);
        starts.push(at);
      }
    }
    const spanMs = Math.max(1000, 1000 / maxCps);
    const most = Math.max(...starts.map((from) => starts.filter((at) => at >= from && at < from + spanMs).length));
    t.ok(most <= Math.max(1, maxCps), `limit ${maxCps}/s: at most ${most} in a window (seed ${seed})`);
    // With turns up to 220 ms apart and 200 ms of lead next to nothing is lost; the 1025 ms window costs 2.4 %.
    t.ok(starts.length >= 10 * maxCps * 0.9, `limit ${maxCps}/s: ${starts.length} starts in 10 s (seed ${seed})`);
  }
  const narrow = { state: freshRate, maxCps: 2 };
  const wide = { state: freshRate, maxCps: 100 };
  t.equal(plan([wide, narrow], 0, 0, 10).length, 1, "the tightest limit holds");
  t.equal(plan([wide], 0, 1000, 7).length, 7, "never more than are wanted");
});

t.test("however long sessions and orders take, the pace is kept and never passed", async (t) => {
  const maxCps = 40;
  for (const tookMs of [0, 20, 150, 400, 900]) {
    const starts: number[] = [];
    const coming: { readonly at: number; readonly count: number }[] = [];
    let rate: RateState = freshRate;
    let ahead = 0;
    const policy = { maxLines: 1e6, maxCps, trunkMaxLines: 1e6, trunkMaxCps: 80, maxSetups: 200, leadMs: leadMs(100, tookMs) };
    for (let now = 0; now < 20_000; now += 100) {
      for (let first = coming[0]; first && first.at <= now; first = coming[0]) {
        coming.shift();
        const moments = plan([{ state: rate, maxCps }], first.at, Number.POSITIVE_INFINITY, first.count);
        for (const moment of moments) rate = spend(rate, moment, 1, maxCps);
        starts.push(...moments);
        ahead -= first.count;
      }
      const stats = { lines: 0, setups: 0, trunkLines: 0, campaign: { rate, ahead }, trunk: { rate: freshRate, ahead } };
      const { calls } = decide(now, stats, policy);
      if (calls > 0) coming.push({ at: now + tookMs, count: calls });
      ahead += calls;
    }
    const steady = starts.filter((at) => at >= 5000 && at < 19_000).length / 14;
    t.ok(steady >= maxCps * 0.95 && steady <= maxCps, `when it takes ${tookMs} ms: ${steady} a second`);
    const least = Math.min(...starts.map((at, index) => at - (starts[index - maxCps] ?? Number.NEGATIVE_INFINITY)));
    t.ok(least >= 1000, `${maxCps + 1} calls take ${least} ms`);
  }
});

t.test("the pacer takes the tightest limit and says which", async (t) => {
  const fresh = { rate: freshRate, ahead: 0 };
  const stats = { lines: 0, setups: 0, trunkLines: 0, campaign: fresh, trunk: fresh };
  const policy = { maxLines: 100, maxCps: 1000, trunkMaxLines: 100, trunkMaxCps: 1000, maxSetups: 100, leadMs: 0 };
  t.equal(decide(0, { ...stats, lines: 97 }, policy).calls, 3);
  t.match(decide(0, { ...stats, lines: 100 }, policy), { calls: 0, heldBy: "lines" });
  t.match(decide(0, { ...stats, lines: 130 }, policy), { calls: 0, heldBy: "lines" }, "a limit that was lowered below what is up");
  t.match(decide(0, { ...stats, trunkLines: 100 }, policy), { calls: 0, heldBy: "trunk-lines" });
  t.match(decide(0, { ...stats, setups: 99 }, policy), { calls: 1, heldBy: "setups" });
  const spent = { rate: spend(freshRate, 0, 1, 2), ahead: 0 };
  const held = decide(0, { ...stats, campaign: spent }, { ...policy, maxCps: 2 });
  t.match(held, { calls: 0, heldBy: "rate" });
  t.ok(held.againAt > 0, "the clock will help");
  const within = { ...policy, maxCps: 2, leadMs: 600 };
  t.match(decide(0, { ...stats, campaign: spent }, within), { calls: 1 }, "within the lead it is made ready");
  t.match(decide(0, { ...stats, campaign: { ...spent, ahead: 1 } }, within), { calls: 0, heldBy: "rate" }, "unless one is on its way already");
  t.match(decide(0, { ...stats, trunk: spent }, { ...policy, trunkMaxCps: 2 }), { calls: 0, heldBy: "trunk-rate" });
});

t.test("a trunk's URIs and what it refuses", async (t) => {
  const trunk: Trunk = {
    name: "a",
    host: "sip.example",
    port: 5060,
    transport: "tcp",
    maxCps: 1,
    maxChannels: 1,
    callerIdPrefixes: ["+1555"],
    destinationPrefixes: ["+1", "+44"],
    numberFormat: "e164",
  };
  const number = "+15550100123";
  if (!isPhoneNumber(number)) throw new Error("not E.164");
  t.equal(requestUri(trunk, number), "sip:+15550100123@sip.example:5060;transport=tcp");
  t.equal(requestUri({ ...trunk, numberFormat: "digits", host: "::1" }, number), "sip:15550100123@[::1]:5060;transport=tcp");
  const portless: [Partial<Trunk>, string, string][] = [
    [{ transport: "tls", host: "192.0.2.1" }, "192.0.2.1:5061;transport=tls", "192.0.2.1 port 5061 over tls"],
    [{ transport: "udp", host: "2001:db8::1" }, "[2001:db8::1]:5060;transport=udp", "2001:db8::1 port 5060 over udp"],
    [{ transport: "tls" }, "sip.example;transport=tls", "sip.example (its port by DNS, else 5061) over tls"],
  ];
  for (const [change, place, text] of portless) {
    const { port: _, ...rest } = { ...trunk, ...change };
    t.equal(requestUri(rest, number), `sip:+15550100123@${place}`);
    t.equal(trunkUri(rest), `sip:${place}`);
    t.equal(placeText(rest), text);
  }
  t.equal(fromUri(trunk, "+15550100000"), "sip:+15550100000@sip.example");
  t.equal(refusedBy(trunk, number, "+15550100000"), undefined);
  t.match(refusedBy(trunk, "+3531234567", "+15550100000"), /destinationPrefixes/);
  t.match(refusedBy(trunk, number, "+44123456789"), /callerIdPrefixes/);
});
