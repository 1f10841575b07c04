/** A PDU is at least its header (SMPP 3.4 §3.2), and at most a message_payload of 64 KiB with all that may stand beside it. */
const leastOctets = 16;
const mostOctets = 70_000;

/** Cuts what comes in on a connection into PDUs. Nothing longer than a PDU may be is ever kept. */
export class FrameReader {
  #held: Buffer = Buffer.alloc(0);

  /**
   * The PDUs that are whole with this chunk. Take all of them before the next chunk.
   * @throws RangeError at a command_length that no PDU has, behind those before it; what follows on the connection cannot be told apart any more
   */
  *push(chunk: Buffer): Generator<Buffer, void> {
    const octets = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    let at = 0;
    while (octets.length - at >= 4) {
      const length = octets.readUInt32BE(at);
      if (length < leastOctets || length > mostOctets) throw new RangeError(`a PDU said to have ${length} octets`);
      if (octets.length - at < length) break;
      at += length;
      yield octets.subarray(at - length, at);
    }
    // Copied, so that a few octets do not keep a whole chunk in memory.
    this.#held = at === octets.length ? Buffer.alloc(0) : Buffer.from(octets.subarray(at));
  }
}
