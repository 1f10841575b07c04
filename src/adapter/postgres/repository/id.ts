/** Above every id there is. */
export const largestId = "9223372036854775807";

/** Whether the text is an id as the database gives them: a positive 64-bit integer. Others are simply unknown. */
export function isId(text: string): boolean {
  return /^[1-9]\d{0,18}$/.test(text) && BigInt(text) <= BigInt(largestId);
}

/** The id, or one that nothing has. */
export function idOr0(id: string | undefined): string {
  return id !== undefined && isId(id) ? id : "0";
}
