import { silentLog } from "../../src/kernel/log.ts";
import { messagesOver } from "../../src/start/inbound.ts";
import { ownThread } from "../../src/start/publishing.ts";
import { CallerHeaders } from "../../src/voice/identity-engine.ts";
import { InboundEngine } from "../../src/voice/inbound-engine.ts";
import { ScriptLibrary } from "../../src/voice/script-engine.ts";
import type { Server } from "./calls-kit.ts";

/** Greets who calls; 1 thanks, 9 opts out. Needs nothing of the caller. */
export const inboundScript = `
script: inbound-test
language: en-US
max_call_s: 60
start: { human: hello, unknown: hello }
steps:
  hello:
    menu: [{ say: "Hello {first_name | default: 'there'}. Press 1 or 9." }]
    first_digit_s: 1
    tries: 1
    keys: { "1": one, "9": out }
    no_input: nothing
    no_match: nothing
  one: { play: [{ say: "Thank you." }], end: pressed_one }
  out:
    suppress: { scope: account }
    play: [{ say: "You will not be called again." }]
    end: opted_out
  nothing: { play: [{ say: "Goodbye." }], end: no_input }
`;

/** What answers calls from outside, over the parts of a server. */
export async function openInbound({ stores, near, pool, prompts, trunks, secondLegs, far }: Server, maxSetups = 20): Promise<InboundEngine> {
  const { attempts, inbound: record } = stores;
  const { clock } = far;
  const webhooks = { configured: [], call: async () => ({ end: "failed", reason: "none is configured" }) as const };
  const engine = new InboundEngine({
    record,
    attempts,
    inbound: near.signalling,
    signalling: near.signalling,
    media: near.media,
    pool,
    scripts: new ScriptLibrary({ store: stores.scripts, reader: ownThread, prompts, attempts, webhooks, groups: new Map(), clock, log: silentLog }),
    message: messagesOver(prompts, { inboundMessage: "Nobody is here.", inboundLanguage: "en-US" }),
    trunks,
    callerHeaders: new CallerHeaders(clock),
    secondLegs,
    poolsOf: () => [],
    addressesOf: () => [],
    maxSetups,
    clock,
    log: silentLog,
  });
  engine.start();
  // What is asked of drachtio over one socket is answered in its order: now it gives us calls.
  await near.signalling.endDialog("nobody;from-tag=1");
  far.carrier.callsTo = `127.0.0.1:${far.drachtio.sipPort}`;
  return engine;
}
