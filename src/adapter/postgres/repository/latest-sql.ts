/**
 * SQL: the latest of the few rows that an index of something else finds. By its plain key PostgreSQL would now and then walk the whole table backwards until one fits: where statistics are missing or
 * old it takes that for quicker, and of a table of calls it is minutes for each of them.
 * @param key SQL: a column of numbers, of a table that grows with every call or message
 */
export const latestSql = (key: string): string => `order by ${key} + 0 desc limit 1`;
