import { type Static, Type } from "typebox";
import { reaches } from "../../contact/contact.ts";
import type { ListReport } from "../../contact/import-engine.ts";
import type { LookupRun } from "../../contact/lookup/ports.ts";
import { mappingSchema } from "../../contact/mapping.ts";
import { existingModes } from "../../contact/ports.ts";
import { importStates, type StagedImport, type StagedReport } from "../../contact/staged-ports.ts";
import { idSchema, timeSchema, timeText } from "./common.ts";
import { lookupRunSchema, showRun } from "./lookup.ts";

const listName = Type.String({ minLength: 1, maxLength: 200, description: "Name of the list." });
const wishFields = {
  append: Type.Optional(
    Type.Boolean({ description: "Add to a list that exists; who is on it already is a duplicate. Otherwise its name must be new." }),
  ),
  existing: Type.Optional(
    Type.Enum([...existingModes], {
      description:
        "Instead of `append`. `update`: who is on the list by client id (where the file has none, by first address) gets the file's fields and addresses. `replace`: that too, and whoever is not in the file leaves the list and every campaign.",
    }),
  ),
  enter: Type.Optional(Type.Boolean({ description: "Who is new on the list comes into the campaigns that run on it." })),
  lookups: Type.Optional(
    Type.String({
      pattern: "^[a-z][a-z0-9_-]{0,63}(,[a-z][a-z0-9_-]{0,63}){0,4}$",
      description: "Look-ups that the people who come in are asked about, in the background, with commas between them; those of the mapping besides.",
      examples: ["line,rnd"],
    }),
  ),
  mapping: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 100,
      description: "Name of a mapping (PUT /api/v1/import-mappings/{name}) that says which column is what.",
    }),
  ),
};

export const importQuery = Type.Object({ name: listName, ...wishFields }, { additionalProperties: false });
export const stagedQuery = Type.Object({ list: listName, ...wishFields }, { additionalProperties: false });
export type WishQuery = Static<Type.TObject<typeof wishFields>>;

const reachCounts = Type.Object(Object.fromEntries(reaches.map((reach) => [reach, Type.Integer()])));

export const reportFields = {
  read: Type.Integer({ description: "Data rows in the file." }),
  accepted: Type.Integer(),
  rejected: Type.Integer({ description: "Rows that could not be used; `accepted` + `rejected` = `read`." }),
  duplicates: Type.Integer({ description: "Of the rejected, those already on the list." }),
  erased: Type.Integer({ description: "Of the rejected, those that name somebody who was erased." }),
  dropped: Type.Integer({ description: "Numbers and mailboxes that could not be used, of people who have another." }),
  updated: Type.Integer({ description: "Of the accepted, those who were on the list." }),
  left: Type.Integer({ description: "People who leave the list, not being in the file." }),
  suppressed: Type.Union([reachCounts], { description: "Of the accepted, those whom a suppression for all campaigns keeps from the channel now." }),
  reachable: Type.Union([reachCounts], { description: "Of the accepted, those who have an address for the channel." }),
  zones: Type.Record(Type.String(), Type.Integer(), { description: "The accepted by time zone; an empty name for those without." }),
  lookupRuns: Type.Optional(
    Type.Array(idSchema, { description: "The runs (GET /api/v1/lookup-runs/{id}) by which the accepted are looked up, one for each list." }),
  ),
  rules: Type.Optional(
    Type.Record(Type.String(), Type.Integer(), { description: "Where the mapping has rules: for how many rows each of them was followed." }),
  ),
  lists: Type.Optional(
    Type.Array(
      Type.Object({
        name: Type.String(),
        listId: Type.Optional(Type.Union([idSchema], { description: "Absent where nobody came onto a new list, or nothing was written." })),
        accepted: Type.Integer(),
        duplicates: Type.Integer(),
        erased: Type.Integer(),
        lookupRun: Type.Optional(idSchema),
        updated: Type.Integer(),
        left: Type.Integer(),
        suppressed: reachCounts,
        reachable: reachCounts,
        zones: Type.Record(Type.String(), Type.Integer()),
      }),
      { description: "Where the mapping's rules send people to several lists: each of them by itself." },
    ),
  ),
  rejections: Type.Array(
    Type.Object({
      row: Type.Integer({ description: "1 is the first data row." }),
      line: Type.Integer({ description: "Its line in the file; of a workbook its row in the sheet." }),
      column: Type.String(),
      reason: Type.String(),
    }),
    { description: "The first rows that could not be used, and why." },
  ),
};

export const importReportSchema = Type.Object({ listId: idSchema, ...reportFields });

export const stagedSchema = Type.Object({
  id: idSchema,
  list: Type.String(),
  append: Type.Boolean(),
  existing: Type.Optional(Type.Enum([...existingModes])),
  enter: Type.Boolean(),
  state: Type.Enum([...importStates], { description: "`checked` waits to be committed or dropped, for a week." }),
  lookups: Type.Optional(Type.Array(Type.String(), { description: "Look-ups that were wanted with the file, beside those of its mapping." })),
  lookupRuns: Type.Optional(
    Type.Array(lookupRunSchema, { description: "How far the accepted are looked up; of one import alone, not of the list of them." }),
  ),
  report: Type.Optional(Type.Object({ listId: Type.Optional(idSchema), ...reportFields })),
  fault: Type.Optional(Type.String({ description: "Why it failed." })),
  bytes: Type.Integer(),
  createdBy: Type.String(),
  createdAt: timeSchema,
  endedAt: Type.Optional(timeSchema),
});

export const mappingEntry = Type.Object({ name: Type.String(), mapping: mappingSchema });
export const mappingParams = Type.Object(
  { name: Type.String({ pattern: "^[a-z0-9][a-z0-9_-]{0,99}$", description: "Small letters, digits, - and _." }) },
  { additionalProperties: false },
);

export function showReport<Report extends StagedReport>({
  rejections,
  suppressed,
  reachable,
  zones,
  rules,
  lists,
  lookupRuns,
  erased = 0,
  ...report
}: Report) {
  return {
    ...report,
    // Reports of before it was counted are without it.
    erased,
    ...(rules && { rules: { ...rules } }),
    ...(lists && { lists: lists.map(showShare) }),
    ...(lookupRuns && { lookupRuns: [...lookupRuns] }),
    suppressed: { ...suppressed },
    reachable: { ...reachable },
    zones: { ...zones },
    rejections: [...rejections],
  };
}

function showShare({ listId, suppressed, reachable, zones, erased = 0, ...counts }: ListReport) {
  return {
    ...counts,
    erased,
    ...(listId !== "" && { listId }),
    suppressed: { ...suppressed },
    reachable: { ...reachable },
    zones: { ...zones },
  };
}

export function showImport({ listName: list, wishes, report, fault, createdAt, endedAt, ...rest }: StagedImport, runs?: readonly LookupRun[]) {
  return {
    ...rest,
    list,
    append: wishes.append,
    enter: wishes.enter ?? false,
    createdAt: timeText(createdAt),
    ...(wishes.existing && { existing: wishes.existing }),
    ...(wishes.lookups && { lookups: [...wishes.lookups] }),
    ...(runs && runs.length > 0 && { lookupRuns: runs.map(showRun) }),
    ...(report && { report: showReport(report) }),
    ...(fault !== undefined && { fault }),
    ...(endedAt !== undefined && { endedAt: timeText(endedAt) }),
  };
}
