/** What one of those who share lines has a claim to. */
export interface LineClaim {
  /** It gets so many whatever the others want. */
  readonly least: number;
  readonly wanted: number;
}

/**
 * Shares lines out so that the smallest share is as large as can be, then the next (max-min fair): nobody gets more than is wanted, nothing that is wanted
 * stays free, and whoever gets more than another one that wants more has it as its least.
 * @param turn lines that cannot be shared evenly go round with it, so that where there are fewer lines than claims everybody has one now and then
 * @returns lines in the order of the claims: together no more than `maxLines`, unless the least alone are
 */
export function shareOut(claims: readonly LineClaim[], maxLines: number, turn = 0): readonly number[] {
  const upTo = (level: number) => claims.map(({ least, wanted }) => Math.max(least, Math.min(wanted, level)));
  let level = 0;
  let above = maxLines + 1;
  if (sum(upTo(0)) > maxLines) return upTo(0);
  while (above - level > 1) {
    const middle = Math.floor((level + above) / 2);
    if (sum(upTo(middle)) > maxLines) above = middle;
    else level = middle;
  }
  const shares = upTo(level);
  const more = claims.flatMap(({ least, wanted }, index) => (least <= level && wanted > level ? [index] : []));
  const left = Math.min(more.length, maxLines - sum(shares));
  const lucky = new Set(Array.from({ length: left }, (_, index) => more[(turn + index) % more.length]));
  return shares.map((share, index) => (lucky.has(index) ? share + 1 : share));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
