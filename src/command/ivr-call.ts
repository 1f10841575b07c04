import { randomBytes } from "node:crypto";
import { HttpWebhooks } from "../adapter/http/webhooks.ts";
import { systemClock } from "../adapter/system/clock.ts";
import { openLog } from "../adapter/system/log.ts";
import type { Config } from "../config/schema.ts";
import { writtenEffect } from "../ivr/case-verdict.ts";
import { formatFinding } from "../ivr/finding.ts";
import type { Caller, PromptStore, Webhooks } from "../ivr/ports.ts";
import type { PromptSounds } from "../ivr/prompt-ports.ts";
import type { Script, Verdict } from "../ivr/script.ts";
import { loadScriptFile } from "../ivr/script-file-engine.ts";
import { preparePrompts, runScript, type ScriptEnd } from "../ivr/session.ts";
import { type LoneCallEnd, placeLoneCall } from "../start/script-call.ts";
import type { Fields } from "../template/template.ts";
import { describeFailure, resultOf } from "../voice/sip-status.ts";
import { type CommonOptions, configFor, withDatabase } from "./context.ts";
import { type SipAddress, sipAddress } from "./ivr-call-address.ts";
import { ShownCaller } from "./ivr-call-caller.ts";
import { type CallLine, openLabLine, openOwnLine } from "./ivr-call-line.ts";
import { notePrompts } from "./ivr-call-prompts.ts";
import { type FieldOptions, fieldsFor } from "./ivr-fields.ts";

export interface CallOptions extends CommonOptions, FieldOptions {
  readonly to: string;
  /** Without drachtio-server and FreeSWITCH: the lab's are used. */
  readonly lab?: boolean;
  readonly verdict: Verdict;
  readonly ringS: number;
  /** Ask the configured webhooks, which may do what they do. */
  readonly webhooks?: boolean;
  /** Play prompts that were uploaded, out of the database. */
  readonly uploaded?: boolean;
}

/** The exit code of a program that Ctrl-C ended. */
const interrupted = 130;

/**
 * `carillon ivr call SCRIPT --to sip:…`: calls one SIP telephone and takes whoever answers through a script. No campaign, no attempt:
 * nothing is written, sent or asked, and nobody else is called.
 * @returns 1 when nobody answered or the script has errors
 * @throws Fault with one line that says what is wrong and what to do
 */
export async function callScript(path: string, options: CallOptions): Promise<number> {
  const address = sipAddress(options.to);
  const { script, findings } = await loadScriptFile(path);
  if (!script) {
    console.error(findings.map(formatFinding).join("\n"));
    return 1;
  }
  const fields = await fieldsFor(script, options);
  const config = configFor(options, "admin");
  const place = (sounds?: PromptSounds) => placeCall({ script, fields, address, config, options, ...(sounds && { sounds }) });
  return options.uploaded ? await withDatabase(config, ({ prompts }) => place(prompts)) : await place();
}

interface PlacedCall extends Pick<ScriptCallParts, "script" | "fields" | "address" | "options"> {
  readonly config: Config;
  readonly sounds?: PromptSounds;
}

async function placeCall({ script, fields, address, config, options, sounds }: PlacedCall): Promise<number> {
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once("SIGINT", interrupt);
  const line = await (options.lab ? openLabLine(config, address, sounds) : openOwnLine(config, [], sounds));
  const hooks = new HttpWebhooks(options.webhooks ? config.webhooks : [], systemClock, openLog("error"));
  try {
    const webhooks = options.webhooks ? hooks : unasked(script);
    const end = await new ScriptCall({ script, fields, line, address, webhooks, stop: stop.signal, options }).place();
    if (stop.signal.aborted) console.log("Hung up by Ctrl-C.");
    else if (!end.answered) console.error(`carillon: ${whyNot(address, end, options.ringS)}`);
    return stop.signal.aborted ? interrupted : end.answered ? 0 : 1;
  } finally {
    process.removeListener("SIGINT", interrupt);
    hooks.close();
    await line.close();
  }
}

interface ScriptCallParts {
  readonly script: Script;
  readonly fields: Fields;
  readonly line: CallLine;
  readonly address: SipAddress;
  readonly webhooks: Webhooks;
  readonly stop: AbortSignal;
  readonly options: CallOptions;
}

class ScriptCall {
  readonly #parts: ScriptCallParts;
  readonly #texts = new Map<string, string>();
  readonly #store: PromptStore;
  #step = "";

  constructor(parts: ScriptCallParts) {
    this.#parts = parts;
    this.#store = notePrompts(parts.line.prompts, this.#texts);
  }

  async place(): Promise<LoneCallEnd<ScriptEnd>> {
    const { script, fields, line, address, stop, options } = this.#parts;
    const prompts = await preparePrompts(script, fields, this.#store, [options.verdict]);
    console.log(`Calling ${address.uri}. Ctrl-C hangs up. Nothing is written or sent${options.webhooks ? "" : ", no webhook is asked"}.`);
    const end = await placeLoneCall(line.parts, {
      uri: address.uri,
      from: `sip:carillon@${address.host}`,
      ringTimeoutMs: options.ringS * 1000,
      headers: {},
      stop,
      onRinging: () => console.log("It rings."),
      transfer: async () => "failed",
      talk: (caller) => this.#talk(caller, prompts),
    });
    if (end.answered) show(end.talked);
    return end;
  }

  #talk(line: Caller, prompts: Awaited<ReturnType<typeof preparePrompts>>): Promise<ScriptEnd> {
    const { script, fields, webhooks, options } = this.#parts;
    const attemptId = `ivr-call-${randomBytes(6).toString("hex")}`;
    const textOf = ({ path }: { readonly path: string }) => this.#texts.get(path) ?? path;
    const caller = new ShownCaller({ line, textOf, secret: () => this.#secret, show: indented });
    const numbers = [...script.steps.values()].flatMap((step) => (step.verb === "transfer" && "group" in step.target ? [step.target.group] : []));
    // A group stands for itself here: nobody in it is called.
    const groups = new Map(numbers.map((name) => [name, [`group ${name}`]]));
    return runScript({
      script,
      attemptId,
      fields,
      prompts,
      store: this.#store,
      caller,
      webhooks,
      groups,
      clock: systemClock,
      startAt: options.verdict,
      sink: {
        step: (step) => {
          this.#step = step;
          console.log(`── ${step}`);
        },
        effect: async (effects) => {
          for (const effect of effects) indented(`effect: ${JSON.stringify(writtenEffect(effect))} (not carried out)`);
        },
      },
    });
  }

  get #secret(): boolean {
    const step = this.#parts.script.steps.get(this.#step);
    return step?.verb === "collect" && step.secret;
  }
}

function indented(line: string): void {
  console.log(`   ${line}`);
}

function show({ end, outcome, answers }: ScriptEnd): void {
  const known = Object.entries(answers).map(([name, { value }]) => `${name}=${value}`);
  console.log(`══ ${end === "completed" ? "" : `${end}, `}outcome ${outcome}${known.length === 0 ? "" : ` (${known.join(", ")})`}`);
}

/** Every webhook of the script, none of them asked. */
function unasked(script: Script): Webhooks {
  return {
    configured: [...script.steps.values()].flatMap((step) => (step.verb === "webhook" ? [step.name] : [])),
    async call(name) {
      indented(`webhook ${name}: not asked (--webhooks asks it), it goes on as if it had failed`);
      return { end: "failed", reason: "not asked" };
    },
  };
}

function whyNot({ uri }: SipAddress, rung: Extract<LoneCallEnd<unknown>, { answered: false }>, ringS: number): string {
  const { failure, rang, canceled } = rung;
  if (canceled === "ring-timeout") {
    return rang ? `nobody at ${uri} answered within ${ringS} s` : `nothing came back from ${uri} within ${ringS} s: is a telephone there?`;
  }
  const said = describeFailure(failure);
  switch (resultOf(failure, rung)) {
    case "busy":
      return `${uri} is busy (${said})`;
    case "rejected":
      return `${uri} declined the call (${said})`;
    case "bad-number":
      return `there is nobody at ${uri} (${said})`;
    case "no-answer":
      return `nobody at ${uri} answered (${said})`;
    default:
      return `${uri} cannot be reached (${said})`;
  }
}
