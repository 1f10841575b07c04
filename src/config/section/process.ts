import { Type } from "typebox";

/** The log. */
export const logOptions = Type.Object(
  {
    level: Type.Enum(["debug", "info", "warn", "error", "silent"], { description: "The least that is logged.", default: "info" }),
  },
  { description: "The log: JSON lines on standard error.", additionalProperties: false },
);

/** This process among others that share the database. */
export const nodeOptions = Type.Object(
  {
    name: Type.String({
      description: "Name of this node; each node that shares the database needs its own, and keeps it over a restart.",
      pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$",
      hint: "use letters, digits, -, _ and ., at most 63, beginning with a letter or digit",
      default: "node-1",
    }),
  },
  { description: "This node.", additionalProperties: false },
);
