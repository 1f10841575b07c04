/** Words differing more in length than they may in letters need no table. */
function tooFar(a: string, b: string): boolean {
  return Math.abs(a.length - b.length) > allowance(b);
}

function allowance(choice: string): number {
  return Math.max(1, Math.floor(choice.length / 3));
}

/** Edits (insert, delete, replace, swap of neighbours) between two words: optimal string alignment. */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, (before[j - 2] ?? 0) + 1);
      row.push(best);
    }
    before = above;
    above = row;
  }
  return above[b.length] ?? 0;
}

/** The choice that was probably meant, if one is near enough: at most a third of it wrong. */
export function nearest(word: string, choices: Iterable<string>): string | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[_-]/g, "");
  let found: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const choice of choices) {
    if (tooFar(plain(word), plain(choice))) continue;
    const distance = editDistance(plain(word), plain(choice));
    if (distance < least && distance <= allowance(choice)) {
      found = choice;
      least = distance;
    }
  }
  return found;
}
