import t from "tap";
import type { AttemptDetail } from "../../src/api/ports.ts";
import type { Rung } from "../../src/attempt/ladder.ts";
import { until } from "../harness/far-side.ts";
import { loadCampaign, noLeaks, numberOf, openServer, run, seed } from "./calls-kit.ts";

t.comment(`seed ${seed}`);
const person = numberOf("+12125550101");
const busy = numberOf("+12125550102");
const never = numberOf("+12125550103");
const leaves = numberOf("+12125550104");
const wantsDesk = numberOf("+12125550105");
const challenges = numberOf("+12125550106");

t.test("every call leaves the ladder of its messages and media", async (t) => {
  t.setTimeout(280_000);
  const personas = {
    [person]: "presses:1",
    [busy]: "busy",
    [never]: "no-answer",
    [leaves]: "hangs-up",
    [wantsDesk]: "presses:2",
    [challenges]: "challenge",
  };
  const server = await openServer(t, personas, { username: "carillon", password: "secret" }, { speed: 3 });
  const campaign = { ...(await loadCampaign(server, "ladders", Object.keys(personas).map(numberOf))) };
  const attempts = await run(server, campaign);
  const detailOf = async (number: string): Promise<AttemptDetail> => {
    const id = attempts.find(({ address }) => address === number)?.id ?? "";
    // The answer to our BYE may come after the ending is written.
    let detail: AttemptDetail | undefined;
    await until(async () => {
      detail = await server.stores.attemptReader.attempt(id);
      const told = words(detail?.ladder?.rungs ?? []);
      return told.filter((word) => /^. [\d?]+ BYE$/.test(word)).length === told.filter((word) => /^. \d+ [\d?]+ BYE$/.test(word)).length;
    }, `the ladder of ${number} (seed ${seed})`);
    if (!detail) throw new Error(`no attempt to ${number}`);
    return detail;
  };

  const talked = await detailOf(person);
  t.match(talked.ladder?.legs, [{ leg: 1, name: `trunk ${server.far.trunk.name}`, to: new RegExp(`^sip:\\${person}@`), callId: talked.callId }]);
  t.same(words(talked.ladder?.rungs ?? []), [
    "* endpoint",
    "> 1 INVITE",
    "< 180 1 INVITE",
    "< 200 1 INVITE",
    "> 1 ACK",
    "* answered",
    "* prompt the first prompt begins",
    "* keys 1",
    "* hang-up by us",
    "> 2 BYE",
    "< 200 2 BYE",
  ]);
  const times = (talked.ladder?.rungs ?? []).map(({ ms }) => ms);
  t.ok(
    times.every((ms, index) => index === 0 || ms >= (times[index - 1] ?? 0)),
    `in order: ${times}`,
  );
  t.match(sips(talked).find(({ status }) => status === 200)?.sdp, /^audio 127\.0\.0\.1:\d+ PCMU/);
  // Which of the first two is written first is nobody's concern: they may come in one packet.
  t.same(talked.events.map(({ kind }) => kind).sort(), ["answered", "ended", "ringing", "sent", "step", "step"]);

  t.match(sips(await detailOf(busy)).at(-1), {
    status: 486,
    phrase: "Busy Here",
    headers: { Reason: /Q\.850;cause=17/ },
    from: /^127\.0\.0\.1:\d+\/udp$/,
  });
  t.same(words((await detailOf(never)).ladder?.rungs ?? []).slice(-3), ["< 180 1 INVITE", "> 1 CANCEL", "< 487 1 INVITE"]);
  t.match(words((await detailOf(leaves)).ladder?.rungs ?? []).slice(-3), ["< ? BYE", "* hang-up by the person called", "> 200 ? BYE"]);

  const transferred = await detailOf(wantsDesk);
  t.match(
    transferred.ladder?.legs.map(({ name }) => name),
    [/^trunk /, /^transfer over /],
  );
  t.ok(
    transferred.ladder?.rungs.some((rung) => rung.leg === 2 && "sip" in rung && rung.sip.status === 200),
    "the second leg is there too",
  );
  const media = words(transferred.ladder?.rungs ?? []).filter((word) => /^\* (transfer|bridge|unbridge)/.test(word));
  t.match(media, ["* transfer to one number", /^\* bridge with .+ on /, /^\* unbridge the (first|second) one hung up$/, "* transfer-ended talked"]);

  const challenged = await detailOf(challenges);
  const story = words(challenged.ladder?.rungs ?? []);
  t.same(story.filter((word) => /INVITE$/.test(word)).slice(0, 4), ["> 1 INVITE", "< 407 1 INVITE", "> 2 INVITE", "< 180 2 INVITE"]);
  const { rows } = await server.stores.pool.query<{ text: string }>("select string_agg(detail::text, ' ') as text from attempt_event");
  t.notMatch(rows[0]?.text, /Digest|nonce|"secret"|response=/, "credentials are nowhere in what is kept");
  await noLeaks(t, server);
  await server.close();
});

function sips(attempt: AttemptDetail) {
  return (attempt.ladder?.rungs ?? []).flatMap((rung) => ("sip" in rung ? [rung.sip] : []));
}

/** A rung as a word or two; numbers count from the INVITE's, theirs are not known. */
function words(rungs: readonly Rung[]): string[] {
  const first = Number.parseInt(rungs.flatMap((rung) => ("sip" in rung ? [rung.sip.cseq ?? ""] : []))[0] ?? "", 10);
  return rungs.map((rung) => {
    if ("media" in rung)
      return `* ${rung.media.event}${rung.media.event === "endpoint" || !rung.media.text || rung.media.event === "answered" ? "" : ` ${rung.media.text}`}`;
    const { sent, status, cseq = "" } = rung.sip;
    const number = Number.parseInt(cseq, 10) - first + 1;
    return `${sent ? ">" : "<"} ${status === undefined ? "" : `${status} `}${number > 0 ? number : "?"} ${cseq.split(" ")[1]}`;
  });
}
