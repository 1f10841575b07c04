/** Headers that are the connection's business (RFC 9110 §7.6.1): sent by somebody else they break the framing of a request. */
const notToBeSent = /^(connection|keep-alive|transfer-encoding|content-length|upgrade|expect|te|trailer)$/i;

/** Headers written as `Name: value`, by their names in small letters. @param bad told the place of one that cannot be sent; must throw */
export function headersOf(lines: readonly string[], bad: (at: number) => never): Readonly<Record<string, string>> {
  const sent: Record<string, string> = {};
  for (const [at, line] of lines.entries()) {
    const [, key, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e]*)$/.exec(line) ?? [];
    if (key === undefined || value === undefined || notToBeSent.test(key)) return bad(at);
    sent[key.toLowerCase()] = value;
  }
  return sent;
}

/** Why a request failed, for people. */
export function why(error: Error): string {
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  return code === undefined ? error.message : `${code}: ${error.message}`;
}
