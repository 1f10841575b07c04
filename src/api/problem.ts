import { Fault, type FaultOptions } from "../kernel/fault.ts";

/** One place of a request that is wrong. */
export interface ProblemPlace {
  /** JSON Pointer (RFC 6901) into the body, or `query`, `path` or `header` followed by one. */
  readonly pointer: string;
  readonly message: string;
}

/** A problem document (RFC 9457 §3) with our two extension members, `code` and `errors`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly errors?: readonly ProblemPlace[];
}

/** The one table from fault codes to HTTP. The codes are stable; programs may rely on them. */
const problems: Readonly<Record<string, { readonly status: number; readonly title: string }>> = {
  "request-invalid": { status: 400, title: "The request is not understood" },
  "cursor-invalid": { status: 400, title: "The cursor is not one of ours" },
  unauthorized: { status: 401, title: "An API key is needed" },
  forbidden: { status: 403, title: "The key does not allow that" },
  "route-unknown": { status: 404, title: "There is no such resource" },
  "login-refused": { status: 401, title: "The login is refused" },
  "second-factor-needed": { status: 401, title: "A second factor is needed" },
  "people-only": { status: 403, title: "That is for people, not for keys" },
  "second-factor-missing": { status: 403, title: "A second factor has to be set up first" },
  "origin-unknown": { status: 403, title: "Pages from there may not" },
  csrf: { status: 403, title: "The change does not come from a page of ours" },
  "user-unknown": { status: 404, title: "There is no such user" },
  "session-unknown": { status: 404, title: "There is no such session" },
  "invitation-unknown": { status: 404, title: "The invitation does not hold" },
  "user-exists": { status: 409, title: "A user of that name exists" },
  "user-last-owner": { status: 409, title: "One owner has to be left" },
  "second-factor-state": { status: 409, title: "That does not fit the second factor" },
  "second-factor-unreadable": { status: 503, title: "The second factor cannot be read" },
  "user-name": { status: 422, title: "The user cannot have that name" },
  "password-weak": { status: 422, title: "The password is too weak" },
  "key-unknown": { status: 404, title: "There is no such key" },
  "key-name": { status: 422, title: "The key has no name" },
  "access-invalid": { status: 422, title: "That access cannot be given" },
  "lookup-unknown": { status: 404, title: "There is no such look-up" },
  "lookup-run-unknown": { status: 404, title: "There is no such run of look-ups" },
  "lookup-run-state": { status: 409, title: "The run is over" },
  "lookup-gone": { status: 409, title: "No server has a look-up that the campaign wants" },
  "lookup-invalid": { status: 422, title: "The look-ups cannot be asked like this" },
  "list-unknown": { status: 404, title: "There is no such list" },
  "contact-unknown": { status: 404, title: "There is no such contact" },
  "script-unknown": { status: 404, title: "There is no such script" },
  "prompt-unknown": { status: 404, title: "There is no such prompt" },
  "template-unknown": { status: 404, title: "There is no such template" },
  "template-invalid": { status: 422, title: "The template cannot be published like this" },
  "template-channel": { status: 422, title: "The template is for another channel" },
  "strategy-unknown": { status: 404, title: "There is no such strategy" },
  "strategy-invalid": { status: 422, title: "The strategy cannot be published like this" },
  "campaign-unknown": { status: 404, title: "There is no such campaign" },
  "schedule-unknown": { status: 404, title: "The campaign has no schedule" },
  "mail-unknown": { status: 404, title: "There is no such e-mail" },
  "event-unknown": { status: 404, title: "There is no such event" },
  "message-unknown": { status: 404, title: "There is no such message" },
  "attempt-unknown": { status: 404, title: "There is no such attempt" },
  "trunk-unknown": { status: 404, title: "There is no such trunk" },
  "route-missing": { status: 404, title: "There is no such route" },
  "pool-unknown": { status: 404, title: "There is no such pool of caller ids" },
  "number-unknown": { status: 404, title: "There is no such number" },
  "server-unknown": { status: 404, title: "There is no such server" },
  "agent-unknown": { status: 404, title: "There is no such agent" },
  "phone-unknown": { status: 404, title: "The agent has no telephone" },
  "group-unknown": { status: 404, title: "There is no such group" },
  "conversation-unknown": { status: 404, title: "There is no such conversation" },
  "conversation-state": { status: 409, title: "The conversation is another agent's, or over" },
  "callback-unknown": { status: 404, title: "There is no such callback" },
  "agent-exists": { status: 409, title: "An agent of that name exists" },
  "phone-exists": { status: 409, title: "Another agent's device has that name" },
  "group-exists": { status: 409, title: "A group of that name exists" },
  "supervision-unknown": { status: 404, title: "Nobody listens in like that" },
  "conversation-failed": { status: 503, title: "The media server did not follow" },
  "keys-invalid": { status: 400, title: "Those are no keys of a telephone" },
  "agent-state": { status: 409, title: "That does not fit what the agent does now" },
  "agent-session": { status: 409, title: "The agent has another session" },
  "nobody-due": { status: 409, title: "Nobody is to be called now" },
  "call-refused": { status: 409, title: "The person is not called" },
  "number-not-allowed": { status: 409, title: "That number is not called" },
  "skip-reason-unknown": { status: 422, title: "There is no such reason" },
  "callback-state": { status: 409, title: "That does not fit how the callback stands" },
  "phone-invalid": { status: 422, title: "The telephone cannot be like this" },
  "message-refused": { status: 422, title: "The message cannot be sent" },
  "callback-invalid": { status: 422, title: "The callback cannot be made like this" },
  "disposition-invalid": { status: 422, title: "That is not taken as a disposition" },
  "search-too-wide": { status: 422, title: "The search takes too long" },
  "contact-exists": { status: 409, title: "The person is on the list already" },
  "contact-left": { status: 409, title: "The person is on no list" },
  "contact-invalid": { status: 422, title: "The person cannot be kept like this" },
  "person-invalid": { status: 422, title: "Nobody is named by that" },
  "person-unknown": { status: 404, title: "Nothing is known of the person" },
  "person-ambiguous": { status: 409, title: "Several people are known by that" },
  "person-erased": { status: 409, title: "The person was erased" },
  "person-busy": { status: 409, title: "Something with the person is under way" },
  "list-busy": { status: 409, title: "The list is being imported into" },
  "list-exists": { status: 409, title: "A list of that name exists" },
  "suppression-list-exists": { status: 409, title: "A suppression list of that name exists" },
  "suppression-list-unknown": { status: 404, title: "There is no such suppression list" },
  "suppression-unknown": { status: 404, title: "There is no such suppression" },
  "do-not-call-list-old": { status: 409, title: "A national do-not-call list is too old, or missing" },
  "consent-invalid": { status: 422, title: "That consent cannot be recorded" },
  "suppression-invalid": { status: 422, title: "That cannot be suppressed like this" },
  "cap-exists": { status: 409, title: "A frequency cap of that name exists" },
  "cap-unknown": { status: 404, title: "There is no such frequency cap" },
  "rule-unknown": { status: 404, title: "There is no such rule" },
  "rule-invalid": { status: 422, title: "The rule cannot be like this" },
  "subject-invalid": { status: 422, title: "That is no subject" },
  "law-unknown": { status: 422, title: "No hours by law are known of that place" },
  "calendar-unknown": { status: 404, title: "There is no such calendar" },
  "calendar-invalid": { status: 422, title: "The calendar cannot be like this" },
  "calendar-in-use": { status: 409, title: "Campaigns name the calendar" },
  "cap-invalid": { status: 422, title: "The frequency cap cannot be like this" },
  "campaign-exists": { status: 409, title: "A campaign of that name exists" },
  "number-exists": { status: 409, title: "That number is there already" },
  "campaign-channel": { status: 409, title: "The campaign is of another channel" },
  "campaign-state": { status: 409, title: "The campaign is in another state" },
  "trunk-exists": { status: 409, title: "A trunk of that name exists" },
  "trunk-in-file": { status: 409, title: "The configuration has that name" },
  "trunk-in-use": { status: 409, title: "The trunk is used" },
  "trunk-changed": { status: 409, title: "The trunk is being changed by others" },
  "route-exists": { status: 409, title: "That name is taken" },
  "route-in-file": { status: 409, title: "The configuration has that name" },
  "route-in-use": { status: 409, title: "The route is used" },
  "route-changed": { status: 409, title: "The route is being changed by others" },
  "pool-exists": { status: 409, title: "A pool of that name exists" },
  "pool-in-file": { status: 409, title: "The configuration has that name" },
  "pool-in-use": { status: 409, title: "The pool is used" },
  "pool-changed": { status: 409, title: "The pool is being changed by others" },
  "mark-unknown": { status: 404, title: "That mark is none of ours" },
  "sender-unknown": { status: 404, title: "There is no such sender" },
  suppressed: { status: 409, title: "They must not be contacted" },
  "template-held": { status: 422, title: "The message cannot be made for them" },
  "sms-not-sent": { status: 502, title: "The SMSC did not take it" },
  "sms-too-long": { status: 422, title: "The text is too long for SMS" },
  "email-not-sent": { status: 502, title: "The mail server did not take it" },
  "idempotency-key-busy": { status: 409, title: "A request with this key is being worked on" },
  "event-key-reused": { status: 422, title: "The key belongs to another event" },
  "event-too-wide": { status: 422, title: "Too many people are meant" },
  "idempotency-key-reused": { status: 422, title: "The key belongs to another request" },
  "request-too-large": { status: 413, title: "The request is too large" },
  "media-type": { status: 415, title: "That content type is not taken here" },
  "campaign-invalid": { status: 422, title: "The campaign cannot be made like this" },
  "trunk-invalid": { status: 422, title: "The trunk cannot be like this" },
  "route-invalid": { status: 422, title: "The route cannot be like this" },
  "pool-invalid": { status: 422, title: "The pool cannot be like this" },
  "secret-key-missing": { status: 422, title: "There is no key to seal a password with" },
  "number-invalid": { status: 422, title: "The number cannot be made like this" },
  "config-invalid": { status: 422, title: "The configuration has faults" },
  "identity-key-unusable": { status: 422, title: "The signing key cannot be used" },
  "prompt-in-use": { status: 409, title: "Scripts play the prompt" },
  "script-current": { status: 409, title: "That version is current already" },
  "prompt-invalid": { status: 422, title: "The prompt cannot be like this" },
  "prompt-unplayable": { status: 422, title: "The recording cannot be played" },
  "script-invalid": { status: 422, title: "The script cannot be published like this" },
  "script-too-heavy": { status: 422, title: "The script takes too long to check" },
  "script-tests-failed": { status: 422, title: "The tests of the script fail" },
  "feed-unknown": { status: 404, title: "There is no such feed" },
  "mapping-unknown": { status: 404, title: "There is no such mapping" },
  "mapping-invalid": { status: 422, title: "The mapping cannot be like this" },
  "import-unknown": { status: 404, title: "There is no such import" },
  "import-state": { status: 409, title: "The import is in another state" },
  "import-stuck": { status: 503, title: "The import stood still" },
  "import-invalid": { status: 422, title: "The file cannot be imported" },
  "webhook-unknown": { status: 404, title: "There is no such webhook" },
  "webhook-exists": { status: 409, title: "A webhook of that name exists" },
  "webhook-invalid": { status: 422, title: "The webhook cannot be like this" },
  "webhook-message-unknown": { status: 404, title: "There is no such message of the webhook" },
  "webhook-message-waiting": { status: 409, title: "The message is not over" },
  "precondition-failed": { status: 412, title: "It has been changed meanwhile" },
  "rate-limited": { status: 429, title: "Too many requests" },
  overloaded: { status: 503, title: "Carillon is too busy for this now" },
  unavailable: { status: 503, title: "Something Carillon needs is away" },
  internal: { status: 500, title: "Something went wrong in Carillon" },
};

/** Codes of the import room that mean that the file is at fault. */
const importFault = /^import-(?!failed$)/;

export const problemCodes = Object.keys(problems);

/** The codes that a status may have, each with its title. */
export function problemsWith(status: number): readonly { readonly code: string; readonly title: string }[] {
  return Object.entries(problems).flatMap(([code, entry]) => (entry.status === status ? [{ code, title: entry.title }] : []));
}

/** A fault with places, for requests that are understood but cannot be done. */
export function placedFault(code: string, message: string, errors: readonly ProblemPlace[], options: FaultOptions = {}): Fault {
  return new Fault(code, message, { ...options, detail: { ...options.detail, errors } });
}

/**
 * The problem that a fault is to the caller. Of a fault that is not in the table only its being so is told: what a
 * database or a socket says is for the log.
 */
export function toProblem(fault: Fault): Problem {
  const code = Object.hasOwn(problems, fault.code)
    ? fault.code
    : importFault.test(fault.code)
      ? "import-invalid"
      : fault.retryable
        ? "unavailable"
        : "internal";
  const entry = problems[code] ?? { status: 500, title: "Something went wrong in Carillon" };
  const known = code !== "unavailable" && code !== "internal";
  const detail = known
    ? fault.message
    : code === "unavailable"
      ? "Try again in a few seconds; /readyz says what is away."
      : "The log has the reason.";
  const errors = known ? placesOf(fault) : undefined;
  return {
    type: `urn:carillon:problem:${code}`,
    title: entry.title,
    status: entry.status,
    detail,
    code,
    ...(errors === undefined ? {} : { errors }),
  };
}

function placesOf(fault: Fault): readonly ProblemPlace[] | undefined {
  const errors: unknown = fault.detail["errors"];
  return Array.isArray(errors) ? errors.filter(isPlace) : undefined;
}

function isPlace(value: unknown): value is ProblemPlace {
  return typeof value === "object" && value !== null && "pointer" in value && "message" in value;
}
