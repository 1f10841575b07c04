import t from "tap";
import { bench } from "./pacing.ts";

t.test("a short run of the pacing benchmark: everybody in its tables, and the gates that need no long one", async (t) => {
  const said: string[] = [];
  const gates = await bench((text) => said.push(text), ["--quick"]);
  const text = said.join("\n");
  for (const policy of ["progressive", "ratio", "ideal", "pacer"]) t.match(text, new RegExp(`25, 0\\.35 +${policy} +\\d`), policy);
  t.match(text, /25, \.15-\.5 +pacer +\d/);
  t.equal(gates.length, 8);
  // Abandonment is held to its target over more answers than a short run has.
  for (const { name, value, limit, op, pass } of gates) t.ok(pass || (name.includes("abandoned") && value < 3.2), `${name}: ${value} ${op} ${limit}`);
});
