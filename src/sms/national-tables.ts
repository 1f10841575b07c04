import { extension, type GsmTables } from "./gsm7.ts";

/*
 * National language tables of the GSM alphabet (3GPP TS 23.038 annex A), for what people write: telephones in Turkey, Spain, Portugal and Brazil use them, and say so in the user data header. Ours go
 * out in UCS-2. The tables of the languages of India are left out: what telephones there write with them comes in UCS-2 from their SMSCs.
 */

const single = (shifted: Readonly<Record<number, string>>): ReadonlyMap<number, string> =>
  new Map([...extension, ...Object.entries(shifted).map(([code, character]) => [Number(code), character] as const)]);

/** §A.2, by the identifier of the language. */
const singleTables: ReadonlyMap<number, ReadonlyMap<number, string>> = new Map([
  [1, single({ 71: "Ğ", 73: "İ", 83: "Ş", 99: "ç", 103: "ğ", 105: "ı", 115: "ş" })],
  [2, single({ 9: "ç", 65: "Á", 73: "Í", 79: "Ó", 85: "Ú", 97: "á", 105: "í", 111: "ó", 117: "ú" })],
  [
    3,
    single({
      ...{ 5: "ê", 9: "ç", 11: "Ô", 12: "ô", 14: "Á", 15: "á", 18: "Φ", 19: "Γ", 21: "Ω", 22: "Π", 23: "Ψ", 24: "Σ", 25: "Θ", 31: "Ê" },
      ...{ 65: "À", 73: "Í", 79: "Ó", 85: "Ú", 91: "Ã", 92: "Õ", 97: "Â", 105: "í", 111: "ó", 117: "ú", 123: "ã", 124: "õ", 127: "â" },
    }),
  ],
]);

/** §A.3, likewise. Spanish has none. */
const lockingTables: ReadonlyMap<number, string> = new Map([
  [1, "@£$¥€éùıòÇ\nĞğ\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bŞşßÉ !\"#¤%&'()*+,-./0123456789:;<=>?İABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§çabcdefghijklmnopqrstuvwxyzäöñüà"],
  [3, "@£$¥êéúíóç\nÔô\rÁáΔ_ªÇÀ∞^\\€Ó|\u001bÂâÊÉ !\"#º%&'()*+,-./0123456789:;<=>?ÍABCDEFGHIJKLMNOPQRSTUVWXYZÃÕÚÜ§~abcdefghijklmnopqrstuvwxyzãõ`üà"],
]);

/** Identifiers of elements of the user data header (3GPP TS 23.040 §9.2.3.24). */
const element = { single: 0x24, locking: 0x25 } as const;

/** The tables that a message is written in, by the elements of its header; undefined when they are the common ones. */
export function nationalTables(elements: ReadonlyMap<number, Uint8Array>): GsmTables | undefined {
  const languageOf = (id: number) => (elements.get(id)?.length === 1 ? elements.get(id)?.[0] : undefined) ?? 0;
  const [locking, shifted] = [lockingTables.get(languageOf(element.locking)), singleTables.get(languageOf(element.single))];
  if (locking === undefined && shifted === undefined) return undefined;
  return { ...(locking !== undefined && { basic: locking }), ...(shifted !== undefined && { extension: shifted }) };
}
