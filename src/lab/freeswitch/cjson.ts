/** JSON laid out as cJSON_Print does, which FreeSWITCH uses: tabs, one member a line, arrays on the line. */
export function cjson(value: unknown, depth = 0): string {
  if (Array.isArray(value)) return `[${value.map((item) => cjson(item, depth + 1)).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value ?? null);
  const tabs = (count: number) => "\t".repeat(count);
  const members = Object.entries(value).map(([name, member]) => `${tabs(depth + 1)}${JSON.stringify(name)}:\t${cjson(member, depth + 1)}`);
  return `{\n${members.join(",\n")}${members.length > 0 ? "\n" : ""}${tabs(depth)}}`;
}
