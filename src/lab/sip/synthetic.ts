import { phraseOf, responseTo, type SipRequest, type SipResponse } from "./message.ts";

/** The response a stack makes up when none came: 503 when nobody listens there, 408 after 64*T1 of silence (RFC 3261 §8.1.3.1), 481 when there is no call. */
export function failureResponse(request: SipRequest, failure: "unreachable" | "timeout" | "gone"): SipResponse {
  const status = { unreachable: 503, timeout: 408, gone: 481 }[failure];
  return responseTo(request, status, { reason: phraseOf(status) });
}
