/** What a SIP status means on a call of ours, and what to do about it. */
export interface SipAdvice {
  readonly meaning: string;
  readonly advice: string;
}

/** RFC 3261 §21, RFC 8197 (607), RFC 8688 (608), RFC 8224 §6.2.2 (428, 436–438); one sentence each. */
const byStatus: Readonly<Record<number, SipAdvice>> = {
  400: {
    meaning: "the carrier could not read the request",
    advice: "Compare the number format and the headers with the carrier's interface description.",
  },
  401: {
    meaning: "the carrier wants credentials",
    advice:
      "Set username and password of the trunk; if they are set, check them and the realm. MD5, SHA-256 and SHA-512-256 are known, with qop auth or none.",
  },
  402: { meaning: "payment required", advice: "The carrier's account has no credit: top it up." },
  403: {
    meaning: "the carrier refuses this call",
    advice: "Check that our address is allowed, the caller id is ours, and the destination is opened on the account.",
  },
  404: {
    meaning: "the number does not exist",
    advice: "Check the number and the trunk's numberFormat and dialPrefix; if all numbers fail it is the format.",
  },
  405: { meaning: "the far side takes no calls at this address", advice: "Check host and port of the trunk: this may not be its SIP trunk." },
  407: {
    meaning: "the carrier's proxy wants credentials",
    advice: "Set username and password of the trunk; if they are set, check them. MD5, SHA-256 and SHA-512-256 are known, with qop auth or none.",
  },
  408: {
    meaning: "nobody answered the request in time",
    advice: "Check host, port and transport of the trunk and the firewall; after ringing it is an unanswered call.",
  },
  410: { meaning: "the number is not in service any more", advice: "Take it off the list." },
  415: {
    meaning: "the far side does not take our kind of body",
    advice: "Ask the carrier whether session descriptions must come in some other form.",
  },
  416: { meaning: "the far side does not take this kind of address", advice: "Check the transport of the trunk: it may want sips: or no TLS." },
  420: { meaning: "the far side lacks an extension", advice: "Ask the carrier; the Unsupported header names it." },
  422: { meaning: "the session timer is too small", advice: "Ask the carrier for its shortest Session-Expires." },
  428: { meaning: "the carrier wants calls to be signed", advice: "Set signIdentity on the trunk and a key under identity." },
  436: {
    meaning: "the carrier could not get the certificate of our signature",
    advice: "Check that identity.certificateUrl can be fetched from outside.",
  },
  437: { meaning: "the carrier does not trust our certificate", advice: "Check its issuer and its end date." },
  438: { meaning: "our signature does not hold", advice: "Check that the key belongs to the certificate and that the clock is right." },
  480: {
    meaning: "the person cannot be reached just now",
    advice: "Nothing to mend: the telephone is off or not registered; a later try may reach it.",
  },
  481: {
    meaning: "the far side does not know this call (any more)",
    advice: "Harmless for a BYE that crossed theirs; else ask the carrier which time-out ended the call.",
  },
  482: { meaning: "the request went in a circle", advice: "Check that the trunk does not lead back to ourselves." },
  483: { meaning: "too many hops", advice: "Check the carrier's routing of this number." },
  484: { meaning: "the number is incomplete", advice: "Check the number and the trunk's numberFormat, countryCode and dialPrefix." },
  485: { meaning: "the number is ambiguous", advice: "Give it in full, with its country code." },
  486: { meaning: "the person is busy", advice: "Nothing to mend; a later try may reach them." },
  487: { meaning: "the call was taken back before it was answered", advice: "Nothing to mend: it rang too long, or was withdrawn." },
  488: {
    meaning: "no codec in common, or a media setting that is not accepted",
    advice: "Compare the codecs we offer with those of the carrier (PCMU, PCMA).",
  },
  491: { meaning: "two changes of the call crossed", advice: "Nothing to mend; it is tried again." },
  500: { meaning: "an error at the far side", advice: "Ask the carrier, with the Call-ID." },
  501: { meaning: "the far side does not know this method", advice: "Check host and port of the trunk." },
  502: { meaning: "the network behind the carrier answered wrongly", advice: "Ask the carrier, or use another trunk for this destination." },
  503: {
    meaning: "no line free, or the far side is not there",
    advice: "Check the trunk's maxCps and maxChannels against the contract; if the server made it up, host and port.",
  },
  504: { meaning: "the network behind the carrier did not answer", advice: "Ask the carrier, or use another trunk for this destination." },
  505: { meaning: "another version of SIP", advice: "Check host and port of the trunk." },
  513: { meaning: "the request is too large", advice: "Use transport: tcp on the trunk." },
  600: { meaning: "the person is busy everywhere", advice: "Nothing to mend." },
  603: {
    meaning: "the person, or a blocking service, declined the call",
    advice: "Nothing to mend; when many calls end so, check the reputation of the caller id.",
  },
  604: { meaning: "the number exists nowhere", advice: "Take it off the list." },
  606: { meaning: "the person's telephone cannot take the call as offered", advice: "Compare the codecs we offer with theirs." },
  607: { meaning: "the person does not want this call", advice: "Do not call again from this number." },
  608: {
    meaning: "an analytics service of the carrier blocked the call",
    advice: "The caller id has a bad reputation: register it, sign calls, let it rest.",
  },
};

const byClass: Readonly<Record<number, SipAdvice>> = {
  3: { meaning: "the far side names another address", advice: "Not followed: ask the carrier to route the call itself." },
  4: { meaning: "the carrier refuses the request", advice: "Look at Reason and Warning, or ask the carrier with the Call-ID." },
  5: { meaning: "an error at the far side", advice: "Ask the carrier, with the Call-ID." },
  6: { meaning: "refused everywhere", advice: "Nothing to mend." },
};

/** @returns undefined for what is no failure */
export function adviceOn(status: number): SipAdvice | undefined {
  return status < 300 ? undefined : (byStatus[status] ?? byClass[Math.floor(status / 100)]);
}
