import t from "tap";
import { loadCampaign, noLeaks, numberOf, openServer, run, seed } from "./calls-kit.ts";

t.setTimeout(280_000);

t.test("what costs too much is not called, however it came into the list, nor transferred to", async (t) => {
  const dear = "+19002345678";
  const abroad = "+18765550100";
  const home = "+12125550601";
  const asks = "+12125550602";
  const countries = { countries: ["US"], premium: false };
  // The desk of the script is at home; the group that the last one is connected to is not.
  const script = `
script: calls-test
language: en-US
needs: [first_name]
max_call_s: 60
numbers: { desk: "${abroad}" }
start: { human: hello, unknown: hello }
steps:
  hello:
    menu: [{ say: "Press 1 or 2." }]
    first_digit_s: 2
    tries: 1
    keys: { "1": one, "2": desk }
    no_input: one
    no_match: one
  one: { end: pressed_one }
  desk:
    transfer: desk
    max_wait_s: 15
    play: [{ say: "Please wait." }]
    on: { answered: talked, no_agent: nobody, hung_up: left }
  talked: { end: talked }
  nobody: { end: nobody }
  left: { end: left }
`;
  const server = await openServer(t, { [home]: "presses:1", [asks]: "presses:2" }, { destinations: countries });
  const campaign = await loadCampaign(server, "guarded", [dear, abroad, home, asks].map(numberOf), undefined, script);
  const attempts = await run(server, campaign);
  const of = (number: string) => attempts.find(({ address }) => address === number);
  // The gate was not told here: it is the last look before the INVITE that holds.
  t.match(of(dear), { result: "canceled", reason: /premium-number/ }, `seed ${seed}`);
  t.match(of(abroad), { result: "canceled", reason: /country-not-allowed/ });
  t.match(of(home), { result: "human", outcome: "pressed_one" });
  t.match(of(asks), { result: "human", outcome: "nobody" }, "the transfer was refused, and the script went on");
  t.same(server.far.carrier.books.calls.map(({ called }) => called).sort(), [home, asks], "nothing else reached the carrier");
  await noLeaks(t, server);
  await server.close();
});
