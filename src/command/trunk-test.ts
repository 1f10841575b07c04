import { lookup, Resolver } from "node:dns/promises";
import { systemClock } from "../adapter/system/clock.ts";
import type { SipNote } from "../attempt/ladder.ts";
import type { Config } from "../config/schema.ts";
import type { PromptFile, PromptStore } from "../ivr/ports.ts";
import { promptKey } from "../ivr/ports.ts";
import { Fault } from "../kernel/fault.ts";
import { isPhoneNumber, type PhoneNumber } from "../kernel/phone.ts";
import { destinationsOf } from "../start/destinations.ts";
import { openIdentity } from "../start/identity.ts";
import { placeTrunkCall } from "../start/trunk-call.ts";
import type { TrunkLine } from "../start/trunk-line.ts";
import { placeText, refusedBy, showable, type Trunk } from "../voice/trunk.ts";
import { judgeTrunk } from "../voice/trunk-verdict.ts";
import { sipLines } from "./attempt.ts";
import { type CommonOptions, configFor } from "./context.ts";
import { openOwnLine } from "./ivr-call-line.ts";
import { terminalText } from "./table.ts";
import { withTrunk } from "./trunk-line.ts";
import { whereabouts } from "./trunk-place.ts";

export interface TrunkTestOptions extends CommonOptions {
  /** E.164. */
  readonly to: string;
  readonly callerId?: string;
  readonly ringS: number;
}

const interrupted = 130;
const request = { say: "This is a test call. Please press any key.", language: "en-US" };

/**
 * `carillon trunk test NAME --to NUMBER`: places one call over a trunk and says what it sees, step by step. The same rules on destinations
 * hold as for campaigns, and it counts among the calls of the trunk, over all servers.
 * @returns 0 when it was answered and sound came in, else 1
 * @throws Fault with one line that says what is wrong and what to do
 */
export async function testTrunk(name: string, options: TrunkTestOptions): Promise<number> {
  const config = configFor(options, "admin");
  const startedAt = systemClock.now();
  const print = (text: string) => console.log(`${String(systemClock.now() - startedAt).padStart(8)}  ${terminalText(text)}`);
  return withTrunk(
    config,
    name,
    (trunk) => permitted(config, trunk, options),
    async (lent) => {
      if ("uncounted" in lent) print(`this call is not counted among those of the servers: ${lent.uncounted}`);
      return place(config, permitted(config, lent.trunk, options), options, print, "line" in lent ? lent : undefined);
    },
  );
}

/** @param counted its line on the trunk; without it the call is not counted */
async function place(
  config: Config,
  call: Permitted,
  options: TrunkTestOptions,
  print: (text: string) => void,
  counted?: { readonly line: TrunkLine; readonly drained: readonly string[] },
): Promise<number> {
  const { trunk, to, callerId } = call;
  const dns = new Resolver({ timeout: 2000, tries: 2 });
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once("SIGINT", interrupt);
  print(`trunk ${trunk.name}: ${placeText(trunk)}${trunk.username ? `, as ${trunk.username}` : ""}; calling ${to}, showing ${callerId}`);
  print(await whereabouts(trunk, { lookup: (host) => lookup(host, { all: true }), resolveSrv: (service) => dns.resolveSrv(service) }));
  const own = await openOwnLine(config, counted?.drained);
  try {
    print("drachtio-server and FreeSWITCH are connected");
    const end = await placeTrunkCall(own.parts, {
      trunk,
      to,
      callerId,
      headers: await openIdentity(config, systemClock).of(trunk, to, callerId),
      ringTimeoutMs: options.ringS * 1000,
      prompts: await spoken(own.prompts),
      ...(counted && { turn: counted.line.turn }),
      stop: stop.signal,
      show: (step) => {
        for (const text of typeof step === "string" ? [step] : stepLines(step)) print(text);
      },
    });
    if (stop.signal.aborted) {
      print("ended by Ctrl-C");
      return interrupted;
    }
    const { works, text } = judgeTrunk(trunk, end, options.ringS);
    console.log(`\n${works ? "OK" : "NOT OK"}: ${terminalText(text)}`);
    return works ? 0 : 1;
  } finally {
    process.removeListener("SIGINT", interrupt);
    await own.close();
  }
}

interface Permitted {
  readonly trunk: Trunk;
  readonly to: PhoneNumber;
  readonly callerId: string;
}

/** The trunk, the number and the caller id, as far as they may go together. @throws Fault */
function permitted(config: Config, found: Trunk, { to, callerId: wanted }: TrunkTestOptions): Permitted {
  if (!isPhoneNumber(to)) throw new Fault("call-address", `--to ${to}: write the number in E.164 form, such as +12125550123.`);
  const trunk: Trunk = { ...found, destinations: destinationsOf(config) };
  const pooled = config.callerIds.flatMap(({ numbers }) => numbers.map(({ number }) => number));
  const callerId = wanted ?? pooled.find((number) => showable(trunk, number));
  if (callerId === undefined || !isPhoneNumber(callerId))
    throw new Fault("call-address", "Give the number to be shown, one of yours, in E.164 form: --caller-id +12125550100.");
  const refused = refusedBy(trunk, to, callerId);
  if (refused) throw new Fault("destination-refused", `${to} is not called: ${refused}.`);
  return { trunk, to, callerId };
}

/** What asks for a key. Where English cannot be spoken a tone has to do. */
async function spoken(prompts: PromptStore): Promise<readonly PromptFile[]> {
  const tone: PromptFile = { path: "tone_stream://%(500,500,440);loops=3", durationMs: 3000 };
  const book = await prompts.ensure([request]).catch(() => undefined);
  return [book?.get(promptKey(request)) ?? tone];
}

function stepLines(note: SipNote): readonly string[] {
  // What each refusal means is said once, at the end.
  return sipLines(note, 1, false).filter((line) => !line.trim().startsWith("= "));
}
