import { Type } from "typebox";

/** Outside numbers that scripts transfer to under one name. */
export const groupOptions = Type.Object(
  {
    name: Type.String({
      description: "What scripts call it.",
      pattern: "^[a-z][a-z0-9_]{0,63}$",
      hint: "use small letters, digits and _, at most 64, beginning with a letter",
    }),
    numbers: Type.Array(Type.String({ pattern: "^\\+[1-9]\\d{6,14}$", hint: 'write each as + and digits, in quotes: "+15550100123"' }), {
      description: "Rung one after the other until somebody answers, all within the time the script gives.",
      default: [],
    }),
  },
  { description: "Outside numbers that scripts transfer to under one name.", additionalProperties: false },
);
