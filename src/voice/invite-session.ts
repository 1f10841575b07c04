import type { Clock } from "../kernel/clock.ts";
import type { PhoneNumber } from "../kernel/phone.ts";
import { type Codec, offeredTo } from "./codec.ts";
import type { Dialog, Endpoint, Failure, InviteEnd, LegName, Signalling } from "./ports.ts";
import type { Cancellation } from "./sip-status.ts";
import { fromUri, requestUri, type Trunk } from "./trunk.ts";

export interface InviteOrder {
  readonly leg: LegName;
  readonly trunk: Trunk;
  readonly to: PhoneNumber;
  readonly callerId: string;
  readonly ringTimeoutMs: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** The same to any SIP address, trunk or not. */
export interface AddressOrder extends Pick<InviteOrder, "leg" | "ringTimeoutMs" | "headers"> {
  /** Request-URI. */
  readonly uri: string;
  readonly from: string;
  readonly auth?: { readonly username: string; readonly password: string };
  /** As in `InviteRequest`. */
  readonly proxy?: string;
  /** What may be spoken, best first; left out: what the media server offers. */
  readonly codecs?: readonly Codec[];
}

/** What a watcher of a ringing leg is told. */
export interface RingingWatcher {
  /** It left; called again when it left anew with credentials. */
  sent(ids: { readonly transactionId: string }): void;
  /** The first provisional response of 180 or more. */
  ringing(earlyMedia: boolean): void;
}

export type Ring =
  | { readonly answered: true; readonly dialog: Dialog; readonly sdp: string }
  | {
      readonly answered: false;
      readonly failure: Failure;
      readonly rang: boolean;
      readonly earlyMedia: boolean;
      readonly canceled?: Cancellation;
    };

export interface Ringing {
  readonly end: Promise<Ring>;
  /** Takes the call back before it is answered. Default `withdrawn`. */
  withdraw(why?: Cancellation): void;
}

/** Rings a number over a trunk; see `ringAddress`. */
export function ring(signalling: Signalling, clock: Clock, order: InviteOrder, endpoint: Endpoint, watcher: RingingWatcher): Ringing {
  const { leg, trunk, to, callerId, ringTimeoutMs, headers } = order;
  const { username, password, codecs } = trunk;
  const auth = username && password ? { auth: { username, password } } : {};
  const more = { ...auth, ...(codecs && { codecs }) };
  const address: AddressOrder = { leg, uri: requestUri(trunk, to), from: fromUri(trunk, callerId), ringTimeoutMs, headers, ...more };
  return ringAddress(signalling, clock, address, endpoint, watcher);
}

/**
 * One INVITE with its ring time-out. Expires says the same to the far side, so that a leg nobody remembers ends by itself.
 */
export function ringAddress(signalling: Signalling, clock: Clock, order: AddressOrder, endpoint: Endpoint, watcher: RingingWatcher): Ringing {
  let canceled: Cancellation | undefined;
  let rang = false;
  let earlyMedia = false;
  /** What the far side has said of its sound so far. */
  let said = "";
  const invitation = signalling.invite(
    {
      leg: order.leg,
      uri: order.uri,
      from: order.from,
      sdp: offeredTo(order.codecs, endpoint.localSdp),
      expiresS: Math.ceil(order.ringTimeoutMs / 1000),
      headers: order.headers,
      ...(order.auth && { auth: order.auth }),
      ...(order.proxy !== undefined && { proxy: order.proxy }),
    },
    {
      provisional(status, sdp) {
        if (status < 180) return;
        const first = !rang || (sdp !== undefined && !earlyMedia);
        rang = true;
        earlyMedia ||= sdp !== undefined;
        said = sdp ?? said;
        if (first) watcher.ringing(earlyMedia);
      },
      resent: (transactionId) => watcher.sent({ transactionId }),
    },
  );
  const cancel = (why: Cancellation) => {
    canceled ??= why;
    invitation.cancel();
  };
  const timer = clock.after(order.ringTimeoutMs, () => cancel("ring-timeout"));
  // Nobody may answer into a channel that is not there any more.
  const unhear = endpoint.onGone(() => cancel("media"));
  invitation.sent.then((ids) => ids && watcher.sent(ids));
  const end = invitation.end.then((final: InviteEnd): Ring => {
    timer.cancel();
    unhear();
    if (final.answered) {
      // A carrier moves its media from one machine to another while people talk.
      final.dialog.answerOffers((offer) => endpoint.attach(offeredTo(order.codecs, offer)));
      // Gateways that have said it with the 183 leave it out of the 200.
      return { ...final, sdp: final.sdp || said };
    }
    return { answered: false, failure: final.failure, rang, earlyMedia, ...(canceled && { canceled }) };
  });
  return { end, withdraw: (why = "withdrawn") => cancel(why) };
}
