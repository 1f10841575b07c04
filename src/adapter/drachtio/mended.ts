import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import DigestClient from "drachtio-srf/lib/digest-client.js";
import Agent from "drachtio-srf/lib/drachtio-agent.js";
import parser from "drachtio-srf/lib/sip-parser/parser.js";
import WireProtocol from "drachtio-srf/lib/wire-protocol.js";
import { answerTo, strongestChallenge } from "./challenge.ts";

/*
 * drachtio-srf, mended in this one place. What is mended, and why:
 *  - a SIP message that its handlers cannot make sense of (a response without a number, a request without a To) threw out of the socket handler, which ended
 *    the process. What an INVITE waits for after that is ended by its own time-outs;
 *  - so did bytes that are no frame of drachtio-server's. Nothing after them can be trusted to be framed right, so the connection is made anew;
 *  - a message that cannot be read was written to standard error as it came, and bytes that are no frame stood in the error's text: with the telephone
 *    numbers in them, past the log;
 *  - the Call-ID of a challenge that could not be answered (no nonce, say) was kept for ever;
 *  - challenges were answered with MD5 whatever they asked for, several of them as if they were one, and with a client nonce that can be guessed.
 */

/** Challenges whose answer is under way, at most; far more than calls are set up at once. */
export const mostChallenges = 1000;

/** Emitted by the library's agent with what a message threw. */
export const unhandledMessage = "unhandled-message";

const { parseSipMessage } = parser;
type Parsed = ReturnType<typeof parseSipMessage>;
/** What was read before the library does, so that nothing is read twice. */
let readAhead: { readonly text: string; readonly parsed: Parsed } | undefined;
parser.parseSipMessage = (text, lazy) => {
  const parsed = readAhead?.text === text ? readAhead.parsed : undefined;
  readAhead = undefined;
  return parsed ?? parseSipMessage(text, lazy);
};

/** @returns whether the library will be able to read it */
function canBeRead(text: string): boolean {
  let parsed: Parsed;
  try {
    parsed = parseSipMessage(text, true);
  } catch {
    return false;
  }
  readAhead = { text, parsed };
  return parsed !== undefined;
}

/** Kinds of messages of drachtio-server that carry SIP, besides the answers to our own. */
const carriesSip: ReadonlySet<string | undefined> = new Set(["sip", "cdr:attempt", "cdr:start", "cdr:stop"]);

const agent = Agent.prototype;
const onMessage = agent._onMsg;
agent._onMsg = function (socket, message) {
  const endOfLine = message.indexOf("\r");
  const line = endOfLine < 0 ? message : message.slice(0, endOfLine);
  const text = endOfLine < 0 ? "" : message.slice(endOfLine + 2);
  const [, kind, answered = ""] = line.split("|", 3);
  let told = message;
  if (kind === "response") {
    const waits = text !== "" && this.mapServer.get(socket)?.pendingRequests.has(answered);
    // Whoever waits gets the library's error; what it writes of the message says nothing.
    if (waits && !canBeRead(text)) told = `${line}\r\nno SIP message`;
  } else if (!carriesSip.has(kind) || !canBeRead(text)) {
    this.emit(unhandledMessage, new Error(carriesSip.has(kind) ? "it is no SIP message" : "drachtio-server sends no messages of its kind"));
    return;
  }
  try {
    onMessage.call(this, socket, told);
  } catch (error) {
    this.emit(unhandledMessage, error);
  }
  readAhead = undefined;
  const challenges = this.mapServer.get(socket)?.pendingSipAuthRequests;
  const [oldest] = challenges && challenges.size > mostChallenges ? challenges.keys() : [];
  if (oldest !== undefined) challenges?.delete(oldest);
};

const wire = WireProtocol.prototype;
const onData = wire._onData;
wire._onData = function (socket: Socket, chunk: Buffer) {
  try {
    onData.call(this, socket, chunk);
  } catch {
    socket.destroy(new Error("drachtio-server sent bytes that are no message"));
  }
};

const digest = DigestClient.prototype;
const { authenticate } = digest;
const credentialsOf = (auth: unknown) => {
  const { username, password } = typeof auth === "object" && auth !== null ? (auth as Readonly<Record<string, unknown>>) : {};
  return typeof username === "string" && typeof password === "string" ? { username, password } : undefined;
};
const challengeIn = ({ res }: ThisParameterType<typeof authenticate>) => {
  const header = res.get(res.statusCode === 407 ? "proxy-authenticate" : "www-authenticate");
  return typeof header === "string" ? strongestChallenge(header) : undefined;
};
digest.authenticate = function (callback) {
  // Whoever waits is told of the 401 or 407 as it came.
  if (!challengeIn(this) || !credentialsOf(this.req._originalParams.options.auth)) callback(new Error("a challenge that cannot be met"));
  else authenticate.call(this, callback);
};
// The library goes on to make an answer with MD5 of this, which is not what is sent.
digest._parseChallenge = function () {
  const { realm, nonce } = challengeIn(this) ?? {};
  return { realm, nonce };
};
digest._compileParams = function () {
  const { method, uri, auth } = this.req._originalParams.options;
  const [challenge, credentials] = [challengeIn(this), credentialsOf(auth)];
  return challenge && credentials ? answerTo(challenge, { ...credentials, method, uri, cnonce: randomBytes(16).toString("hex") }) : "";
};
