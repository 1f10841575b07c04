const known = new Map<string, Intl.NumberFormat>();
/** A few languages with a few currencies; whoever uses more of them waits for it. */
const mostKnown = 500;

/** A number format of Intl, made once: to make one takes some 100 µs, a hundred times as long as to use it. */
export function numberFormat(language: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify([language, options]);
  const format = known.get(key) ?? new Intl.NumberFormat(language, options);
  if (known.size >= mostKnown) known.clear();
  known.set(key, format);
  return format;
}
