/** The two ends of our own connection to a FreeSWITCH. */
export interface KnownConnection {
  readonly remoteAddress?: string | undefined;
  readonly localAddress?: string | undefined;
}

/**
 * Whether a peer may open an event socket to us: only the FreeSWITCH that we are connected to ourselves, whatever its
 * `address` resolved to. If it runs on this machine it may come from any of this machine's addresses.
 * @param machine the addresses of this machine; asked only where they matter, since every call opens an event socket
 */
export function mayConnect(peer: string | undefined, known: KnownConnection, machine: () => readonly string[]): boolean {
  if (peer === undefined || known.remoteAddress === undefined) return false;
  const from = plain(peer);
  const far = plain(known.remoteAddress);
  if (from === far) return true;
  // A connection from a machine to itself has the same address at both ends, or both are loopback.
  const same = far === plain(known.localAddress ?? "") || isLoopback(far);
  return same && (isLoopback(from) || machine().some((address) => plain(address) === from));
}

/** IPv4 as such also where a socket for both families tells it as IPv6 (RFC 4291 §2.5.5.2). */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "");
}

function isLoopback(address: string): boolean {
  return address === "::1" || address.startsWith("127.");
}
