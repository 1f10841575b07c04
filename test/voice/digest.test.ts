import { createHash } from "node:crypto";
import t from "tap";
import { answerTo, strongestChallenge } from "../../src/adapter/drachtio/challenge.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { digestResponse } from "../../src/kernel/digest.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import type { ServerTransaction } from "../../src/lab/sip/server-transaction.ts";
import { SipAgent } from "../../src/lab/sip/user-agent.ts";
import { openFarSide, openNearSide } from "../harness/far-side.ts";
import { loadCampaign, noLeaks, numberOf, openServer, run, seed } from "./calls-kit.ts";
import { openCarrier, trunkTo } from "./carriers-kit.ts";

t.setTimeout(280_000);

t.test("the examples of RFC 7616", async (t) => {
  const mufasa = {
    username: "Mufasa",
    realm: "http-auth@example.org",
    method: "GET",
    uri: "/dir/index.html",
    nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
    nc: "00000001",
    cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    qop: "auth",
  };
  t.equal(digestResponse("MD5", mufasa, "Circle of Life"), "8ca523f5e9506fed4657c9700eebdbec", "3.9.1");
  t.equal(digestResponse("SHA-256", mufasa, "Circle of Life"), "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1", "3.9.1");
  const jason = {
    username: "J\u00e4s\u00f8n Doe",
    realm: "api@example.org",
    method: "GET",
    uri: "/doe.json",
    nonce: "5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK",
    nc: "00000001",
    cnonce: "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
    qop: "auth",
  };
  const errata4897 = "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5";
  t.equal(digestResponse("SHA-512-256", jason, "Secret, or not?"), errata4897, "3.9.2");
  // RFC 2617 before it: no qop.
  const { qop: _, nc: __, cnonce: ___, ...bare } = mufasa;
  const md5 = (text: string) => createHash("md5").update(text).digest("hex");
  const wanted = md5(`${md5("Mufasa:http-auth@example.org:Circle of Life")}:${mufasa.nonce}:${md5("GET:/dir/index.html")}`);
  t.equal(digestResponse("MD5", bare, "Circle of Life"), wanted);
});

t.test("of several challenges the strongest that can be met", async (t) => {
  const one = (algorithm: string, more = 'qop="auth"') =>
    `Digest realm="r", nonce="n${algorithm}"${algorithm && `, algorithm=${algorithm}`}${more && `, ${more}`}`;
  const cases: readonly (readonly [string, string | undefined])[] = [
    [one("MD5"), "MD5"],
    [one(""), "MD5"],
    [one("sha-256"), "SHA-256"],
    [[one("MD5"), one("SHA-256"), one("SHA-512-256")].join(","), "SHA-512-256"],
    [[one("SHA-256"), one("MD5")].join(", "), "SHA-256"],
    [[one("SHA3-512"), one("MD5", "")].join(","), "MD5"],
    [`Basic realm="r", ${one("SHA-256", 'qop="auth-int,auth"')}`, "SHA-256"],
    [`Negotiate, NTLM, ${one("MD5")}`, "MD5"],
    [one("SHA-256-sess"), "SHA-256"],
    [one("MD5-sess", ""), undefined],
    [one("MD5", 'qop="auth-int"'), undefined],
    [one("SHA3-512"), undefined],
    ['Digest realm="r", algorithm=MD5', undefined],
    ['Digest realm="r", nonce="n", nonce="m"', undefined],
    ['Digest realm="r, nonce="n"', undefined],
    ["Digest", undefined],
    ["", undefined],
    [`${one("MD5")}, ${"x".repeat(9000)}`, undefined],
  ];
  for (const [header, algorithm] of cases) t.equal(strongestChallenge(header)?.algorithm, algorithm, header.slice(0, 200));
  t.equal(strongestChallenge([one("SHA-256", 'opaque="first", qop=auth'), one("SHA-256")].join(","))?.opaque, "first", "of equal ones the first");

  const random = seededRandom(seed);
  const pieces = ["Digest ", 'realm="', '"', ",", "=", "\\", "nonce=", " ", "algorithm=MD5", 'qop="auth,', "\0", "é", one("SHA-256")];
  const before = process.cpuUsage();
  for (let round = 0; round < 3000; round++) {
    const text = Array.from({ length: Math.floor(random.next() * 60) }, () => pieces[Math.floor(random.next() * pieces.length)]).join("");
    const challenge = strongestChallenge(text);
    if (challenge) answerTo(challenge, { username: "u", password: "p", method: "INVITE", uri: "sip:a", cnonce: "c" });
  }
  for (const nasty of ["Digest a=".repeat(800), " ".repeat(7900), `Digest a="${"\\".repeat(7900)}`, `Digest ${"a".repeat(7900)}`])
    strongestChallenge(nasty);
  t.ok(process.cpuUsage(before).user < 10e6, `nothing makes it think for long (seed ${seed})`);
});

/** What an Authorization header says. */
function said(header: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...header.matchAll(/([a-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g)].map(([, name, quoted, token]) => [name, quoted ?? token ?? ""]),
  );
}

t.test("a registrar is answered by the strongest it asks for; one that asks for what nobody knows is heard at once", async (t) => {
  const far = await openFarSide({ seed });
  const near = await openNearSide(far);
  const registrar = new SipAgent({ clock: systemClock, random: seededRandom(seed), host: "127.0.0.1", port: 0, timers: { t1Ms: 100 } });
  const auth = { username: 'o"malley', password: "pass word" };
  let asks: Readonly<Record<string, string>> = {};
  const answers: Readonly<Record<string, string>>[] = [];
  registrar.onRequest = (transaction: ServerTransaction) => {
    const given = transaction.request.headers.get("authorization");
    if (given === undefined) {
      transaction.reply(401, { headers: asks });
      return;
    }
    answers.push(said(given));
    transaction.reply(200);
  };
  await registrar.listen();
  t.teardown(async () => {
    await near.close();
    await far.close();
    await registrar.close();
  });
  const uri = `sip:127.0.0.1:${registrar.port}`;
  const register = () => near.trunkRequests.ask({ method: "REGISTER", uri, from: `sip:us@127.0.0.1`, headers: {}, auth, timeoutMs: 8000 });
  const nonce = 'a\\"b';
  const challenge = (algorithm: string) => `Digest realm="the, realm", nonce="${nonce}", opaque="o", qop="auth", algorithm=${algorithm}`;
  asks = { "WWW-Authenticate": challenge("MD5"), "www-authenticate": challenge("SHA-512-256"), "WWW-AUTHENTICATE": challenge("SHA-256") };
  t.match(await register(), { status: 200 });
  asks = { "WWW-Authenticate": challenge("SHA-256") };
  t.match(await register(), { status: 200 });
  for (const [at, name] of (["SHA-512-256", "SHA-256"] as const).entries()) {
    const answer = answers[at] ?? {};
    t.match(answer, {
      algorithm: name,
      username: 'o\\"malley',
      realm: "the, realm",
      nonce,
      opaque: "o",
      qop: "auth",
      nc: "00000001",
      cnonce: /^[0-9a-f]{32}$/,
      uri,
    });
    const hash = (text: string) =>
      createHash(name === "SHA-256" ? "sha256" : "sha512-256")
        .update(text)
        .digest("hex");
    const one = hash(`${auth.username}:the, realm:${auth.password}`);
    t.equal(answer["response"], hash([one, 'a"b', answer["nc"], answer["cnonce"], "auth", hash(`REGISTER:${uri}`)].join(":")));
  }
  t.not(answers[0]?.["cnonce"], answers[1]?.["cnonce"]);
  for (const unmet of ["Digest algorithm=SHA3-512, realm=r, nonce=n", "Digest", 'NTLM realm="x"', 'Digest realm="r", nonce="n", qop="auth-int"']) {
    asks = { "WWW-Authenticate": unmet };
    t.match(await register(), { status: 401, madeUp: false }, unmet);
  }
  t.equal(answers.length, 2);
});

t.test("calls go out over a carrier that wants SHA-256", async (t) => {
  const carrier = await openCarrier(t, "challenge", { digest: ["SHA-256"] });
  const server = await openServer(t, {}, {}, { moreTrunks: () => [trunkTo("sha", carrier, { username: "carillon", password: "secret" })] });
  const number = numberOf("+12125550471");
  const campaign = await loadCampaign(server, "digest", [number], { maxCps: 50, maxLines: 5 }, undefined, {}, "sha");
  t.match(await run(server, campaign), [{ result: "human", outcome: "no_input" }], `seed ${seed}`);
  const [call] = carrier.books.toJSON().calls;
  t.match(call, { called: number, invites: 2 });
  await noLeaks(t, server);
  await server.close();
});
