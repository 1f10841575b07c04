import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";

/**
 * What a transaction is asked, one after the other: `pg` wants the next question when the one before is answered. After one that failed nothing is asked, for all that would be answered is that
 * something has failed.
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #ended = false;

  /** Does it when everything before has been done. @throws what went wrong first */
  take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#ended) return Promise.reject(new Error("the connection is somebody else's by now"));
    const mine = this.#last.then(work);
    this.#last = mine;
    mine.catch(() => undefined);
    return mine;
  }

  /** Does it when nothing is under way any more, and nothing after it. */
  async end<T>(work: () => Promise<T>): Promise<T> {
    this.#ended = true;
    await this.#last.catch(() => undefined);
    return await work();
  }
}

/** Lines are sent in pieces of about so many characters. */
const pieceChars = 65_536;

/** Lines for COPY, held as the bytes that will be sent: a million short texts would keep the garbage collector busy. */
export class CopyText {
  #pieces: Buffer[] = [];
  #text = "";

  push(line: string): void {
    this.#text += line;
    if (this.#text.length >= pieceChars) this.#seal();
  }

  /** All of it; nothing is left. */
  take(): readonly Buffer[] {
    if (this.#text !== "") this.#seal();
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  #seal(): void {
    this.#pieces.push(Buffer.from(this.#text, "utf8"));
    this.#text = "";
  }
}

/** One COPY … FROM STDIN. @throws the error of the database, as it is */
export async function copyInto(client: pg.PoolClient, statement: string, pieces: readonly Buffer[]): Promise<void> {
  if (pieces.length === 0) return;
  const stream = client.query(copyFrom(statement));
  await new Promise<void>((resolve, reject) => {
    stream.once("error", reject);
    stream.once("finish", resolve);
    for (const piece of pieces) stream.write(piece);
    stream.end();
  });
}
