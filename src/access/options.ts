import { type Static, Type } from "typebox";

/** How people log in. */
export const accessOptions = Type.Object(
  {
    secondFactor: Type.Enum(["optional", "required"], {
      description:
        "required: whoever has no second factor can do nothing after logging in but set one up. It needs secret.key. Keys of programs are not concerned.",
      default: "optional",
    }),
    passwordWords: Type.Array(
      Type.String({ minLength: 4, maxLength: 100, hint: "write a word of at least four letters, such as the name of your company" }),
      {
        description:
          "Words that are near at hand for whoever guesses passwords here, such as the names of your company and its products: no password may be little more than one of these.",
        default: [],
      },
    ),
    leakedPasswords: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          "File of passwords that leaked, none of which may be chosen: SHA-1 in hexadecimal, one a line and in order, as Have I Been Pwned gives them out for download. Without it those that leaked most often are known all the same.",
      }),
    ),
  },
  { description: "How people log in (docs/security.md).", additionalProperties: false },
);

export type AccessOptions = Static<typeof accessOptions>;

/** What passwords are held against, beside what everybody's are. */
export type PasswordRules = Pick<AccessOptions, "passwordWords" | "leakedPasswords">;
