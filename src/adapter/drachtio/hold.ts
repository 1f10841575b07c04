/*
 * The far side holds us, or takes us back, within a call (RFC 3264 §8.4). FreeSWITCH is not told of it: it would play music of its own to whoever is connected to
 * that one. It goes on sending, and is answered for as the RFC wants.
 */

/** How the far side wants the sound to go; `nowhere`: held as before RFC 3264, with the address 0.0.0.0, to which nothing can be sent. */
export type Hold = "sendrecv" | "sendonly" | "recvonly" | "inactive" | "nowhere";

/** What each is answered with (RFC 3264 §6.1). */
const answers: Readonly<Record<Hold, string>> = {
  sendrecv: "sendrecv",
  sendonly: "recvonly",
  recvonly: "sendonly",
  inactive: "inactive",
  nowhere: "sendrecv",
};
const direction = /^a=(sendrecv|sendonly|recvonly|inactive)[ \t]*\r?\n?/gm;

/** What an offer wants of its sound. What stands with the stream goes before what stands for all. */
export function holdOf(sdp: string): Hold {
  const [session = "", ...streams] = sdp.split(/^(?=m=)/m);
  const audio = streams.find((stream) => stream.startsWith("m=audio ")) ?? "";
  const of = (line: RegExp) => line.exec(audio)?.[1] ?? line.exec(session)?.[1];
  if (of(/^c=IN IP4 (\S+)/m) === "0.0.0.0") return "nowhere";
  return (of(/^a=(sendrecv|sendonly|recvonly|inactive)\s*$/m) as Hold | undefined) ?? "sendrecv";
}

/** The same offer without the hold. */
export function takenUp(sdp: string): string {
  return sdp.replace(direction, "");
}

/** Our answer to it. @param sdp what would be said to an offer without it */
export function answerTo(hold: Hold, sdp: string): string {
  const way = answers[hold];
  const plain = takenUp(sdp);
  if (way === "sendrecv") return plain;
  return plain.replace(/^m=audio .*\r?\n(?:[icbk]=.*\r?\n)*/m, (media) => `${media}a=${way}\r\n`);
}
