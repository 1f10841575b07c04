import { randomBytes } from "node:crypto";
import { isSealedWith, nonceBytes, type SealKey, seal, sealKey, unseal } from "../access/seal.ts";
import type { AgentDirectory } from "../agent/ports.ts";
import type { NewPhone, PhoneControl, PhoneReach, PhoneView } from "../api/phone-ports.ts";
import { placedFault } from "../api/problem.ts";
import type { Config } from "../config/schema.ts";
import { Fault } from "../kernel/fault.ts";
import { isPhoneNumber } from "../kernel/phone.ts";
import { mayCallHost, type Phone, type PhonePlace, readSipAddress } from "../voice/phone.ts";
import type { PhoneEngine } from "../voice/phone-engine.ts";
import type { PhoneStore } from "../voice/phone-store-ports.ts";
import type { RegistrarStore } from "../voice/registrar-ports.ts";
import { refusedBy } from "../voice/trunk.ts";
import { keyOf } from "./kept-trunk.ts";
import type { WaysOut } from "./trunks.ts";

type Secrets = Pick<Config, "identity" | "secret">;

export interface PhoneControlParts {
  readonly stores: {
    readonly phones: Pick<PhoneStore, "phone" | "set" | "remove" | "sealed" | "reseal">;
    readonly registrar: Pick<RegistrarStore, "bindings">;
    readonly agents: Pick<AgentDirectory, "agent">;
  };
  readonly ways: { readonly trunks: Pick<WaysOut["trunks"], "find">; readonly config: Secrets };
  /** See `mayCallHost`. */
  readonly hosts: readonly string[];
  readonly lines: Pick<PhoneEngine, "lineOf">;
}

/** What the password of an agent's device is sealed for. */
function passwordPlace(agentId: string): string {
  return `phone of agent ${agentId} password`;
}

/** What a sealed password of a device says; undefined when none of this node's keys opens it. */
export function devicePassword(agentId: string, sealed: string, config: Secrets): string | undefined {
  return unseal([...keysOf(config)], passwordPlace(agentId), sealed);
}

function keysOf(config: Secrets): readonly SealKey[] {
  const key = keyOf(config);
  return [...(key ? [key] : []), ...config.secret.previousKeys.map(sealKey)];
}

/** Looks at agents' telephones, and changes them. */
export function phoneControlOf(parts: PhoneControlParts): PhoneControl {
  const { phones: store, registrar, agents } = parts.stores;
  const known = async (agentId: string) => {
    if (!(await agents.agent(agentId))) throw new Fault("agent-unknown", `There is no agent ${agentId}.`);
  };
  const none = (agentId: string) => new Fault("phone-unknown", `Agent ${agentId} has no telephone.`);
  const control: PhoneControl = {
    async find(agentId) {
      const phone = await store.phone(agentId);
      if (phone) return viewOf(phone, await registrar.bindings(agentId), parts.lines.lineOf(agentId));
      await known(agentId);
      throw none(agentId);
    },
    async set(agentId, given) {
      await known(agentId);
      const place = placeOf(parts, given);
      const password = given.kind === "device" ? await sealedPassword(parts, agentId, given) : undefined;
      await store.set({ agentId, place, nailedUp: given.nailedUp, ...(password !== undefined && { sealedPassword: password }) });
      return await control.find(agentId);
    },
    async remove(agentId) {
      if (await store.remove(agentId)) return;
      await known(agentId);
      throw none(agentId);
    },
    async reseal() {
      const key = keyOf(parts.ways.config);
      if (!key) throw keyMissing();
      const [resealed, unreadable]: [string[], string[]] = [[], []];
      for (const { agentId, sealedPassword: before } of await store.sealed()) {
        if (isSealedWith(key, before)) continue;
        const password = devicePassword(agentId, before, parts.ways.config);
        if (password === undefined) unreadable.push(agentId);
        else if (await store.reseal(agentId, before, sealed(key, agentId, password))) resealed.push(agentId);
      }
      return { resealed, unreadable };
    },
  };
  return control;
}

function invalid(pointer: string, message: string): Fault {
  return placedFault("phone-invalid", `${pointer} ${message}`, [{ pointer, message }]);
}

function placeOf({ ways, hosts }: PhoneControlParts, given: NewPhone): PhonePlace {
  if (given.kind === "device") return { kind: "device", username: given.username };
  if (given.kind === "uri") {
    const address = readSipAddress(given.uri);
    if (!address) throw invalid("/uri", "is no SIP URI such as sip:ada@192.168.7.21:5060, or has more to it than user, host, port and transport");
    if (!mayCallHost(address.host, hosts)) throw invalid("/uri", `points to ${address.host}, which is not among phones.hosts of the configuration`);
    return { kind: "uri", uri: given.uri };
  }
  const { number, trunk, callerId } = given;
  if (!isPhoneNumber(number)) throw invalid("/number", "is no number in E.164 form, such as +12125550123");
  const members = ways.trunks.find(trunk)?.members;
  if (!members || members.length === 0) throw invalid("/trunk", `says ${trunk}, and there is no trunk or route of that name`);
  const refusals = members.map(({ use }) => refusedBy(use.trunk, number, callerId));
  if (!refusals.includes(undefined)) throw invalid("/number", `cannot be called: ${[...new Set(refusals)].join("; ")}`);
  return { kind: "number", number, trunk, callerId };
}

/** @returns what is to be kept: a new one sealed, or the one that is there */
async function sealedPassword(
  { stores: { phones: store }, ways }: PhoneControlParts,
  agentId: string,
  { password }: Extract<NewPhone, { kind: "device" }>,
): Promise<string | undefined> {
  if (password === undefined) {
    const kept = (await store.phone(agentId))?.sealedPassword;
    if (kept === undefined) throw invalid("/password", "is needed: the device has none yet");
    return kept;
  }
  const key = keyOf(ways.config);
  if (!key) throw keyMissing();
  return sealed(key, agentId, password);
}

function sealed(key: SealKey, agentId: string, password: string): string {
  return seal(key, passwordPlace(agentId), password, randomBytes(nonceBytes));
}

function keyMissing(): Fault {
  const message =
    "A password is kept only sealed, and this node has no key: give every node the same secret.key (CARILLON_SECRET_KEY_FILE), made with openssl rand -base64 32.";
  return placedFault("secret-key-missing", message, [{ pointer: "/password", message: "cannot be kept without secret.key" }]);
}

function viewOf(
  { place, nailedUp }: Phone,
  bindings: Awaited<ReturnType<RegistrarStore["bindings"]>>,
  line: ReturnType<PhoneEngine["lineOf"]>,
): PhoneView {
  const devices = bindings.map(({ contact, proxy, userAgent, registeredAt, expiresAt }) => {
    return { contact, address: proxy.replace(/^sip:/, ""), userAgent, registeredAt, expiresAt };
  });
  return { ...place, nailedUp, devices, reach: reachOf({ kind: place.kind, nailedUp, devices: devices.length }, line) };
}

function reachOf(
  { kind, nailedUp, devices }: { readonly kind: PhonePlace["kind"]; readonly nailedUp: boolean; readonly devices: number },
  line: ReturnType<PhoneEngine["lineOf"]>,
): PhoneReach {
  if (line?.up) return { is: "on-the-line" };
  if (kind === "device" && devices === 0) return { is: "not-there", why: "no device has registered" };
  if (line) return line.why === undefined ? { is: "calling" } : { is: "not-there", why: line.why };
  if (nailedUp) return { is: "unknown", why: "its agent is not logged in at this node; it is called when they log in" };
  return kind === "device" ? { is: "registered" } : { is: "unknown", why: "it is rung for each call" };
}
