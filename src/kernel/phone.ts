/** A telephone number in E.164 form: + and 7 to 15 digits, the first not 0 (ITU-T E.164 §6). */
export type PhoneNumber = string & { readonly brand: "PhoneNumber" };

const e164 = /^\+[1-9]\d{6,14}$/;

/** Whether the text is already in E.164 form. Nothing is trimmed or repaired. */
export function isPhoneNumber(text: string): text is PhoneNumber {
  return e164.test(text);
}

/** The number with its middle hidden, for logs: +15550100123 becomes +1555…23. */
export function maskPhone(number: string): string {
  return number.length <= 7 ? "…" : `${number.slice(0, 5)}…${number.slice(-2)}`;
}
