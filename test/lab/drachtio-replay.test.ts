import t from "tap";
import { Replay } from "./replay.ts";
import { seed } from "./sip-kit.ts";

t.comment(`seed ${seed}`);
// Most of a transcript is waiting.
t.jobs = 4;

// 08a and 08b are missing: there a daemon dies in the middle. What the other one says of it is replayed in freeswitch-replay.test.ts.
const transcripts = {
  "01": "connect, authenticate, route, ping, malformed frames",
  "02": "an outbound call with its FreeSWITCH endpoint",
  "02b": "the same with SRTP",
  "03": "early media",
  "04a": "refusals",
  "04b": "no answer, CANCEL, answer and CANCEL crossing",
  "04c": "407 and credentials",
  "04d": "302",
  "04e": "the callee hangs up",
  "04f": "hold, by either side",
  "04g": "OPTIONS and REGISTER",
  "04h": "inbound, answered and refused",
  "04i": "inbound, cancelled, and with no app",
  "04j": "nobody there, silence, names that do not resolve",
  "05a": "two calls, bridged",
  "05b": "three calls in a conference",
  "05c": "two calls in a conference",
  "06a": "eavesdropping",
  "06b": "recording",
  "07": "re-INVITEs by FreeSWITCH",
  "08c": "the app dies",
};

for (const [file, about] of Object.entries(transcripts)) {
  t.test(`transcript ${file}: ${about}`, { timeout: 60_000, buffered: true }, async (test) => {
    const { compared, differences, extra, counts } = await new Replay().run(file);
    for (const { atMs, who, recorded, live } of differences) test.equal(live, recorded, `${who} at ${atMs} ms`);
    test.same(extra, [], "nothing beyond the transcript");
    // A dead app's answered leg, with its unanswered one, is all that may stay (08c).
    const left = file === "08c" ? 1 : 0;
    test.match(counts, { apps: 0, dialogs: left, invites: left, pending: 0, clients: left, servers: 0 }, "nothing left");
    test.ok(compared > 10, `${compared} messages compared`);
  });
}
