/**
 * The trigger of a table whose rows stay as they were written; its function is in the migration. There is another one against
 * TRUNCATE, which cannot stand here: the comparison with the database does not see those.
 * @param but `erasure`: the words of a person may be taken out of it when they are forgotten
 */
export function appendOnly(table: string, but?: "erasure") {
  const name = `${table}_append_only`;
  return [
    {
      name,
      timing: "before" as const,
      events: ["update" as const, "delete" as const],
      forEach: "row" as const,
      expression: `create trigger ${name} before update or delete on ${table} for each row execute function refuse_change${but === undefined ? "" : `_but_${but}`}()`,
    },
  ];
}
