import type { Socket } from "node:net";
import Agent from "drachtio-srf/lib/drachtio-agent.js";
import WireProtocol from "drachtio-srf/lib/wire-protocol.js";

/*
 * drachtio-srf, mended in this one place. What is mended, and why:
 *  - a SIP message that its handlers cannot make sense of (a response without a number, a request without a To) threw out of the socket handler, which ended
 *    the process. What an INVITE waits for after that is ended by its own time-outs;
 *  - so did bytes that are no frame of drachtio-server's. Nothing after them can be trusted to be framed right, so the connection is made anew;
 *  - the Call-ID of a challenge that could not be answered (no nonce, say) was kept for ever.
 */

/** Challenges whose answer is under way, at most; far more than calls are set up at once. */
export const mostChallenges = 1000;

/** Emitted by the library's agent with what a message threw. */
export const unhandledMessage = "unhandled-message";

const agent = Agent.prototype;
const onMessage = agent._onMsg;
agent._onMsg = function (socket, message) {
  try {
    onMessage.call(this, socket, message);
  } catch (error) {
    this.emit(unhandledMessage, error);
  }
  const challenges = this.mapServer.get(socket)?.pendingSipAuthRequests;
  const [oldest] = challenges && challenges.size > mostChallenges ? challenges.keys() : [];
  if (oldest !== undefined) challenges?.delete(oldest);
};

const wire = WireProtocol.prototype;
const onData = wire._onData;
wire._onData = function (socket: Socket, chunk: Buffer) {
  try {
    onData.call(this, socket, chunk);
  } catch (error) {
    socket.destroy(error instanceof Error ? error : new Error(String(error)));
  }
};
