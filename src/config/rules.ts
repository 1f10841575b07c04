import { isNetwork } from "../kernel/network.ts";
import type { Finding } from "./check.ts";
import { checkEmail } from "./email.ts";
import { checkFeed } from "./feed.ts";
import { checkLookup } from "./lookup.ts";
import type { Config } from "./schema.ts";
import type { Path } from "./shape.ts";
import { checkSms } from "./sms.ts";
import { checkTrunk } from "./trunk.ts";
import { isForCalls, isForMessages } from "./voice.ts";
import { checkPool, checkRoute } from "./way.ts";

/** What the configuration is wanted for: `serve` places calls, or writes, and needs all that belongs to it, `admin` touches the database only. */
export type Purpose = "serve" | "admin";

const placeholder = "CHANGE-THIS-BEFORE-USE";
const placeholderAdvice = "is the placeholder of the shipped configuration; make one with openssl rand -hex 24 and put it in both places";

/** Whether an address is on this machine and cannot be reached from another. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

/** What no single setting can show: settings that contradict each other, and secrets that everybody knows. */
export function checkRules(config: Config, purpose: Purpose): readonly Finding[] {
  const found: Finding[] = [];
  const fault = (path: Path, message: string) => found.push({ path, key: false, message });

  for (const section of ["freeswitch", "trunks", "routes", "callerIds", "webhooks", "groups", "feeds", "lookups"] as const) {
    const seen = new Set<string>();
    for (const [at, { name }] of config[section].entries()) {
      if (seen.has(name)) fault([section, at, "name"], `${name} stands here twice; give each its own name`);
      seen.add(name);
    }
  }

  // Everybody knows these two: they are what the packages ship with (performance notes, section on security).
  const { drachtio, drachtioServers } = config;
  const drachtios = [{ path: ["drachtio"], server: drachtio }, ...drachtioServers.map((server, at) => ({ path: ["drachtioServers", at], server }))];
  for (const [at, { path, server }] of drachtios.entries()) {
    // The placeholder of the configurations we ship: it is to be replaced, whatever else is allowed.
    if (server.secret === placeholder) fault([...path, "secret"], placeholderAdvice);
    if (server.secret === "cymru" && !(isLoopback(server.host) && server.allowDefaultSecret))
      fault([...path, "secret"], defaultSecret("drachtio-server", "drachtio.conf.xml", "allowDefaultSecret"));
    if (drachtios.length > 1 && server.name === undefined) fault([...path, "name"], "is missing: of several drachtio-servers each needs a name");
    const before = drachtios.slice(0, at).map((other) => other.server);
    if (server.name !== undefined && before.some((other) => other.name === server.name))
      fault([...path, "name"], `${server.name} stands here twice; give each its own name`);
    if (server.capturePort !== undefined && before.some((other) => other.capturePort === server.capturePort))
      fault([...path, "capturePort"], "is another drachtio-server's already");
  }
  for (const [at, server] of config.freeswitch.entries()) {
    const path = ["freeswitch", at];
    if (server.password === "ClueCon" && !(isLoopback(server.address) && server.allowDefaultPassword))
      fault([...path, "password"], defaultSecret("FreeSWITCH", "event_socket.conf.xml", "allowDefaultPassword"));
    if (server.password === placeholder) fault([...path, "password"], placeholderAdvice);
    if (/[\r\n]/.test(server.password)) fault([...path, "password"], "must not contain a line break");
    const reachable = server.advertisedAddress ?? server.listenAddress;
    if (reachable === "0.0.0.0" || reachable === "::")
      fault([...path, "advertisedAddress"], "is needed when listenAddress is every address: the one by which this FreeSWITCH reaches us");
    else if (!isLoopback(server.address) && isLoopback(reachable))
      fault([...path, "listenAddress"], `${server.address} is another machine and cannot reach ${reachable}; set listenAddress or advertisedAddress`);
  }

  for (const [at, network] of config.api.trustedProxies.entries()) {
    if (!isNetwork(network)) fault(["api", "trustedProxies", at], `${network} is no network`);
    else if (network.endsWith("/0")) fault(["api", "trustedProxies", at], `${network} is everybody: whoever asks could say where they are`);
  }
  const { certificate, certificateKey } = config.api;
  if ((certificate === undefined) !== (certificateKey === undefined))
    fault(["api", certificate === undefined ? "certificate" : "certificateKey"], "is missing: a certificate and its key belong together");
  if (config.access.secondFactor === "required" && config.secret.key === undefined)
    fault(["access", "secondFactor"], "is required, and there is no secret.key to keep second factors with; make one with openssl rand -base64 32");
  for (const [at, network] of config.webhookDelivery.privateNetworks.entries())
    if (!isNetwork(network)) fault(["webhookDelivery", "privateNetworks", at], `${network} is no network`);

  for (const [at, trunk] of config.trunks.entries()) checkTrunk(trunk, config.identity, ["trunks", at], fault);

  checkRoutes(config, fault);
  const { kept, waivedBecause } = config.legalHours;
  if (!kept && waivedBecause.trim() === "") fault(["legalHours", "waivedBecause"], "is empty: say why the hours of the law are not kept");
  for (const [at, feed] of config.feeds.entries()) checkFeed(feed, ["feeds", at], fault, config.lookups);
  for (const [at, lookup] of config.lookups.entries()) checkLookup(lookup, ["lookups", at], fault);
  checkSms(config, fault);
  checkEmail(config, fault);
  const { privateKey, certificateUrl, originId } = config.identity;
  if (privateKey !== undefined && certificateUrl === undefined)
    fault(["identity", "certificateUrl"], "is missing: verifiers need the certificate of the key");
  if (privateKey !== undefined && originId === undefined) fault(["identity", "originId"], "is missing: make one with uuidgen and keep it");

  const { engine, command, voices } = config.prompts;
  if (engine === "command") checkSpeechCommand(["prompts", "command"], command, fault);
  for (const [at, { language, command }] of voices.entries()) {
    checkSpeechCommand(["prompts", "voices", at, "command"], command, fault);
    if (voices.findIndex((voice) => voice.language.toLowerCase() === language.toLowerCase()) < at)
      fault(["prompts", "voices", at, "language"], `${language} stands here twice; give each language one voice`);
  }

  for (const [at, { numbers }] of config.groups.entries())
    if (numbers.length === 0) fault(["groups", at, "numbers"], "is empty: nobody could be rung");

  // What is for messages alone needs nobody to call with.
  if (purpose === "serve" && (isForCalls(config) || !isForMessages(config))) {
    for (const { path, server } of drachtios)
      if (server.secret === "") fault([...path, "secret"], "is missing: the admin secret of drachtio-server, as in drachtio.conf.xml");
    if (config.freeswitch.length === 0) fault(["freeswitch"], "is empty: calls need at least one FreeSWITCH");
  }
  return found;
}

function checkRoutes({ trunks, routes, callerIds }: Config, fault: (path: Path, message: string) => void): void {
  const names = trunks.map(({ name }) => name);
  for (const [at, pool] of callerIds.entries()) checkPool(pool, ["callerIds", at], fault);
  for (const [at, route] of routes.entries()) {
    if (names.includes(route.name)) fault(["routes", at, "name"], `${route.name} is a trunk; give the route another name`);
    checkRoute(route, ["routes", at], fault, ({ name, origin }) => {
      const here = names.includes(name);
      if (origin === "api" && here) return `${name} stands under trunks:, so its origin is not api; leave origin out`;
      return origin === "file" && !here ? `there is no trunk ${name} under trunks: (one that is added over the API has origin: api here)` : undefined;
    });
  }
}

function checkSpeechCommand(path: Path, command: readonly string[], fault: (path: Path, message: string) => void): void {
  if (command.length === 0) fault(path, "is empty: give the program and its arguments");
  else if (!command.some((part) => part.includes("{out_file}"))) fault(path, "has no {out_file}: the program must be told where to write");
}

function defaultSecret(what: string, file: string, allow: string): string {
  return `is the one ${what} ships with, and everybody knows it; change it in ${file} and here (only on this machine, and with ${allow}: true, it is taken)`;
}
