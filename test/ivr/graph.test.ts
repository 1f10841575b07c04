import { instance } from "@viz-js/viz";
import t from "tap";
import { graphOf } from "../../src/ivr/graph.ts";
import { dot } from "../../src/ivr/graph-dot.ts";
import { mermaid } from "../../src/ivr/graph-mermaid.ts";
import { readScript } from "../../src/ivr/read.ts";
import type { Script } from "../../src/ivr/script.ts";

function script(steps: string, head = ""): Script {
  const { script: read, findings } = readScript(
    `script: drawn\nlanguage: en-US\n${head}start: { human: begin, machine: drop }\nsteps:\n${steps}`,
    "drawn.yaml",
  );
  if (!read) throw new Error(JSON.stringify(findings, null, 1));
  return read;
}

const common = `
  done: { end: finished }
  drop: { end: dropped }
  opt_out: { suppress: { scope: account }, play: [{ say: "You will not be called again." }], end: opted_out }
`;

const titles = (drawn: Script) => {
  const graph = graphOf(drawn);
  const name = new Map(graph.nodes.map((node) => [node.id, node.title]));
  return graph.edges.map(({ from, to, label, kind }) => `${name.get(from)} -${label}-> ${name.get(to)} ${kind}`);
};

t.test("every way out of every verb is drawn, and only those", async (t) => {
  const drawn = script(
    `
  begin:
    menu: [{ say: "To pay press 1. To talk press 2. To hear this again press star. To stop press 9." }]
    keys: { "1": ask, "2": desk, "*": begin, "9": opt_out }
    no_input: done
    no_match: scored
  ask:
    webhook: take_payment
    play: [{ say: "One moment." }]
    on: { paid: done, declined: desk, error: desk, timeout: begin }
  desk:
    transfer: front_desk
    play: [{ say: "Please wait." }]
    on: { answered: done, busy: later, no_answer: later, failed: later, hung_up: done }
  scored:
    survey: [{ say: "From 0 to 10?" }]
    question: nps
    from: 0
    to: 10
    next: which
    no_input: done
  which:
    branch: nps
    on: { "0..6": comment, "7..10": done }
    else: done
  comment:
    record: [{ say: "Tell us why." }]
    consent: [{ say: "To agree to be recorded press 1." }]
    declined: done
    into: reason
    no_input: done
    next: thanks
  thanks: { set: { name: "{nps}" }, next: message }
  message: { send: { channel: sms, template: thanks }, next: spanish }
  spanish: { switch_language: es-US, next: done }
  later: { callback: { in_s: 3600 }, end: callback_due }
${common}`,
    'languages: [es-US]\nfallback: { es-US: en-US }\nnumbers: { front_desk: "+15550100310" }\n',
  );
  t.same(titles(drawn), [
    "answered by human or unknown --> begin way",
    "answered by machine --> drop way",
    "begin -1-> ask way",
    "begin -2-> desk way",
    "begin -9-> opt_out way",
    "begin -*-> begin way",
    "begin -silence-> done again",
    "begin -wrong key-> scored again",
    "ask -paid-> done way",
    "ask -declined, else, error-> desk way",
    "ask -timeout-> begin way",
    "desk -answered-> done way",
    "desk -busy, no answer, failed-> later way",
    "desk -hung up-> done left",
    "scored -0–10-> which way",
    "scored -silence, wrong key-> done again",
    "which -0..6-> comment way",
    "which -7..10, else-> done way",
    "comment -recorded-> thanks way",
    "comment -silence-> done again",
    "comment -declined-> done way",
    "thanks --> message way",
    "message --> spanish way",
    "spanish --> done way",
    "later --> callback_due way",
    "done --> finished way",
    "drop --> dropped way",
    "opt_out --> opted_out way",
  ]);
  const graph = graphOf(drawn);
  t.same(
    graph.nodes.filter((node) => node.optsOut).map((node) => node.title),
    ["opt_out"],
    "the opt-out is marked",
  );
});

t.test("keys that work everywhere are drawn once", async (t) => {
  const drawn = script(
    `
  begin: { play: [{ say: "Press 9 or star." }], next: done }
${common}`,
    'everywhere: { "9": opt_out, "0": opt_out, "*": begin }\n',
  );
  const ways = titles(drawn).filter((way) => way.startsWith("everywhere"));
  t.same(ways, ["everywhere -0, 9-> opt_out way", "everywhere -*-> begin way"]);
  t.match(mermaid(graphOf(drawn)), /\(\["<b>everywhere<\/b>"\]\)/);
});

t.test("what an author writes cannot become markup, a link or another node", async (t) => {
  const hostile = script(`
  begin:
    menu: [{ say: 'Press 9"]; click s0 "javascript:alert(1)" <script>alert(1)</script> \\\\N %% & end' }]
    keys: { "9": opt_out }
    no_input: done
${common}`);
  const graph = graphOf(hostile);
  const text = mermaid(graph);
  t.notMatch(text, /<script|"\]; click|javascript:alert\(1\)"/);
  t.equal(text.split("\n").filter((line) => /^\s*(click|%%|end)\b/.test(line)).length, 0);
  const svg = (await instance()).renderString(dot(graph), { format: "svg" });
  t.notMatch(svg, /<script/);
  t.notMatch(svg, /(href|onclick)=/, "nothing to click on");
  t.match(svg, /&lt;script&gt;/, "it is shown as it was written");
  t.equal([...svg.matchAll(/class="node"/g)].length, graph.nodes.length, "no node more, none less");
  t.equal([...svg.matchAll(/class="edge"/g)].length, graph.edges.length);
});
