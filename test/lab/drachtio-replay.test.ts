import t from "tap";
import { Replay } from "./replay.ts";
import { seed } from "./sip-kit.ts";

t.comment(`seed ${seed}`);

const transcripts = {
  "01": "connect, authenticate, route, ping, malformed frames",
  "02": "an outbound call with its FreeSWITCH endpoint",
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
  "08c": "the app dies",
};

for (const [file, about] of Object.entries(transcripts)) {
  t.test(`transcript ${file}: ${about}`, { timeout: 20_000 }, async (test) => {
    const { compared, differences, extra, counts } = await new Replay().run(file);
    for (const { atMs, who, recorded, live } of differences) test.equal(live, recorded, `${who} at ${atMs} ms`);
    test.same(extra, [], "nothing beyond the transcript");
    // A dead app's answered leg, with its unanswered one, is all that may stay (08c).
    const left = file === "08c" ? 1 : 0;
    test.match(counts, { apps: 0, dialogs: left, invites: left, pending: 0, clients: left, servers: 0 }, "nothing left");
    test.ok(compared > 10, `${compared} messages compared`);
  });
}
