import { Fault } from "../../kernel/fault.ts";
import { preferring } from "./sdp.ts";

/** An endpoint that can be connected to one on another server. */
export interface Linkable {
  readonly id: string;
  readonly mediaServer: string;
  readonly localSdp: string;
  /** RTP payload type of the sound it sends and takes; undefined before it is attached. */
  readonly format: string | undefined;
  readonly gone: Promise<void>;
  onGone(listener: () => void): () => void;
  attach(remoteSdp: string): Promise<string>;
  /** Bridges it to another of its own server. */
  join(other: Pick<Linkable, "id">): Promise<void>;
  /** Sends it to an extension of the dialplan, out of whatever it does. */
  send(target: string): Promise<void>;
  /** A channel of its server that is to carry its conversation elsewhere. */
  openBeside(): Promise<Linkable>;
  /** It hangs up by itself, with nobody told, when whom it is bridged to leaves. */
  endWithPartner(): Promise<void>;
  close(): Promise<void>;
}

/** What a link ends at: somebody, or a place where several are together. */
export type LinkSide = Pick<Linkable, "mediaServer" | "format" | "onGone" | "openBeside"> & {
  /** Connects it to the channel of its server that carries it elsewhere. */
  join(end: Linkable): Promise<void>;
};

/** What carries a conversation from one FreeSWITCH to another. */
export interface Link {
  /** The channel at the first of the two sides. */
  readonly near: Pick<Linkable, "id">;
  /** Resolves when it carries nothing any more. */
  readonly broken: Promise<void>;
  close(): Promise<void>;
}

/**
 * Connects two people on different servers: each is bridged to a channel on their own server, and these two send their RTP to each other. Nothing of it
 * is seen by the carrier, and it needs no process of ours to last: a channel of the link hangs up as soon as the person it is bridged to leaves.
 * @throws Fault `bridge-failed`; the two are not connected to anybody then
 */
export async function linkServers(one: LinkSide, other: LinkSide): Promise<Link> {
  const sides = [one, other];
  const opened = await Promise.allSettled(sides.map((side) => side.openBeside()));
  const ends = opened.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
  const close = async () => {
    await Promise.all(ends.map((end) => end.close()));
  };
  const [near, far] = ends;
  try {
    if (!near || !far) throw opened.find((end) => end.status === "rejected")?.reason;
    // Where a bridge translates from one codec to another, FreeSWITCH 1.11 loses the keys.
    const sdpOf = ({ localSdp }: Linkable) => preferring(one.format, localSdp);
    await Promise.all([near.attach(sdpOf(far)), far.attach(sdpOf(near)), near.endWithPartner(), far.endWithPartner()]);
    await Promise.all([one.join(near), other.join(far)]);
  } catch (error) {
    await close();
    throw new Fault("bridge-failed", `FreeSWITCH ${one.mediaServer} and ${other.mediaServer} could not be connected`, { cause: error });
  }
  const broken = Promise.race(ends.map((end) => end.gone));
  // A channel whose partner hangs up in the very moment of being bridged waits for it without end.
  const unhear = sides.map((side) => side.onGone(close));
  broken.then(() => {
    for (const each of unhear) each();
    return close();
  });
  return { near, broken, close };
}
