import t from "tap";
import { connectDrachtio } from "../../src/adapter/drachtio/connection.ts";
import { mostChallenges } from "../../src/adapter/drachtio/mended.ts";
import { DrachtioSignalling } from "../../src/adapter/drachtio/signalling.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { intBetween, pick } from "../../src/kernel/random.ts";
import type { LegName } from "../../src/voice/ports.ts";
import { until } from "../harness/far-side.ts";
import { request, response, sdp } from "./corpus.ts";
import { openAdminSide, type Sent } from "./drachtio-far.ts";
import { Mutator, seed } from "./mutate.ts";

t.comment(`TEST_SEED=${seed}`);

const calls = 400;
const atOnce = 20;

t.test("2,000 and more mutated messages in the middle of calls: every call ends, and nothing is left of it", async (t) => {
  t.setTimeout(280_000);
  const mutator = new Mutator(11);
  const { random } = mutator;
  const latest: string[] = [];
  let inputs = 0;
  const wounded = (text: string) => {
    const mutated = mutator.text(text);
    latest.push(mutated);
    if (latest.length > 40) latest.shift();
    inputs += 1;
    return mutated;
  };
  // Whatever ends the process, these were the last ones that came in.
  const tell = () =>
    process.stderr.write(`TEST_SEED=${seed}, input ${inputs}, the latest:\n${latest.map((text) => JSON.stringify(text)).join("\n")}\n`);
  process.on("uncaughtExceptionMonitor", tell);
  t.teardown(() => process.off("uncaughtExceptionMonitor", tell));
  // Past the log, where numbers are masked: nothing of what came may stand there.
  const { error } = console;
  const written: string[] = [];
  console.error = (...words: unknown[]) => written.push(words.join(" "));
  t.teardown(() => {
    console.error = error;
  });

  const answers = (sent: Sent) => [
    response(100, "Trying", sent),
    response(180, "Ringing", sent),
    response(183, "Session Progress", sent, sdp),
    response(200, "OK", sent),
    response(407, "Proxy Authentication Required", sent),
    response(486, "Busy Here", sent),
  ];
  const far = await openAdminSide(t, (sent, say) => {
    for (let count = intBetween(random, 2, 5); count > 0; count -= 1) say(wounded(pick(random, answers(sent))));
    // What ends it is as it should be, if nothing has ended it yet.
    say(intBetween(random, 0, 1) === 0 ? response(486, "Busy Here", sent) : response(200, "OK", sent));
  });
  const connection = await connectDrachtio({ host: "127.0.0.1", port: far.port, secret: "s" }, systemClock, silentLog);
  t.teardown(() => connection.close());
  const signalling = new DrachtioSignalling(connection, systemClock, silentLog);
  const ends = { answered: 0, failed: 0 };

  const inDialog = (leg: LegName) => {
    for (const method of ["INFO", "INVITE", "UPDATE", "OPTIONS", "BYE"])
      if (intBetween(random, 0, 1) === 0) far.fromNetwork(wounded(request(method, leg, method === "INVITE" ? sdp : "")), leg.dialogId);
  };
  const place = async () => {
    const leg = signalling.nameLeg();
    const auth = intBetween(random, 0, 1) === 0 ? { auth: { username: "u", password: "p" } } : {};
    const wish = { leg, uri: "sip:+12125550101@127.0.0.1:5070", from: "sip:+12125550100@127.0.0.1", sdp, expiresS: 30, headers: {}, ...auth };
    const end = await signalling.invite(wish, { provisional() {}, message() {} }).end;
    if (!end.answered) {
      ends.failed += 1;
      return;
    }
    ends.answered += 1;
    inDialog(leg);
    if (intBetween(random, 0, 1) === 0) far.fromNetwork(request("BYE", leg), leg.dialogId);
    await end.dialog.end();
  };
  const line = async () => {
    for (let count = calls / atOnce; count > 0; count -= 1) await place();
  };
  await Promise.all(Array.from({ length: atOnce }, line));
  for (let count = 600; count > 0; count -= 1)
    far.fromNetwork(
      wounded(
        pick(
          random,
          ["INVITE", "OPTIONS", "BYE", "NOTIFY", "MESSAGE"].map((method) => request(method)),
        ),
      ),
    );

  await until(() => signalling.open === 0, `all to be over here (seed ${seed})`);
  // A call as it should be goes through after all that, and over a connection made anew after bytes that nobody can frame.
  const answeredAgain = () =>
    until(async () => {
      const { end } = signalling.invite({ uri: "sip:x@127.0.0.1:5070", from: "sip:a@b", sdp, expiresS: 30, headers: {} }, { provisional() {} });
      const last = await end;
      if (last.answered) await last.dialog.end();
      return last.answered;
    }, "a call to be answered");
  await answeredAgain();
  const broken = new Promise((resolve) => connection.srf.once("reconnecting", resolve));
  far.garble();
  await broken;
  await until(() => signalling.ready, "the connection to be there again");
  await answeredAgain();
  t.ok(ends.answered > 20 && ends.failed > 20, `${JSON.stringify(ends)}`);
  t.ok(inputs > 2000, `${inputs} inputs`);
  // A second answer, to the last call too, is acknowledged and ended beside.
  await until(() => signalling.open === 0, `no leg to be left (seed ${seed})`);
  t.same(
    written.filter((line) => /SIP\/2\.0|sip:/.test(line)),
    [],
    `nothing of a message is written to standard error (TEST_SEED=${seed})`,
  );
  const settled = () => waiting(connection.srf);
  await until(
    () => settled().every(({ dialogs, replies, requests, invites }) => dialogs + replies + requests + invites === 0),
    "the library to have forgotten them",
  );
  t.ok(settled().every(({ challenges }) => challenges <= mostChallenges));
});

type Sized = ReadonlyMap<string, unknown>;

/** What drachtio-srf waits for, and keeps. */
function waiting(srf: unknown) {
  const inner = srf as {
    readonly _app: { readonly client: { readonly mapServer: ReadonlyMap<unknown, Readonly<Record<string, Sized>>> } };
    readonly _dialogs: Sized;
  };
  const size = (map: Sized | undefined) => map?.size ?? Number.NaN;
  return [...inner._app.client.mapServer.values()].map((kept) => ({
    dialogs: inner._dialogs.size,
    replies: size(kept["pendingRequests"]),
    requests: size(kept["pendingSipRequests"]),
    invites: size(kept["pendingNetworkInvites"]),
    challenges: size(kept["pendingSipAuthRequests"]),
  }));
}
