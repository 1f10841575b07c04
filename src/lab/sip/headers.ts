/** Compact forms: RFC 3261 §7.3.3 and §20; RFC 3515, 3265, 3891, 3892, 4028 for the rest. */
const compactForms: Readonly<Record<string, string>> = {
  a: "accept-contact",
  b: "referred-by",
  c: "content-type",
  e: "content-encoding",
  f: "from",
  i: "call-id",
  j: "reject-contact",
  k: "supported",
  l: "content-length",
  m: "contact",
  o: "event",
  r: "refer-to",
  s: "subject",
  t: "to",
  u: "allow-events",
  v: "via",
  x: "session-expires",
};

/** The lower-case long name under which a header is found; `f`, `From` and `FROM` give the same key. */
export function headerKey(name: string): string {
  const key = name.toLowerCase();
  return key.length === 1 ? (compactForms[key] ?? key) : key;
}

interface Field {
  readonly key: string;
  readonly name: string;
  value: string;
}

/**
 * The headers of one message, in the order they were received or added. Names keep their spelling; look-ups ignore case and know compact forms.
 */
export class Headers {
  private fields: Field[] = [];

  static from(entries: Readonly<Record<string, string>> | undefined): Headers {
    const headers = new Headers();
    for (const [name, value] of Object.entries(entries ?? {})) headers.append(name, value);
    return headers;
  }

  /** First value, undefined when the header is absent. */
  get(name: string): string | undefined {
    const key = headerKey(name);
    for (const field of this.fields) if (field.key === key) return field.value;
    return undefined;
  }

  /** Every line of that header, unsplit. */
  lines(name: string): string[] {
    const key = headerKey(name);
    const found: string[] = [];
    for (const field of this.fields) if (field.key === key) found.push(field.value);
    return found;
  }

  /** Every value of that header; lines that hold several separated by commas are taken apart (RFC 3261 §7.3.1). */
  list(name: string): string[] {
    return this.lines(name).flatMap(splitList);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** Replaces the first line of that header and drops the others; appends when there was none. */
  set(name: string, value: string): this {
    const key = headerKey(name);
    const first = this.fields.find((field) => field.key === key);
    if (first === undefined) return this.append(name, value);
    first.value = value;
    this.fields = this.fields.filter((field) => field.key !== key || field === first);
    return this;
  }

  /** Replaces the first line of that header only; nothing happens when there is none. */
  setFirst(name: string, value: string): this {
    const key = headerKey(name);
    const first = this.fields.find((field) => field.key === key);
    if (first !== undefined) first.value = value;
    return this;
  }

  append(name: string, value: string): this {
    this.fields.push({ key: headerKey(name), name, value });
    return this;
  }

  prepend(name: string, value: string): this {
    this.fields.unshift({ key: headerKey(name), name, value });
    return this;
  }

  remove(name: string): this {
    const key = headerKey(name);
    this.fields = this.fields.filter((field) => field.key !== key);
    return this;
  }

  /** Name, value and key of every line, in order. */
  all(): readonly Readonly<Field>[] {
    return this.fields;
  }

  clone(): Headers {
    const copy = new Headers();
    copy.fields = this.fields.map((field) => ({ ...field }));
    return copy;
  }
}

/** Splits at the commas that stand outside quotes and angle brackets. */
export function splitList(value: string): string[] {
  if (!value.includes(",")) return value.trim() === "" ? [] : [value.trim()];
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  let bracketed = false;
  for (let index = 0; index < value.length; index += 1) {
    const letter = value[index];
    if (quoted) {
      if (letter === "\\") index += 1;
      else if (letter === '"') quoted = false;
    } else if (letter === '"') quoted = true;
    else if (letter === "<") bracketed = true;
    else if (letter === ">") bracketed = false;
    else if (letter === "," && !bracketed) {
      parts.push(value.slice(start, index));
      start = index + 1;
    }
  }
  parts.push(value.slice(start));
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}
