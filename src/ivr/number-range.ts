/** Inclusive at both ends; an end that is left out is open. */
export interface NumberRange {
  readonly low?: number;
  readonly high?: number;
}

const shape = /^(-?\d{1,12}(?:\.\d{1,6})?)?\.\.(-?\d{1,12}(?:\.\d{1,6})?)?$/;
const numberShape = /^-?\d{1,12}(?:\.\d{1,6})?$/;

/** `a..b`, `a..` or `..b`; undefined when the text is no range, or an empty one. */
export function parseRange(text: string): NumberRange | undefined {
  const [, low, high] = shape.exec(text) ?? [];
  if (low === undefined && high === undefined) return undefined;
  if (low !== undefined && high !== undefined && Number(low) > Number(high)) return undefined;
  return { ...(low !== undefined && { low: Number(low) }), ...(high !== undefined && { high: Number(high) }) };
}

/** Whether a value is a plain number (digits, perhaps a sign and a decimal point) within the range. */
export function inRange(value: string, range: NumberRange): boolean {
  const text = value.trim();
  if (!numberShape.test(text)) return false;
  const number = Number(text);
  return number >= (range.low ?? -Infinity) && number <= (range.high ?? Infinity);
}
