import { type Clock, pause } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import { maskMailbox } from "../kernel/mailbox.ts";
import { type MailKind, type MailReader, type MailStore, mailKinds, type RawMail } from "./inbox-ports.ts";
import { type JudgeOptions, judgeMail } from "./incoming.ts";

export interface InboxEngineOptions {
  readonly read: MailReader;
  readonly store: MailStore;
  readonly judge: JudgeOptions;
  /** Group of agents that answers what people write, where a campaign names none. */
  readonly agentGroup: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** A server that refuses a mail after taking it may say so before we have written down that it was taken. */
const earlyPauseMs = 200;
const mostEarlyTries = 25;

/** Takes mails in: each is read, judged, and kept together with what follows from it. Nothing is ever answered, so no loop of mails can begin here. */
export class InboxEngine {
  readonly #options: InboxEngineOptions;
  readonly #counts = new Map<MailKind | "repeated", number>([...mailKinds, "repeated" as const].map((kind) => [kind, 0]));

  constructor(options: InboxEngineOptions) {
    this.#options = options;
  }

  /** Mails since the start, by what they were; `repeated`: they had been kept before. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** As TakeMail. @throws Fault when the mail is not kept; retryable: it is to be offered again */
  readonly take = async (raw: RawMail): Promise<void> => {
    const { judge, agentGroup, log } = this.#options;
    const read = await this.#options.read(raw);
    const judged = judgeMail(read, judge);
    const kept = await this.#keep({ ...raw, read, judged, ...(agentGroup !== undefined && { agentGroup }) });
    const kind = kept === undefined ? "repeated" : judged.kind;
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    const from = read.from === undefined ? undefined : maskMailbox(read.from);
    const about = { inbox: raw.inbox, mail: kept?.id, attempt: kept?.attemptId, from, octets: raw.size };
    if (kept?.groupUnknown !== undefined)
      log.error({ ...about, group: kept.groupUnknown }, "there is no such group of agents; what somebody wrote is kept, and nobody answers");
    log.info({ ...about, reason: judged.reason.replace(/(?<![^\s<>@])[^\s<>@]+@/g, "…@") }, `incoming e-mail: ${kind}`);
  };

  async #keep(mail: Parameters<MailStore["keep"]>[0]): ReturnType<MailStore["keep"]> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#options.store.keep(mail);
      } catch (error) {
        if (!(error instanceof Fault) || error.code !== "mail-too-early" || tries >= mostEarlyTries) throw error;
        await pause(this.#options.clock, earlyPauseMs);
      }
    }
  }
}
