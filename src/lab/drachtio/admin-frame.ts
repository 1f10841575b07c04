/** Longest length prefix the server reads (client.cpp, readMessageLength). */
const maxLengthDigits = 6;

/**
 * Cuts what an app sends into frames `len#content`; len counts the bytes after #. Frames may be split or joined in segments. A stream whose length prefix
 * is no number cannot be read any further: `push` says so.
 */
export class FrameReader {
  private held: Buffer<ArrayBufferLike> = Buffer.alloc(0);

  push(chunk: Buffer): { readonly frames: string[]; readonly broken: boolean } {
    this.held = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    const frames: string[] = [];
    for (;;) {
      const hash = this.held.indexOf(35);
      const prefix = this.held.toString(
        "latin1",
        0,
        hash === -1 ? Math.min(this.held.length, maxLengthDigits + 1) : Math.min(hash, maxLengthDigits + 1),
      );
      if (prefix.length > maxLengthDigits || /\D/.test(prefix) || (hash !== -1 && prefix === "")) return { frames, broken: true };
      if (hash === -1) return { frames, broken: false };
      const end = hash + 1 + Number(prefix);
      if (this.held.length < end) return { frames, broken: false };
      frames.push(this.held.toString("utf8", hash + 1, end));
      this.held = this.held.subarray(end);
    }
  }
}

/** One frame, ready for the socket. */
export function frameOf(content: string): string {
  return `${Buffer.byteLength(content)}#${content}`;
}

/** The tokens of a frame's first line, and the SIP text that follows it (undefined when there is none). */
export function splitFrame(content: string): { readonly tokens: string[]; readonly sip: string | undefined } {
  const end = content.indexOf("\n");
  const line = end === -1 ? content : content.slice(0, end);
  const tokens = (line.endsWith("\r") ? line.slice(0, -1) : line).split("|");
  return { tokens, sip: end === -1 ? undefined : content.slice(end + 1) };
}

/** The time token of a frame: UTC, HH:MM:SS.uuuuuu. */
export function timeToken(nowMs: number): string {
  return `${new Date(nowMs).toISOString().slice(11, 23)}000`;
}
