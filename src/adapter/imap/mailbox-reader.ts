import { ImapFlow } from "imapflow";
import type { MailboxOptions } from "../../email/inbox-options.ts";
import { type InboxState, type MailboxProgress, type MailStore, mostReadOctets, type TakeMail } from "../../email/inbox-ports.ts";
import type { Clock, Timer } from "../../kernel/clock.ts";
import { toFault } from "../../kernel/fault.ts";
import type { Log } from "../../kernel/log.ts";
import { Wake } from "./wake.ts";

export interface MailboxReaderParts {
  readonly options: MailboxOptions;
  readonly take: TakeMail;
  readonly store: Pick<MailStore, "progress" | "setProgress">;
  readonly clock: Clock;
  readonly log: Log;
}

const firstPauseMs = 1000;
const longestPauseMs = 60_000;
/** Servers lock accounts that log in wrongly again and again, and with this one people's own mail programs. */
const longestRefusedMs = 15 * 60_000;
const connectTimeoutMs = 30_000;
/** RFC 2177 §3: a server may end an IDLE after half an hour; a NAT forgets one sooner. */
const idleMs = 4 * 60_000;
/** Longer than an IDLE, so that only a dead connection is given up. */
const silentMs = 5 * 60_000;

/**
 * Reads a mailbox by IMAP (RFC 3501, IDLE by RFC 2177) for as long as it is open: each mail once, in the order of UIDs, and how far it has come is kept when the mail is. A connection
 * that is lost is made again, with longer and longer pauses.
 */
export class MailboxReader {
  readonly #parts: MailboxReaderParts;
  readonly #wake: Wake;
  #client: ImapFlow | undefined;
  #closed = false;
  #running: Promise<void> | undefined;
  #state: Omit<InboxState, "name"> = { up: false, note: "not connected yet" };

  constructor(parts: MailboxReaderParts) {
    this.#parts = parts;
    this.#wake = new Wake(parts.clock);
  }

  get state(): InboxState {
    return { name: this.#parts.options.name, ...this.#state };
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** What is being kept is kept; nothing further is read. */
  async close(): Promise<void> {
    this.#closed = true;
    // One that is being made would be waited for.
    if (!this.#state.up) this.#client?.close();
    this.#wake.now();
    await this.#running;
  }

  async #run(): Promise<void> {
    let pauseMs = firstPauseMs;
    while (!this.#closed) {
      let longestMs = longestPauseMs;
      try {
        await this.#session(() => {
          pauseMs = firstPauseMs;
        });
      } catch (error) {
        const message = troubleOf(error);
        if (error instanceof Error && "authenticationFailed" in error) longestMs = longestRefusedMs;
        const { options, log } = this.#parts;
        if (this.#state.up || this.#state.note !== message) log.warn({ inbox: options.name, err: error }, "a mailbox cannot be read");
        this.#state = { up: false, note: message };
      }
      if (this.#closed) return;
      // Its end is known: it is no reason to try again at once.
      this.#wake.rest();
      await this.#wake.within(Math.min(pauseMs, longestMs));
      pauseMs = Math.min(2 * pauseMs, longestRefusedMs);
    }
  }

  /** One connection, until it breaks or the reader is closed. */
  async #session(onGood: () => void): Promise<void> {
    const { options } = this.#parts;
    const client = new ImapFlow({
      host: options.host,
      port: options.port,
      secure: options.tls === "implicit",
      doSTARTTLS: options.tls === "required",
      auth: { user: options.user, pass: options.password },
      tls: { rejectUnauthorized: true, minVersion: "TLSv1.2", ...(options.ca !== undefined && { ca: options.ca }) },
      logger: false,
      disableAutoIdle: true,
      maxIdleTime: idleMs,
      connectionTimeout: connectTimeoutMs,
      greetingTimeout: connectTimeoutMs,
      socketTimeout: silentMs,
      maxLiteralSize: 4 * mostReadOctets,
    });
    this.#client = client;
    let broken: Error | undefined;
    // What a connection tells that is over already wakes nobody.
    const wake = () => {
      if (this.#client === client) this.#wake.now();
    };
    client.on("error", (error: Error) => {
      broken ??= error;
      wake();
    });
    client.on("close", () => {
      broken ??= new Error("the server closed the connection");
      wake();
    });
    client.on("exists", wake);
    try {
      await client.connect();
      // Not every server says that it is there already in a way that can be told from a failure; a move that fails is said.
      if (options.moveTo !== undefined) await client.mailboxCreate(options.moveTo).catch(() => undefined);
      const { uidValidity } = await client.mailboxOpen(options.folder);
      this.#state = { up: true };
      onGood();
      while (!this.#closed && broken === undefined) {
        this.#wake.rest();
        await this.#readNew(client, String(uidValidity));
        // Pending until the next command ends it.
        client.idle().catch(() => undefined);
        await this.#wake.within(options.pollS * 1000);
      }
      if (broken !== undefined) throw broken;
      await within(this.#parts.clock, 2000, client.logout());
    } finally {
      this.#client = undefined;
      client.close();
    }
  }

  async #readNew(client: ImapFlow, uidValidity: string): Promise<void> {
    const { options, store } = this.#parts;
    const before = await store.progress(options.name);
    // Another UIDVALIDITY: the UIDs of before say nothing. What was kept already is known by what it says.
    const last = before?.uidValidity === uidValidity ? before.uid : 0;
    const found = await client.search({ uid: `${last + 1}:*` }, { uid: true });
    // `N:*` names the last mail too when it is older than N (RFC 3501 §6.4.8).
    if (!found) throw new Error("the server refused a SEARCH");
    const uids = found.filter((uid) => uid > last).sort((a, b) => a - b);
    for (const uid of uids) {
      if (this.#closed || !client.usable) return;
      await this.#readOne(client, { uidValidity, uid });
    }
  }

  async #readOne(client: ImapFlow, progress: MailboxProgress): Promise<void> {
    const { options, take, store, clock, log } = this.#parts;
    const uid = String(progress.uid);
    const mail = await client.fetchOne(uid, { uid: true, size: true, source: { start: 0, maxLength: mostReadOctets } }, { uid: true });
    if (mail === undefined) throw new Error("the server closed the folder");
    if (mail === false || mail.source === undefined) {
      // Somebody has taken it away since, or the server cannot give it: it would stand in the way of all others.
      log.warn({ inbox: options.name, uid }, "an e-mail was there and cannot be had any more");
      return await store.setProgress(options.name, progress);
    }
    try {
      await take({ inbox: options.name, at: clock.now(), raw: mail.source, size: mail.size ?? mail.source.length });
    } catch (error) {
      if (toFault(error, "mail-not-kept").retryable) throw error;
      // It would stand in the way of all others for good.
      log.error({ inbox: options.name, uid, err: error }, "an incoming e-mail cannot be kept; it is left in its folder");
      await store.setProgress(options.name, progress);
      return;
    }
    await store.setProgress(options.name, progress);
    if (options.moveTo !== undefined && (await client.messageMove(uid, options.moveTo, { uid: true }))) return;
    if (options.moveTo !== undefined) log.warn({ inbox: options.name, uid, folder: options.moveTo }, "an e-mail that is kept could not be moved");
    await client.messageFlagsAdd(uid, ["\\Seen"], { uid: true });
  }
}

/** What the server said, where it said something: the library's own words are the same for all that it refuses. */
function troubleOf(error: unknown): string {
  const { message } = toFault(error, "imap-fault");
  const said = error instanceof Error && "responseText" in error && typeof error.responseText === "string" ? error.responseText : "";
  return said === "" ? message : `the server says: ${said.slice(0, 300)}`;
}

async function within(clock: Clock, ms: number, work: Promise<unknown>): Promise<void> {
  let timer: Timer | undefined;
  const late = new Promise<void>((resolve) => {
    timer = clock.after(ms, resolve);
  });
  await Promise.race([work.catch(() => undefined), late]);
  timer?.cancel();
}
