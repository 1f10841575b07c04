import t from "tap";
import { attemptOfClick, clickLink, withTrackedLinks } from "../../src/email/click.ts";
import { world } from "../api/world.ts";

const key = "a key of thirty-two octets, for tests";
const publicUrl = "https://mail.example.com/";
const target = "https://shop.example/a?b=1&c=('x')#d";

t.test("links in HTML lead over ours, but for those that unsubscribe and those that lead nowhere on the web", (t) => {
  const html = (href: string) => `<p><a class="x>y" href=${href} id=z>go</a> https://shop.example</p>`;
  const link = clickLink(publicUrl, key, "42", target);
  t.match(link, /^https:\/\/mail\.example\.com\/l\/42\.[a-z2-7]{16}\?to=https%3A%2F%2Fshop[^'"()&<> ]*$/);
  const written = `"${target.replace("&", "&amp;")}"`;
  t.equal(withTrackedLinks(html(written), publicUrl, key, "42"), html(`"${link}"`));
  const single = `'${target.replace("&", "&#38;").replaceAll("'", "&#39;")}'`;
  t.notMatch(withTrackedLinks(html("'https://shop.example/'"), publicUrl, key, "42"), /'https/, "in single quotes, too");
  t.equal(withTrackedLinks(html(single), publicUrl, key, "42"), html(`"${link}"`), "however its signs are written");
  for (const href of ["https://mail.example.com/u/42.abc/campaign", "mailto:a@example.com", "#top", "javascript:alert(1)", "/relative", ""])
    t.equal(withTrackedLinks(html(`"${href}"`), publicUrl, key, "42"), html(`"${href}"`), href);
  const to = new URL(link).searchParams.get("to") ?? "";
  const mark = new URL(link).pathname.slice(3);
  t.equal(to, target);
  t.equal(attemptOfClick(key, mark, to), "42");
  t.equal(attemptOfClick(key, mark, "https://evil.example/"), undefined, "a link leads nowhere else");
  t.equal(attemptOfClick(key, mark.replace("42.", "43."), to), undefined, "nor is it another attempt's");
  t.equal(attemptOfClick("another key, of thirty-two octets too", mark, to), undefined);
  const script = clickLink(publicUrl, key, "42", "javascript:alert(1)");
  t.equal(attemptOfClick(key, new URL(script).pathname.slice(3), "javascript:alert(1)"), undefined, "nor off the web, though it were signed");
  t.end();
});

t.test("whoever follows a link gets there, and counts once for it", async (t) => {
  const { ask, stores } = await world(t, {}, { "email.key": key, "email.publicUrl": publicUrl });
  const { rows } = await stores.pool.query<{ id: string }>(
    `insert into attempt (channel, address, state, result, node, permit_until, reserved_at, ended_at)
     values ('email', 'ann@example.org', 'ended', 'sent', 'node-1', now(), now(), now()) returning id::text`,
  );
  const id = rows[0]?.id ?? "";
  const path = (to: string) => clickLink(publicUrl, key, id, to).slice(publicUrl.length - 1);
  const events = async () => {
    const text = "select detail from attempt_event where attempt_id = $1 order by id";
    return (await stores.pool.query<{ detail: object }>(text, [id])).rows.map(({ detail }) => detail);
  };
  const head = await ask("HEAD", path(target));
  t.match(head, { status: 302, headers: { location: target, "cache-control": "no-store" } });
  t.equal((await ask("GET", path(target), undefined, { "sec-purpose": "prefetch" })).status, 302);
  t.same(await events(), [], "looking whether it is there is not following it");
  const answers = await Promise.all([1, 2, 3].map(() => ask("GET", path(target), undefined, { "user-agent": "Mail" })));
  for (const answer of answers) t.match(answer, { status: 302, headers: { location: target, "referrer-policy": "no-referrer" } });
  t.same(await events(), [{ clicked: target, program: "Mail" }]);
  await ask("GET", path("https://shop.example/other"));
  t.equal((await events()).length, 2, "another link is another click");
  const elsewhere = await ask("GET", path(target).replace("shop.example", "evil.example"));
  t.equal(elsewhere.status, 404);
  t.equal(elsewhere.headers["location"], undefined);
  t.equal((await ask("GET", "/l/1.abc")).status, 404);
  t.equal((await ask("GET", "/l/%00?to=%ff")).status, 404);
  t.equal((await ask("POST", path(target), {})).status, 404);
});
