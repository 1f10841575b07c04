import { keywordOf } from "../compliance/keyword.ts";
import { plainSubject } from "./reply.ts";

/** What somebody asks who wants no more e-mail. */
export interface OptOut {
  /** STOP ALL: nothing more on any channel. */
  readonly all: boolean;
  /** They write so much besides that somebody had better read it. */
  readonly more: boolean;
}

/** Whoever asks for no more greets, and signs with name and address; beyond that they have something else to say. */
const mostPoliteWords = 20;
/** What stands further down may be a quotation that nobody can tell from their own words, with a link of ours for unsubscribing at its end. */
const mostPieces = 12;
const mostLength = 10_000;
/** A mail asks so much that "no" is as good an answer as any: only words that can mean nothing else count. REMOVE is what mailing lists of old wanted. */
const context = { asked: true, more: { stop: ["remove"] } } as const;

/**
 * Words by which contracts, orders and appointments end, too: in a letter they count where it is about mail. Alone, or in the first line, they opt out by law (47 CFR
 * 64.1200(a)(10)).
 */
const ofOtherThings = new Set(
  `end quit cancel cease desist cancelar cancele cancelen cancela terminar detener detenga salir eliminar annuler resilier kundigen kundigung beenden aufhoren widerruf widerrufen sair interromper cancella
  cancellare cancellazione annulla revoca opzeggen annuleren beeindigen отмена отменить 取消 解除 中止 취소 해지 huy`.split(/\s+/),
);
const aboutMail =
  /mail|newsletter|nieuwsbrief|bolet[ií]n|courriel|correo|correio|message|mensaje|mensage|nachricht|messaggi|bericht|verteiler|list|subscri/i;

/**
 * Whether a person asks in a mail not to be written to any more: with nothing else, with the first line, with a subject of their own, or with a sentence of a letter. A question asks for an
 * answer. @param own what the person wrote, without what they quote
 */
export function optOutIn(own: string, subject: string): OptOut | undefined {
  const said = keywordOf(own === "" ? plainSubject(subject) : own, context);
  const all = said?.kind === "stop" && said.all;
  if (said?.kind !== "stop" && !piecesOf(own, subject).some(asks)) return undefined;
  return { all, more: own.slice(0, mostLength).split(/\s+/).length > mostPoliteWords };
}

/** Sentences and lines; the subject, where it is not that of what is answered. */
function piecesOf(own: string, subject: string): readonly string[] {
  const lines = own.slice(0, mostLength).split(/[\r\n]+|(?<=[.!?;])\s+/, mostPieces);
  return plainSubject(subject) === subject.trim() ? [subject, ...lines] : lines;
}

function asks(piece: string): boolean {
  if (piece.includes("?")) return false;
  const said = keywordOf(piece, context);
  return said?.kind === "stop" && (!ofOtherThings.has(said.word) || aboutMail.test(piece));
}
