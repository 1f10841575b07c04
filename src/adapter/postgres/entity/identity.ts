import { p } from "@mikro-orm/core";

/** A bigint identity column: the primary key of most tables, text in TypeScript. */
export const identity = () => p.bigint("string").primary().generated("by default as identity");

/** A foreign key as the bare id: rows refer to each other by id here, never by loaded object. */
export const belongsTo = <T extends EntityTarget>(owner: T, column: string) => p.manyToOne(owner).mapToPk().fieldName(column).$type<string>();

type EntityTarget = Parameters<typeof p.manyToOne>[0];
