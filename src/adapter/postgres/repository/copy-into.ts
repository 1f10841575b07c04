import type pg from "pg";
import type { Connection, Submittable } from "pg";

/**
 * What a transaction is asked, all of it sent at once: the server has its next question when it is done with the one before, while who asks is busy with the file. It answers in their order.
 * After one that failed nothing is asked, for all that would be answered is that something has failed.
 */
export class Turns {
  readonly #client: pg.ClientBase;
  #settled: Promise<unknown> = Promise.resolve();
  #failed: { readonly error: unknown } | undefined;
  #ended = false;
  readonly #broken = (error: Error) => {
    this.#failed ??= { error };
  };

  /** @param client nobody else's until the end */
  constructor(client: pg.ClientBase) {
    this.#client = client;
    this.#pipeline(true);
    // Of a connection that breaks, or is ended, while nothing is asked: why, for whoever asks next.
    client.on("error", this.#broken);
  }

  /** @throws what went wrong first */
  take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#ended) return Promise.reject(new Error("the connection is somebody else's by now"));
    if (this.#failed) return Promise.reject(this.#failed.error);
    const mine = work().catch((error: unknown) => {
      this.#failed ??= { error };
      throw this.#failed.error;
    });
    this.#settled = Promise.allSettled([this.#settled, mine]);
    return mine;
  }

  /** Does it when nothing is under way any more, and nothing after it. */
  async end<T>(work: () => Promise<T>): Promise<T> {
    this.#ended = true;
    await this.#settled;
    this.#pipeline(false);
    this.#client.off("error", this.#broken);
    return await work();
  }

  /** `pg` looks at it with each question, though its types let it be said only when a client is made; of a pool most clients are for others. */
  #pipeline(pipeline: boolean): void {
    Object.assign(this.#client, { pipeline });
  }
}

/** Rows are sent in pieces of about so many bytes. */
export const pieceBytes = 65_536;

/* Messages of the frontend (PostgreSQL manual, "Message Formats"): CopyData, a length that counts itself, the bytes; CopyDone. */
const copyData = 0x64;
const lengthBytes = 4;
const copyDone = Buffer.from([0x63, 0, 0, 0, lengthBytes]);
/** What stands before the bytes of a `copyMessage`. */
export const copyHeaderBytes = 1 + lengthBytes;

/** A message of so many bytes, which are to be written behind its header. */
export function copyMessage(bytes: number): Buffer {
  const message = Buffer.allocUnsafeSlow(copyHeaderBytes + bytes);
  message[0] = copyData;
  message.writeUInt32BE(lengthBytes + bytes, 1);
  return message;
}

/** What goes into one table. */
export interface Copied {
  /** A COPY … FROM STDIN. */
  readonly statement: string;
  readonly pieces: readonly Buffer[];
}

/**
 * Several COPY … FROM STDIN as one question, all of it sent at once: the server reads the rows when it has come to them, and leaves unread what is behind an error
 * ("COPY Operations" of its protocol). To wait for its leave to send each, and for room for each piece, costs as much time as it takes to write the rows: what waits is busy reading the file.
 */
class Copying implements Submittable {
  readonly #copies: readonly Copied[];
  readonly #done: () => void;
  readonly #failed: (error: unknown) => void;

  constructor(copies: readonly Copied[], done: () => void, failed: (error: unknown) => void) {
    this.#copies = copies;
    this.#done = done;
    this.#failed = failed;
  }

  submit(connection: Connection): void {
    const { stream } = connection;
    stream.cork();
    connection.query(this.#copies.map(({ statement }) => statement).join("; "));
    for (const { pieces } of this.#copies) {
      for (const piece of pieces) stream.write(piece);
      stream.write(copyDone);
    }
    stream.uncork();
  }

  /* What `pg` tells of the answer. */

  handleCopyInResponse(): void {}

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    this.#done();
  }

  handleError(error: unknown): void {
    this.#failed(error);
  }
}

/** Rows into several tables, one after the other, in one exchange. @throws the error of the database, as it is */
export async function copyInto(client: pg.ClientBase, copies: readonly Copied[]): Promise<void> {
  const some = copies.filter(({ pieces }) => pieces.length > 0);
  if (some.length === 0) return;
  await new Promise<void>((resolve, reject) => {
    client.query(new Copying(some, resolve, reject));
  });
}
