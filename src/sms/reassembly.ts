import { decodeText, type Octets, type PartMark } from "./incoming.ts";
import type { DefaultAlphabet } from "./segment.ts";

/** One part of a long message, as it is kept until the others are there. */
export interface Piece extends PartMark, Octets {
  /** When it came in, epoch ms. */
  readonly at: number;
}

/** How long parts wait for each other: handsets send them within seconds, a phone that loses its network in between within minutes. */
export const partsWaitMs = 10 * 60_000;

/** What is to be done now that another part is there. */
export interface Joined {
  /** What waits from now on; empty when nothing does. */
  readonly held: readonly Piece[];
  /** All parts of a message, in order. */
  readonly whole?: readonly Piece[];
  /** Parts of an earlier message that used the same reference, in order; it will not be completed any more. */
  readonly incomplete?: readonly Piece[];
}

/**
 * Adds a part to those of the same message that wait already, in whatever order they come. One that is there already changes nothing; one with the number of
 * another but other text, or that comes after `partsWaitMs`, begins a new message: references wrap around.
 */
export function addPiece(waiting: readonly Piece[], piece: Piece): Joined {
  const twin = waiting.find(({ number }) => number === piece.number);
  const late = waiting.some(({ at }) => piece.at - at > partsWaitMs);
  if (!late && twin && sameText(twin, piece)) return { held: waiting };
  const given = waiting.length > 0 && (late || twin) ? { incomplete: inOrder(waiting) } : {};
  const now = "incomplete" in given ? [piece] : [...waiting, piece];
  return now.length === piece.total ? { ...given, held: [], whole: inOrder(now) } : { ...given, held: now };
}

/** The text of parts in order; a gap is shown as […]. Parts of one coding are read together, so that a character cut in two is whole again. */
export function joinedText(pieces: readonly Piece[], dataCoding0: DefaultAlphabet): string {
  const texts: string[] = [];
  let run: Piece[] = [];
  const read = () => {
    const [first] = run;
    if (first) texts.push(decodeText({ text: Buffer.concat(run.map(({ text }) => text)), dataCoding: first.dataCoding }, dataCoding0));
    run = [];
  };
  let expected = 1;
  for (const piece of pieces) {
    if (piece.number !== expected) {
      read();
      texts.push("[…]");
    } else if (run[0] && run[0].dataCoding !== piece.dataCoding) read();
    run.push(piece);
    expected = piece.number + 1;
  }
  read();
  const total = pieces[0]?.total ?? 0;
  return expected <= total ? `${texts.join("")}[…]` : texts.join("");
}

function inOrder(pieces: readonly Piece[]): readonly Piece[] {
  return pieces.toSorted((a, b) => a.number - b.number);
}

function sameText(a: Piece, b: Piece): boolean {
  return a.dataCoding === b.dataCoding && Buffer.compare(a.text, b.text) === 0;
}
