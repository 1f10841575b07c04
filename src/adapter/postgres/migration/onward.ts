import { Migration } from "@mikro-orm/migrations";

/**
 * When somebody is due who goes on after an ending (`dueAfter` of the strategies): after a while, at a time of day in a zone, or at a moment. Nothing for nothing, so that
 * it costs nothing where nothing follows.
 */
export class OnwardDue extends Migration {
  override up(): void {
    this.addSql(`
create function onward_due(o jsonb, from_at timestamptz) returns timestamptz language plpgsql stable strict as $$
declare
  base timestamptz := from_at + (o->>'s')::float8 * interval '1 s';
  place text := o->'at'->>'z';
  day timestamp;
  due timestamptz;
begin
  if not o ? 'at' then
    return case when o ? 't' then greatest(base, to_timestamp((o->>'t')::float8 / 1000)) else base end;
  end if;
  begin
    day := date_trunc('day', base at time zone place);
  exception when invalid_parameter_value then
    -- A zone that this database does not know keeps no ending from being written; the hours are asked about anyway.
    place := 'UTC';
    day := date_trunc('day', base at time zone place);
  end;
  day := day + make_interval(days => coalesce((o->'at'->>'d')::int, 0));
  if o->'at' ? 'w' then
    day := day + make_interval(days => ((o->'at'->>'w')::int - extract(isodow from day)::int + 7) % 7);
  end if;
  due := (day + make_interval(mins => (o->'at'->>'m')::int)) at time zone place;
  if due < base then
    due := (day + make_interval(days => case when o->'at' ? 'w' then 7 else 1 end, mins => (o->'at'->>'m')::int)) at time zone place;
  end if;
  return due;
end $$`);
  }
}
