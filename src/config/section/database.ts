import { Type } from "typebox";

/** Where the data lies. */
export const databaseOptions = Type.Object(
  {
    url: Type.Optional(
      Type.String({
        description: "A PostgreSQL server to use, as postgres://user:password@host:5432/name. Without it Carillon runs its own PostgreSQL.",
        pattern: "^postgres(ql)?://.+",
        hint: "write it as postgres://user:password@host:5432/name",
        secret: true,
      }),
    ),
    dataDir: Type.String({
      description: "Directory of the database Carillon runs by itself, and of its key files; relative to the working directory.",
      default: ".carillon",
      minLength: 1,
    }),
  },
  { description: "The database.", additionalProperties: false },
);
