interface Written {
  readonly channel: "sms" | "email";
  /** What the person wrote: at, from, text, agent, standing and what the channel has besides, of `i`. */
  readonly received: string;
  /** Attempts that belong here beside those to the contact and those of the conversation. */
  readonly answers?: string;
  /** Of what we wrote: what is shown of it, what the channel has besides, and which of it is shown; of `m`, the message, and `r`, an agent's answer. */
  readonly sent: { readonly text: string; readonly besides?: readonly string[]; readonly where: string };
}

/** What both wrote, the last first: $1 conversation, $2 person, $3 our number or mailbox, $4 contact, $5 how many. */
export function linesSql({ channel, received, answers, sent }: Written): string {
  return `
select * from (
  (${received} order by i.id desc limit $5)
  union all
  (select (extract(epoch from coalesce(m.submitted_at, r.at)) * 1000)::float8, 'us', ${sent.text}, g.name,
     case when a.result = 'canceled' then 'not sent: ' || coalesce(a.reason, '') else coalesce(a.result, 'sending') end${(sent.besides ?? []).map((column) => `, ${column}`).join("")}
   from (
     select x.id from attempt x where x.contact_id = $4 and x.channel = '${channel}' and x.address = $2
     union
     ${answers === undefined ? "" : `${answers}\n     union\n     `}select y.attempt_id from conversation_reply y where y.conversation_id = $1
     order by 1 desc limit $5) of
   join attempt a on a.id = of.id
   left join message m on m.attempt_id = a.id
   left join conversation_reply r on r.attempt_id = a.id
   left join agent g on g.id = r.agent_id
   where ${sent.where})
) lines order by at desc limit $5`;
}
