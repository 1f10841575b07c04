import { maxMessageBytes } from "./parse.ts";

/**
 * Cuts a byte stream into SIP messages by Content-Length (RFC 3261 §18.3). Line ends between messages are keep-alives (RFC 5626 §3.5.1) and dropped.
 * A stream without a usable Content-Length cannot be cut any more: `push` says so and the connection must be closed.
 */
export class TcpFramer {
  private held: Buffer<ArrayBufferLike> = Buffer.alloc(0);

  push(chunk: Buffer): { readonly messages: Buffer[]; readonly broken: boolean } {
    this.held = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    const messages: Buffer[] = [];
    for (;;) {
      let start = 0;
      while (this.held[start] === 13 || this.held[start] === 10) start += 1;
      if (start > 0) this.held = this.held.subarray(start);
      const end = this.held.indexOf("\r\n\r\n", 0, "latin1");
      if (end === -1) return { messages, broken: this.held.length > maxMessageBytes };
      const length = lengthIn(this.held.toString("latin1", 0, end));
      const total = end + 4 + (length ?? 0);
      if (length === undefined || total > maxMessageBytes) return { messages, broken: true };
      if (this.held.length < total) return { messages, broken: false };
      messages.push(this.held.subarray(0, total));
      this.held = this.held.subarray(total);
    }
  }
}

/** The Content-Length a head announces; undefined when there is none or it is no number. */
function lengthIn(head: string): number | undefined {
  const match = /\r\n(?:content-length|l)[ \t]*:[ \t]*(\d{1,9})[ \t]*(?:\r\n|$)/i.exec(head);
  return match === null ? undefined : Number(match[1]);
}
