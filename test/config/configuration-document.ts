import { configSchema } from "../../src/config/schema.ts";
import { type Leaf, leaves, type Shape } from "../../src/config/shape.ts";
import { variableName } from "../../src/config/source-environment.ts";

const head = `# Configuration

Carillon takes its settings from four places; the later one wins:

1. the defaults below;
2. a YAML file: the one given with \`--config\`, else the one that \`CARILLON_CONFIG\` names, else \`carillon.yaml\` in the working directory;
3. environment variables, named in the tables; \`DATABASE_URL\` is taken for \`database.url\` too;
4. the command line: \`--set section.field=value\`.

\`CARILLON_URL\` and \`CARILLON_KEY\` are no settings: commands that ask a running server find it and its API key there when \`--url\` and \`--key\` are left out.

A list of texts is written with commas in a variable. \`<N>\` is the number of the entry, from 0. A setting marked *secret* may also
come from a file: \`NAME_FILE\` holds its path (one trailing line break is dropped; a list has an entry on each line).

\`carillon serve\` refuses to start when anything is wrong, and says everything that is wrong at once, with file, line and column. It
also refuses the secrets that drachtio-server and FreeSWITCH ship with.

This page is written from the schema (\`src/config/schema.ts\`); a test keeps it so.

A small \`carillon.yaml\`:

\`\`\`yaml
drachtio: { host: 127.0.0.1, port: 9022, secret: "a long random one" }
freeswitch:
  - name: fs-1
    address: 127.0.0.1
    password: "another long random one"
trunks:
  - name: carrier-a
    host: sip.carrier.example
    maxCps: 10
    maxChannels: 100
    callerIdPrefixes: ["+1555010"]
    destinationPrefixes: ["+1"]
  - { name: carrier-b, host: sip.other.example }
routes:
  - name: all
    trunks: [{ name: carrier-a, weight: 3 }, { name: carrier-b, priority: 2 }]
\`\`\`
`;

/** docs/configuration.md, as text. */
export function configurationDocument(): string {
  const root: Shape = configSchema;
  const sections = Object.entries(root.properties ?? {}).map(([name, shape]) => {
    const list = shape.items !== undefined;
    const rows = leaves(shape.items ?? shape, list ? [name, "*"] : [name]).map((leaf) => row(leaf, shape.items ?? shape, list ? 2 : 1));
    return [
      `## ${name}\n`,
      `${shape.description ?? ""}${list ? " A list: each entry has these settings." : ""}\n`,
      "| Setting | Values | Default | What it is |",
      "|---|---|---|---|",
      ...rows,
      "",
    ].join("\n");
  });
  return [head, ...sections].join("\n");
}

/** @param depth how much of the path the heading of the section says already */
function row(leaf: Leaf, section: Shape, depth: number): string {
  const { shape } = leaf;
  const below = leaf.path.slice(depth);
  const key = below.map((step) => (step === "*" ? "<N>" : step)).join(".");
  const wanted = holderOf(section, below).required?.includes(below.at(-1) ?? "") ?? false;
  const fallback = shape.default === undefined ? (wanted ? "*must be given*" : "none") : `\`${JSON.stringify(shape.default)}\``;
  const secret = shape.secret === undefined ? "" : " *Secret.*";
  const text = `${shape.description ?? ""}${secret} <br>\`${variableName(leaf.path)}\``;
  return `| \`${key}\` | ${values(shape)} | ${fallback} | ${text.replaceAll("|", "\\|")} |`;
}

/** The section in which the last step of a path stands. */
function holderOf(section: Shape, path: readonly string[]): Shape {
  return path.slice(0, -1).reduce<Shape>((shape, step) => (step === "*" ? shape.items : shape.properties?.[step]) ?? shape, section);
}

function values(shape: Shape): string {
  if (shape.enum !== undefined) return shape.enum.map((word) => `\`${word}\``).join(", ");
  if (shape.type === "array") return "list of texts";
  if (shape.type === "boolean") return "`true`, `false`";
  if (shape.type === "string") return "text";
  return `${shape.type === "integer" ? "whole number" : "number"} ${shape.minimum ?? ""}–${shape.maximum ?? ""}`;
}
