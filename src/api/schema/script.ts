import { Type } from "typebox";
import type { Finding } from "../../ivr/finding.ts";
import type { PublishEnd } from "../../ivr/publish-engine.ts";
import type { Release, ScriptEntry, ScriptUser, ScriptVersion } from "../../ivr/script-ports.ts";
import { idSchema, pageFields, timeSchema, timeText } from "./common.ts";

const nameSchema = Type.String({
  pattern: "^[a-z][a-z0-9-]{0,63}$",
  description: "Name of a script, as it stands in the script.",
  examples: ["payment-reminder"],
});
const numberSchema = Type.Integer({ minimum: 1, maximum: 2_147_483_647, description: "Counts from 1 for each name." });
const noteSchema = Type.String({ minLength: 1, maxLength: 1000, pattern: "^\\P{Cc}*$", description: "Why, for the history." });
const bySchema = Type.String({ description: "`key NAME` of an API key, `user NAME` of the command line." });

export const nameParams = Type.Object({ name: nameSchema }, { additionalProperties: false });
export const versionParams = Type.Object({ name: nameSchema, version: numberSchema }, { additionalProperties: false });
export const diffQuery = Type.Object({ from: numberSchema, to: numberSchema }, { additionalProperties: false });
export const historyQuery = Type.Object(pageFields, { additionalProperties: false });
export const publishQuery = Type.Object({ note: Type.Optional(noteSchema) }, { additionalProperties: false });
export const lintQuery = Type.Object(
  {
    listId: Type.Optional(
      Type.String({ ...idSchema, description: "A list whose columns it is held against, besides those of the campaigns that follow it." }),
    ),
  },
  { additionalProperties: false },
);

/** A script as a body: the YAML itself, or JSON with the YAML and what goes with it. */
export const publicationSchema = Type.Object(
  {
    source: Type.String({ minLength: 1, description: "The script, as YAML." }),
    tests: Type.Optional(Type.String({ minLength: 1, description: "Its tests, as YAML; they must pass." })),
    note: Type.Optional(noteSchema),
  },
  { additionalProperties: false },
);
export const scriptBody = {
  content: { "application/yaml": { schema: Type.String({ description: "The script." }) }, "application/json": { schema: publicationSchema } },
};
export const lintBody = { content: { "application/yaml": { schema: Type.String({ description: "The script." }) } } };

export const newReleaseSchema = Type.Object({ version: numberSchema, note: Type.Optional(noteSchema) }, { additionalProperties: false });

const findingSchema = Type.Object({
  severity: Type.Enum(["error", "warning"]),
  code: Type.String(),
  line: Type.Integer(),
  column: Type.Integer(),
  message: Type.String(),
  fix: Type.String({ description: "How to mend it." }),
});

const versionFields = {
  id: idSchema,
  name: nameSchema,
  version: numberSchema,
  publishedAt: timeSchema,
  publishedBy: bySchema,
  uses: Type.Record(Type.String(), Type.Integer(), { description: "The scripts it goes to, each with the version that it stays on." }),
};
const campaignsSchema = Type.Array(
  Type.Object({
    campaign: Type.String(),
    running: Type.Boolean(),
    list: Type.String(),
    pinned: Type.Optional(Type.Integer({ description: "The version it stays on; absent when it follows the releases." })),
  }),
  { description: "Campaigns that have not ended and use the script." },
);

export const releaseSchema = Type.Object({
  id: idSchema,
  name: nameSchema,
  version: numberSchema,
  versionId: idSchema,
  at: timeSchema,
  by: bySchema,
  note: Type.Optional(Type.String()),
});
export const versionSchema = Type.Object(versionFields);
export const versionSourceSchema = Type.Object({ ...versionFields, source: Type.String({ description: "The YAML it was published from." }) });
const entryFields = {
  name: nameSchema,
  versions: Type.Integer({ description: "How many there are, which is the number of the newest." }),
  running: Type.Integer({ description: "Running campaigns that follow it." }),
  current: releaseSchema,
};
export const entrySchema = Type.Object(entryFields);
export const scriptSchema = Type.Object({ ...entryFields, campaigns: campaignsSchema });
export const publishedSchema = Type.Object({
  ...versionFields,
  fresh: Type.Boolean({ description: "False when this very text was published before: it keeps its number." }),
  released: Type.Boolean({ description: "False when it was current already: nothing was written." }),
  cases: Type.Optional(Type.Integer({ description: "Tests that passed; absent when none were sent." })),
  warnings: Type.Array(findingSchema, { description: "Doubtful places; they keep nothing from being published." }),
  campaigns: campaignsSchema,
});
export const rolledBackSchema = Type.Object({
  ...releaseSchema.properties,
  findings: Type.Array(findingSchema, { description: "What lint finds in it today." }),
  campaigns: campaignsSchema,
});
export const lintSchema = Type.Object({
  valid: Type.Boolean({ description: "Whether it has no errors." }),
  findings: Type.Array(findingSchema, { description: "In reading order; of each severity the first 500." }),
});
export const diffSchema = Type.Object({
  name: nameSchema,
  from: numberSchema,
  to: numberSchema,
  diff: Type.String({ description: "A unified diff; empty when the texts are the same." }),
});

export function showVersion({ id, name, version, publishedAt, publishedBy, uses }: ScriptVersion) {
  const pinned = Object.fromEntries(Object.entries(uses).map(([other, pin]) => [other, pin.version]));
  return { id, name, version, publishedAt: timeText(publishedAt), publishedBy, uses: pinned };
}

export function showRelease({ at, note, ...release }: Release) {
  return { ...release, at: timeText(at), ...(note === undefined ? {} : { note }) };
}

export function showEntry({ name, versions, running, current }: ScriptEntry) {
  return { name, versions, running, current: showRelease(current) };
}

export function showUsers(users: readonly ScriptUser[]) {
  return users.map(({ campaign, running, list, pinned }) => ({ campaign, running, list, ...(pinned === undefined ? {} : { pinned }) }));
}

export function showPublished({ published, warnings, cases, users }: PublishEnd) {
  const { fresh, released } = published;
  const rest = { warnings: warnings.map(showFinding), campaigns: showUsers(users) };
  return { ...showVersion(published), fresh, released, ...(cases === undefined ? {} : { cases }), ...rest };
}

export function showFinding({ severity, code, line, column, message, fix }: Finding) {
  return { severity, code, line, column, message, fix };
}
