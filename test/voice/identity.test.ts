import { generateKeyPairSync, verify } from "node:crypto";
import t from "tap";
import { JosePassportSigner } from "../../src/adapter/jose/passport-signer.ts";
import type { SipRequest } from "../../src/lab/sip/message.ts";
import { attestationOf, type IdentityPolicy, passportOf } from "../../src/voice/identity.ts";
import { loadCampaign, noLeaks, numberOf, openServer, run, seed } from "./calls-kit.ts";
import { openCarrier, trunkTo } from "./carriers-kit.ts";

t.setTimeout(280_000);

const policy: IdentityPolicy = {
  certificateUrl: "https://certificates.example/ours.pem",
  originId: "123e4567-e89b-12d3-a456-426655440000",
  numbers: [
    { prefix: "+1212", attestation: "A" },
    { prefix: "+1", attestation: "B" },
    { prefix: "+12125559", attestation: "C" },
  ],
};
const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const pem = (key: typeof privateKey, type: "pkcs8" | "sec1") => key.export({ type, format: "pem" }).toString();

t.test("attestation by the longest prefix", async (t) => {
  const rows = [
    ["+12125550100", "A"],
    ["+13125550100", "B"],
    ["+12125559100", "C"],
    ["+442079460100", undefined],
  ] as const;
  for (const [callerId, level] of rows) t.equal(attestationOf(callerId, policy), level, callerId);
  t.equal(passportOf("+12155551213", "+442079460100", policy, 0), undefined, "what is not ours is not signed");
  // The order of members and the digits are those of RFC 8588 §4.
  t.equal(
    JSON.stringify(passportOf("+12155551213", "+12125550100", policy, 1_443_208_345_678)?.payload),
    '{"attest":"A","dest":{"tn":["12155551213"]},"iat":1443208345,"orig":{"tn":"12125550100"},"origid":"123e4567-e89b-12d3-a456-426655440000"}',
  );
});

t.test("only a P-256 key signs, and a bad one is not shown", async (t) => {
  for (const type of ["pkcs8", "sec1"] as const) t.ok(new JosePassportSigner(pem(privateKey, type)));
  const other = pem(generateKeyPairSync("ec", { namedCurve: "secp384r1" }).privateKey, "pkcs8");
  t.throws(() => new JosePassportSigner(other), { code: "identity-key-unusable", message: /secp384r1/ });
  const broken = "-----BEGIN PRIVATE KEY-----\nSECRETSECRET\n-----END PRIVATE KEY-----";
  t.throws(() => new JosePassportSigner(broken), { code: "identity-key-unusable", message: /^(?!.*SECRETSECRET)/ });
});

t.test("the headers at the far end, also after a fail-over and a challenge", async (t) => {
  const bare = await openCarrier(t, "congestion");
  const policyOver = { policy, signer: new JosePassportSigner(pem(privateKey, "pkcs8")) };
  const over = { assertedIdentity: "caller-id", diversion: "+12125550777", signIdentity: true } as const;
  const member = (name: string, priority: number) => ({ name, priority, weight: 1 });
  const server = await openServer(t, { "+12125550501": "hasty", "+12125550502": "challenge" }, over, {
    identity: policyOver,
    moreTrunks: () => [trunkTo("bare", bare)],
    routes: [{ name: "all", maxTries: 2, trunks: [member("bare", 1), member("lab", 2)] }],
  });
  const seen = new Map<string, SipRequest[]>();
  for (const { agent } of [server.far.carrier, bare]) {
    const take = agent.onInvite;
    const name = agent === bare.agent ? "bare" : "lab";
    agent.onInvite = (call) => {
      seen.set(name, [...(seen.get(name) ?? []), call.request]);
      take(call);
    };
  }
  const campaign = await loadCampaign(server, "signed", ["+12125550501", "+12125550502"].map(numberOf), undefined, undefined, undefined, "all");
  const attempts = await run(server, campaign);
  t.same(
    attempts.map(({ result }) => result),
    ["human", "human"],
    `seed ${seed}`,
  );
  t.equal(seen.get("lab")?.length, 3, "one of them twice: it was challenged");
  for (const { headers } of seen.get("bare") ?? [])
    for (const name of ["p-asserted-identity", "diversion", "identity"]) t.equal(headers.has(name), false, `no ${name} where none is wanted`);
  for (const { headers } of seen.get("lab") ?? []) {
    const number = /sip:([^@]*)@/.exec(headers.get("to") ?? "")?.[1]?.slice(1);
    t.equal(headers.get("p-asserted-identity"), "<sip:+12125550100@127.0.0.1>");
    t.equal(headers.get("diversion"), "<sip:+12125550777@127.0.0.1>;reason=unconditional;counter=1");
    t.equal(headers.list("identity").length, 1);
    const [, head = "", payload = "", signature = "", rest] = /^([\w-]+)\.([\w-]+)\.([\w-]+);(.*)$/.exec(headers.get("identity") ?? "") ?? [];
    t.equal(rest, "info=<https://certificates.example/ours.pem>;alg=ES256;ppt=shaken");
    const decoded = (part: string) => Buffer.from(part, "base64url").toString();
    t.equal(decoded(head), '{"alg":"ES256","ppt":"shaken","typ":"passport","x5u":"https://certificates.example/ours.pem"}');
    const claims = JSON.parse(decoded(payload));
    t.match(claims, { attest: "A", dest: { tn: [number] }, orig: { tn: "12125550100" }, origid: policy.originId });
    t.equal(Date.parse(headers.get("date") ?? ""), claims.iat * 1000, "the Date is the signature's");
    const key = { key: publicKey, dsaEncoding: "ieee-p1363" } as const;
    t.ok(verify("sha256", Buffer.from(`${head}.${payload}`), key, Buffer.from(signature, "base64url")), "and it is good");
  }
  await noLeaks(t, server);
  await server.close();
});
