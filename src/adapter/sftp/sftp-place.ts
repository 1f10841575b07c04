import { randomUUID } from "node:crypto";
import { posix } from "node:path";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import ssh2, { type Client, type ConnectConfig, type SFTPWrapper } from "ssh2";
import type { FeedFile, FeedPlace } from "../../contact/feed-ports.ts";
import type { FeedOptions } from "../../contact/options.ts";
import type { Clock, Timer } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import { fingerprintOf, hostKeyRefusal } from "./host-key.ts";

/** What says of a file that it is an ordinary one (POSIX st_mode). */
const fileTypeMask = 0o170_000;
const ordinaryFile = 0o100_000;
/** SSH_FX_NO_SUCH_FILE (draft-ietf-secsh-filexfer-02, section 7). */
const noSuchFile = 2;

/** A folder on an SFTP server, over one connection. */
export class SftpPlace implements FeedPlace {
  readonly hostKey: string;
  readonly #client: Client;
  readonly #sftp: SFTPWrapper;
  readonly #folder: string;
  readonly #where: string;
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  /** Why the connection is of no use any more. */
  #broken: Error | undefined;
  readonly #breaking = new Set<(error: Error) => void>();

  private constructor(client: Client, sftp: SFTPWrapper, hostKey: string, clock: Clock, { folder, host = "", timeoutMs }: FeedOptions) {
    this.#client = client;
    this.#sftp = sftp;
    this.hostKey = hostKey;
    this.#folder = folder;
    this.#where = host;
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
    client.on("error", (error) => this.#broke(error));
    client.on("close", () => this.#broke(new Error("the connection was closed")));
  }

  #broke(error: Error): void {
    this.#broken ??= error;
    for (const tell of [...this.#breaking]) tell(error);
  }

  /**
   * @param knownHostKey the key that was trusted when it was seen first
   * @throws Fault `feed-unreachable` (retryable), `feed-host-key`, `feed-login`
   */
  static async open(feed: FeedOptions, clock: Clock, knownHostKey?: string): Promise<SftpPlace> {
    const { host = "", port, user: username, password, privateKey, passphrase, timeoutMs, hostKeys, trustFirstHostKey } = feed;
    const client = new ssh2.Client();
    let shown = "";
    let refusal: string | undefined;
    const wanted = hostKeys.length > 0 || knownHostKey === undefined ? hostKeys : [knownHostKey];
    const config: ConnectConfig = {
      ...{ host, port, username, readyTimeout: timeoutMs, keepaliveInterval: Math.ceil(timeoutMs / 3), keepaliveCountMax: 3 },
      ...(password !== undefined && { password }),
      ...(privateKey !== undefined && { privateKey }),
      ...(passphrase !== undefined && { passphrase }),
      hostVerifier: (key: Buffer) => {
        shown = fingerprintOf(key);
        refusal = hostKeyRefusal(shown, wanted, trustFirstHostKey);
        return refusal === undefined;
      },
    };
    // Behind the handshake nothing of ssh2's own watches over it.
    let timer: Timer | undefined;
    try {
      const sftp = await new Promise<SFTPWrapper>((resolve, reject) => {
        timer = clock.after(2 * timeoutMs, () => reject(new Error(`it was not ready within ${2 * timeoutMs} ms`)));
        client.once("error", reject);
        client.once("close", () => reject(new Error("the connection was closed")));
        client.once("ready", () => client.sftp((error, opened) => (error ? reject(error) : resolve(opened))));
        client.connect(config);
      });
      return new SftpPlace(client, sftp, shown, clock, feed);
    } catch (error) {
      // What it says while it is closed has been said.
      client.on("error", () => undefined);
      client.destroy();
      if (refusal !== undefined) throw new Fault("feed-host-key", `${host} is not trusted: ${refusal}. Nothing was sent to it.`);
      throw connectFault(error, host, username);
    } finally {
      timer?.cancel();
    }
  }

  async files(): Promise<readonly FeedFile[]> {
    const entries = await this.#ask<{ filename: string; attrs: { mode: number; size: number; mtime: number } }[]>(
      `look into ${this.#folder}`,
      (done) => this.#sftp.readdir(this.#folder, done),
    );
    return entries
      .filter(({ attrs }) => (attrs.mode & fileTypeMask) === ordinaryFile)
      .map(({ filename: name, attrs: { size: bytes, mtime } }) => ({ name, bytes, modifiedAt: mtime * 1000 }));
  }

  async *read(name: string): AsyncGenerator<Uint8Array> {
    const stream: Readable = this.#sftp.createReadStream(this.#path(name), { highWaterMark: 65_536 });
    const watch = this.#watch((error) => stream.destroy(error));
    try {
      for await (const chunk of stream) {
        // Not while somebody else takes their time with it.
        watch.rest();
        yield chunk;
        watch.heard();
      }
    } catch (error) {
      throw this.#fault(error, `read ${name}`);
    } finally {
      watch.end();
      stream.destroy();
    }
  }

  async write(name: string, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    const path = this.#path(name);
    await this.#folderOf(path);
    const half = posix.join(posix.dirname(path), `.${randomUUID()}.part`);
    const stream: Writable = this.#sftp.createWriteStream(half, { flags: "wx", mode: 0o640 });
    const watch = this.#watch((error) => stream.destroy(error));
    const heard = async function* () {
      for await (const chunk of content) {
        watch.heard();
        yield chunk;
        watch.heard();
      }
    };
    try {
      await pipeline(Readable.from(heard(), { objectMode: false }), stream);
      await this.#rename(half, path);
    } catch (error) {
      await this.#ask("clear up", (done) => this.#sftp.unlink(half, (failed) => done(failed ?? undefined, undefined))).catch(() => undefined);
      throw this.#fault(error, `write ${name}`);
    } finally {
      watch.end();
    }
  }

  async move(from: string, to: string): Promise<boolean> {
    await this.#folderOf(this.#path(to));
    try {
      await this.#rename(this.#path(from), this.#path(to));
      return true;
    } catch (error) {
      if (codeOf(error) === noSuchFile) return false;
      throw this.#fault(error, `move ${from}`);
    }
  }

  async close(): Promise<void> {
    // Whoever waits for an answer still does not wait on.
    this.#broke(new Error("it was closed here"));
    this.#client.end();
  }

  #path(name: string): string {
    return posix.join(this.#folder, name);
  }

  async #folderOf(path: string): Promise<void> {
    // It is there already, or else what is wanted in it fails and says why.
    await this.#ask("make a folder", (done) => this.#sftp.mkdir(posix.dirname(path), (error) => done(error ?? undefined, undefined))).catch(
      () => undefined,
    );
  }

  /** As POSIX does, where the server can; what has the name is taken away first where it cannot. */
  async #rename(from: string, to: string): Promise<void> {
    const plain = () => this.#raw((done) => this.#sftp.rename(from, to, (error) => done(error ?? undefined, undefined)));
    try {
      await plain();
    } catch (error) {
      if (codeOf(error) === noSuchFile) throw error;
      await this.#raw((done) => this.#sftp.unlink(to, (failed) => done(failed ?? undefined, undefined))).catch(() => undefined);
      await plain();
    }
  }

  async #ask<T>(what: string, ask: (done: (error: Error | undefined, answer: T) => void) => void): Promise<T> {
    try {
      return await this.#raw(ask);
    } catch (error) {
      throw this.#fault(error, what);
    }
  }

  #raw<T>(ask: (done: (error: Error | undefined, answer: T) => void) => void): Promise<T> {
    if (this.#broken) return Promise.reject(this.#broken);
    return new Promise<T>((resolve, reject) => {
      const watch = this.#watch(reject);
      ask((error, answer) => {
        watch.end();
        if (error) reject(error);
        else resolve(answer);
      });
    });
  }

  /** Tells when the connection breaks, which it does as well when nothing is heard for too long: a server may keep a connection and answer nothing on it. */
  #watch(tell: (error: Error) => void): { heard(): void; rest(): void; end(): void } {
    let timer: Timer | undefined;
    const rest = () => timer?.cancel();
    const silent = () => {
      this.#broke(new Error(`it said nothing for ${this.#timeoutMs} ms`));
      this.#client.destroy();
    };
    const heard = () => {
      rest();
      timer = this.#clock.after(this.#timeoutMs, silent);
    };
    this.#breaking.add(tell);
    heard();
    const end = () => {
      rest();
      this.#breaking.delete(tell);
    };
    return { heard, rest, end };
  }

  #fault(error: unknown, what: string): Fault {
    if (error instanceof Fault) return error;
    const reason = error instanceof Error ? error.message : String(error);
    if (this.#broken) return unreachable(this.#where, reason, error);
    return new Fault("feed-folder", `Cannot ${what} on ${this.#where}: ${reason}.`, { cause: error, retryable: true });
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function connectFault(error: unknown, host: string, user: string): Fault {
  const reason = error instanceof Error ? error.message : String(error);
  const level = error instanceof Error && "level" in error ? error.level : undefined;
  if (level === "client-authentication")
    return new Fault("feed-login", `${host} does not let ${user || "anybody without a name"} in with that password or key.`, { cause: error });
  if (/privateKey|passphrase/i.test(reason)) return new Fault("feed-login", `The key for ${host} cannot be used: ${reason}.`, { cause: error });
  return unreachable(host, reason, error);
}

function unreachable(host: string, reason: string, cause: unknown): Fault {
  return new Fault("feed-unreachable", `${host} cannot be used as an SFTP server: ${reason}.`, { cause, retryable: true });
}
