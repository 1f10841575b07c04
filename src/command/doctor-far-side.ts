import { lookup, Resolver } from "node:dns/promises";
import { connect } from "node:net";
import type { ComponentState } from "../api/ports.ts";
import { isLoopback } from "../config/rules.ts";
import type { Config } from "../config/schema.ts";
import { isForCalls, isForMessages } from "../config/voice.ts";
import { type Finding, fault, ok, saidBy, warning } from "./doctor-finding.ts";
import { openOwnLine } from "./ivr-call-line.ts";
import { whereabouts } from "./trunk-place.ts";

/** How long anybody may take to let us in. */
const patienceMs = 3000;

/** A running server's own word on what it is connected to. */
export function examineComponents(components: readonly ComponentState[]): readonly Finding[] {
  return components.map(({ name, ready, draining, note }) => {
    if (ready) return ok(name, "as the running server says: ready");
    if (draining) return warning(name, `as the running server says: ${note ?? "takes no new calls"}`, `carillon server resume ${name} puts it back.`);
    return fault(name, `as the running server says: ${note ?? "not ready"}`, adviceFor(name));
  });
}

function adviceFor(name: string): string {
  const [kind = ""] = name.split(":");
  const known: Readonly<Record<string, string>> = {
    database: "Check that PostgreSQL runs and lets this machine in.",
    drachtio: "Check that drachtio-server runs, and drachtio: in the configuration against its drachtio.conf.xml.",
    freeswitch: "Check that FreeSWITCH runs, and freeswitch: in the configuration against its event_socket.conf.xml and acl.conf.xml.",
    trunk: "carillon trunk test NAME --to NUMBER shows step by step what is wrong.",
    "look-up": "Check its url under lookups:, and that its server lets this machine in. carillon lookup test NAME NUMBER asks it once.",
    bind: "Check sms.binds against what the SMSC's operator says: host, port, systemId, password.",
  };
  return known[kind] ?? "The server's log says more.";
}

/** Whether everything that is configured lets us in. Nobody is logged in with, called or written to. */
export async function examineFarSides(config: Config): Promise<readonly Finding[]> {
  const { drachtio, drachtioServers, freeswitch, sms, email, lookups } = config;
  const calls = isForCalls(config) || !isForMessages(config);
  const places = [
    ...(calls ? [drachtio, ...drachtioServers] : []).map(({ name, host, port }) => ({
      what: name === undefined ? "drachtio" : `drachtio:${name}`,
      host,
      port,
    })),
    ...freeswitch.map(({ name, address, port }) => ({ what: `freeswitch:${name}`, host: address, port })),
    ...sms.binds.map(({ name, host, port }) => ({ what: `bind:${name}`, host, port })),
    ...email.pools.map(({ name, host, port }) => ({ what: `mail:${name}`, host, port })),
    ...lookups.map(({ name, url }) => ({ what: `look-up:${name}`, ...placeOf(url) })),
    ...email.mailboxes.map(({ name, host, port }) => ({ what: `mailbox:${name}`, host, port })),
  ];
  const reached = await Promise.all(
    places.map(async ({ what, host, port }) => {
      const wrong = await refusal(host, port);
      const place = `${host} port ${port}`;
      return wrong === undefined ? ok(what, `${place} lets us in`) : fault(what, `${place}: ${wrong}`, adviceFor(what));
    }),
  );
  const here = reached.filter(({ what }) => /^(drachtio|freeswitch:)/.test(what));
  const telephony = here.length > 1 && here.every(({ grade }) => grade === "ok") ? [await examineTelephony(config)] : [];
  return [...reached, ...telephony, ...(calls ? await examineTrunks(config) : []), ...examineSecrets(config)];
}

/** Of a URL: its rest may hold a secret. */
function placeOf(url: string): { readonly host: string; readonly port: number } {
  const { hostname: host, port, protocol } = new URL(url);
  return { host, port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port) };
}

/** Whether they take our secrets, and FreeSWITCH reaches us. */
async function examineTelephony(config: Config): Promise<Finding> {
  const what = "telephony";
  try {
    const line = await openOwnLine(config);
    await line.close();
    return ok(what, "drachtio-server and FreeSWITCH take our secrets");
  } catch (error) {
    return fault(
      what,
      saidBy(error),
      "Compare drachtio: and freeswitch: in the configuration with drachtio.conf.xml, event_socket.conf.xml and acl.conf.xml.",
    );
  }
}

/** Why nobody lets us in there; undefined when somebody does. */
async function refusal(host: string, port: number): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const socket = connect({ host, port, timeout: patienceMs });
  socket.once("connect", () => resolve(undefined));
  socket.once("timeout", () => resolve(`no answer within ${patienceMs / 1000} s`));
  socket.once("error", (error) => resolve(saidBy(error)));
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}

async function examineTrunks({ trunks }: Pick<Config, "trunks">): Promise<readonly Finding[]> {
  const resolver = new Resolver({ timeout: patienceMs, tries: 1 });
  const dns = { lookup: (host: string) => lookup(host, { all: true }), resolveSrv: (name: string) => resolver.resolveSrv(name) };
  if (trunks.length === 0)
    return [warning("trunks", "none in the configuration", "Add one under trunks:, or with carillon trunk add; without one nobody is called.")];
  return Promise.all(
    trunks.map(async (trunk): Promise<Finding> => {
      const found = await whereabouts(trunk, dns);
      const what = `trunk:${trunk.name}`;
      if (found.includes("is not to be found")) return fault(what, found, "Check the trunk's host, and this machine's DNS.");
      return ok(what, `${found}; carillon trunk test ${trunk.name} --to NUMBER places a call`);
    }),
  );
}

/** What everybody knows is no secret, even where it is allowed. */
function examineSecrets({ drachtio, drachtioServers, freeswitch, api }: Config): readonly Finding[] {
  const findings: Finding[] = [];
  const advice = "Make one with openssl rand -hex 24 and put it in both places.";
  for (const { name, secret } of [drachtio, ...drachtioServers])
    if (secret === "cymru")
      findings.push(warning(`secret of drachtio${name === undefined ? "" : `:${name}`}`, "is the one that everybody knows", advice));
  for (const { name, password } of freeswitch)
    if (password === "ClueCon") findings.push(warning(`password of freeswitch:${name}`, "is the one that everybody knows", advice));
  if (!isLoopback(api.host))
    findings.push(
      warning(
        "api",
        `listens on ${api.host}, in the clear`,
        "Let a proxy with TLS stand in front of it, and api.host be an address only that one reaches.",
      ),
    );
  return findings;
}
