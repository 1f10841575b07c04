/** A hang-up cause by FreeSWITCH's name and number (switch_types.h, switch_call_cause_t; below 128 they are ITU-T Q.850's). */
export interface Cause {
  readonly name: string;
  readonly number: number;
}

const numbers: Readonly<Record<string, number>> = {
  NONE: 0,
  UNALLOCATED_NUMBER: 1,
  NO_ROUTE_TRANSIT_NET: 2,
  NO_ROUTE_DESTINATION: 3,
  CHANNEL_UNACCEPTABLE: 6,
  CALL_AWARDED_DELIVERED: 7,
  NORMAL_CLEARING: 16,
  USER_BUSY: 17,
  NO_USER_RESPONSE: 18,
  NO_ANSWER: 19,
  SUBSCRIBER_ABSENT: 20,
  CALL_REJECTED: 21,
  NUMBER_CHANGED: 22,
  DESTINATION_OUT_OF_ORDER: 27,
  INVALID_NUMBER_FORMAT: 28,
  NORMAL_UNSPECIFIED: 31,
  NORMAL_CIRCUIT_CONGESTION: 34,
  NETWORK_OUT_OF_ORDER: 38,
  NORMAL_TEMPORARY_FAILURE: 41,
  SWITCH_CONGESTION: 42,
  INCOMPATIBLE_DESTINATION: 88,
  MANDATORY_IE_MISSING: 96,
  RECOVERY_ON_TIMER_EXPIRE: 102,
  INTERWORKING: 127,
  ORIGINATOR_CANCEL: 487,
  LOSE_RACE: 502,
  MANAGER_REQUEST: 503,
  BLIND_TRANSFER: 600,
  ATTENDED_TRANSFER: 601,
  ALLOTTED_TIMEOUT: 602,
  MEDIA_TIMEOUT: 604,
  SYSTEM_SHUTDOWN: 606,
};

/** Numbers that FreeSWITCH writes into a `Reason: SIP` header for causes Q.850 does not know; seen on the wire. */
const sipReasons: Readonly<Record<string, number>> = { MANAGER_REQUEST: 703, ALLOTTED_TIMEOUT: 802 };

export const normalClearing: Cause = { name: "NORMAL_CLEARING", number: 16 };

/** The cause of that name or number; an unknown one is NORMAL_CLEARING (switch_channel_str2cause). */
export function causeOf(text: string | undefined): Cause {
  const wanted = (text ?? "").trim();
  if (/^\d+$/.test(wanted)) {
    const found = Object.entries(numbers).find(([, number]) => number === Number(wanted));
    return found ? { name: found[0], number: found[1] } : normalClearing;
  }
  const name = wanted.toUpperCase();
  const number = numbers[name];
  return number === undefined ? normalClearing : { name, number };
}

/** The Reason header of the BYE (RFC 3326): Q.850 where it has a number, FreeSWITCH's own SIP one otherwise. */
export function reasonHeader(cause: Cause): string {
  return cause.number < 128
    ? `Q.850;cause=${cause.number};text="${cause.name}"`
    : `SIP;cause=${sipReasons[cause.name] ?? cause.number};text="${cause.name}"`;
}
