import { refuseSuppressed } from "../compliance/suppressed-engine.ts";
import type { SuppressionStore } from "../compliance/suppression-ports.ts";
import { type Clock, pause } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { PhoneNumber } from "../kernel/phone.ts";
import type { Random } from "../kernel/random.ts";
import type { MessageTemplates } from "../template/ports.ts";
import { compose } from "./compose.ts";
import type { SmsOptions } from "./options.ts";
import { outcomeOf } from "./outcome.ts";
import type { Binds } from "./ports.ts";
import { routeFor, senderOf } from "./route.ts";
import { segment } from "./segment.ts";

export interface TestTextsParts {
  readonly templates: Pick<MessageTemplates, "current">;
  readonly binds: Binds;
  readonly suppressions: Pick<SuppressionStore, "about" | "lists">;
  readonly options: SmsOptions;
  readonly clock: Clock;
  readonly random: Random;
}

export interface TestText {
  /** Name of a template; its current version is sent. */
  readonly template: string;
  /** Name of a sender. */
  readonly sender: string;
  readonly to: PhoneNumber;
  readonly fields: Readonly<Record<string, string>>;
}

const turnWithinMs = 30_000;
const lookMs = 20;

/** Sends one SMS to whoever wants to see it. It belongs to no attempt: nothing is recorded, and its reports fit nothing. */
export class TestTexts {
  readonly #parts: TestTextsParts;

  constructor(parts: TestTextsParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when the SMSC has taken all of it.
   * Faults: `suppressed`, `sender-unknown`, `template-unknown`, `template-held` (a field is missing), `sms-too-long`, `sms-not-sent` with what the SMSC said.
   */
  async send({
    template: name,
    sender: from,
    to,
    fields,
  }: TestText): Promise<{ readonly text: string; readonly bind: string; readonly parts: number }> {
    const { templates, binds, suppressions, options, clock, random } = this.#parts;
    const sender = options.senders.find((each) => each.name === from);
    if (!sender) throw new Fault("sender-unknown", `There is no sender ${from} under sms.senders.`);
    const template = await templates.current(name);
    if (template?.channel !== "sms") throw new Fault("template-unknown", `There is no SMS template ${name}.`);
    const composed = compose(template, fields, sender, options.transliterate);
    if ("held" in composed) throw new Fault("template-held", `It cannot be made for them: ${composed.held}.`);
    const route = routeFor(to, sender, options);
    await refuseSuppressed(suppressions, { kind: "number", value: to }, "sms", clock.now());
    if (route.length === 0) throw new Fault("sms-not-sent", "No bind carries messages to numbers that begin like this one.");
    const bind = await this.#free(route, sender.address);
    const reference = 1 + Math.floor(random.next() * 65_535);
    const { text } = composed;
    const { parts } = segment(text, { concatenation: bind.concatenation, dataCoding0: bind.dataCoding0, reference });
    const { result, reason } = outcomeOf(await binds.submit(bind.name, { sender: senderOf(sender), to, parts, reference }));
    if (result !== "sent") throw new Fault("sms-not-sent", `Bind ${bind.name}: ${reason}.`);
    return { text, bind: bind.name, parts: parts.length };
  }

  /** The first one that is up and has room. */
  async #free(route: ReturnType<typeof routeFor>, address: string) {
    const { binds, clock } = this.#parts;
    for (const until = clock.now() + turnWithinMs; ; ) {
      const free = route.find(({ name }) => binds.roomFor(name, address) > 0);
      if (free) return free;
      if (clock.now() > until) {
        const notes = route.map(({ name }) => `${name}: ${binds.all.find((bind) => bind.name === name)?.note ?? "it has no room"}`);
        throw new Fault("sms-not-sent", `No bind takes it. ${notes.join("; ")}.`);
      }
      await pause(clock, lookMs);
    }
  }
}
