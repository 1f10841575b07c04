import { Migration } from "@mikro-orm/migrations";

/** Consents and their revocations in a chain, and what a campaign wants of them. */
export class Consents extends Migration {
  override up(): void {
    for (const statement of statements) this.addSql(statement);
  }
}

const statements = [
  `create table "campaign_safeguard" ("campaign_id" bigint not null, "purpose" text null, "require_consent" boolean not null default false, "do_not_call_exempt" text null, "changed_at" timestamptz(3) not null, "changed_by" text not null, primary key ("campaign_id"))`,
  // With it the names in the chain cannot be found by trying every number there is, by whoever has the chain alone.
  `create table "evidence_salt" ("id" smallint not null, "salt" bytea not null, primary key ("id"))`,
  `insert into evidence_salt (id, salt) values (1, uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))`,
  `create table "consent" ("id" bigint not null, "at" timestamptz(3) not null, "kind" text not null, "subject_kind" text not null, "subject" text not null, "channel" text null, "purpose" text null, "obtained_at" timestamptz(3) not null, "source" text not null, "proof" text null, "expires_at" timestamptz(3) null, "recorded_by" text not null, "suppression_id" bigint null, "previous" text not null, "hash" text not null, primary key ("id"))`,
  `alter table "consent" add constraint "consent_kind_check" check ("kind" in ('consent', 'relationship', 'revocation'))`,
  `alter table "consent" add constraint "consent_subject_kind_check" check ("subject_kind" in ('number', 'mailbox', 'client-id'))`,
  `alter table "consent" add constraint "consent_channel_check" check ("channel" in ('voice', 'sms', 'email'))`,
  `create index "consent_subject_id_index" on "consent" ("subject", "id")`,
  // One after the other over all nodes, so the chain cannot fork; the id is the place in it, without gaps. What is hashed: compliance/consent.ts, chainText.
  `create function chain_consent() returns trigger language plpgsql as $$
declare last record;
begin
  perform pg_advisory_xact_lock(7243260);
  select id, hash into last from consent order by id desc limit 1;
  new.id := coalesce(last.id, 0) + 1;
  new.previous := coalesce(last.hash, repeat('0', 64));
  new.at := date_trunc('milliseconds', clock_timestamp());
  new.hash := encode(sha256(convert_to(json_build_array(new.id::text, new.previous, round(extract(epoch from new.at) * 1000)::text, new.kind, new.subject_kind, new.subject,
    new.channel, new.purpose, round(extract(epoch from new.obtained_at) * 1000)::text, new.source, new.proof, round(extract(epoch from new.expires_at) * 1000)::text,
    new.recorded_by, new.suppression_id::text)::text, 'UTF8')), 'hex');
  return new;
end $$`,
  `create trigger consent_chained before insert on consent for each row execute function chain_consent()`,
  `create trigger consent_append_only before update or delete on consent for each row execute function refuse_change()`,
  `create trigger consent_not_emptied before truncate on consent for each statement execute function refuse_change()`,
  // An opt-out, on whatever channel it came, revokes: of every purpose, or that of the campaign it is of. At the commit, so that nobody waits for the chain with a lock
  // that the one before them in it may want.
  `create function revoke_consent() returns trigger language plpgsql as $$
declare whom text; named text; meant text;
begin
  if new.campaign_id is not null then
    select purpose into meant from campaign_safeguard where campaign_id = new.campaign_id;
    if meant is null then return null; end if;
  end if;
  whom := case when new.number is not null then 'number' when new.mailbox is not null then 'mailbox' else 'client-id' end;
  named := coalesce(new.number, new.mailbox, new.client_id);
  insert into consent (kind, subject_kind, subject, channel, purpose, obtained_at, source, proof, recorded_by, suppression_id)
  values ('revocation', whom, encode(sha256((select salt from evidence_salt) || convert_to(whom || ':' || named, 'UTF8')), 'hex'), new.channel, meant,
    new.created_at, new.source, new.reason, coalesce(new.recorded_by, ''), new.id);
  return null;
end $$`,
  `create constraint trigger suppression_revokes after insert on suppression deferrable initially deferred for each row
    when (new.list_id is null and new.source in ('attempt', 'agent', 'admin')) execute function revoke_consent()`,
];
