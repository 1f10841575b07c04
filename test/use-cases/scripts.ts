/* The call flows of the use cases, as short as they may be. */

/** Where who wants the company's own telephone is connected to. */
export const front = "+15550100310";

/** Says something, and lets people opt out. */
export const tell = `script: tell
language: en-US
start: { human: tell }
steps:
  tell:
    menu: [{ say: "Your parcel is here. To stop these calls press 9." }]
    first_digit_s: 1
    tries: 1
    keys: { "9": stop }
    no_input: told
    no_match: told
  stop: { suppress: { scope: account }, play: [{ say: "Goodbye." }], end: opted_out }
  told: { end: told }
`;

/** For those who call us. */
export const welcome = `script: welcome
language: en-US
start: { human: hello }
everywhere: { "9": stop }
steps:
  hello: { menu: [{ say: "Thank you for calling about your letter. Press 1, or 9 to hear no more." }], keys: { "1": heard }, no_input: heard, tries: 1 }
  heard: { end: heard }
  stop: { suppress: { scope: account }, play: [{ say: "Goodbye." }], end: opted_out }
`;

/** Of agents' campaigns: who answers is connected at once, a machine hears a message. */
export const talk = `script: talk
language: en-US
start: { human: agent, machine: message }
everywhere: { "9": stop }
steps:
  agent: { queue: campaign, on: { answered: talked, no_agent: sorry } }
  sorry: { menu: [{ say: "Sorry, nobody is free. To hear no more of us press 9." }], tries: 1, keys: { "1": gone }, no_input: gone }
  message: { play: [{ say: "Please call us." }], end: voicemail_left }
  stop: { suppress: { scope: account }, play: [{ say: "Goodbye." }], end: opted_out }
  talked: { end: talked }
  gone: { end: abandoned }
`;

/** A notice with an agent on 2, a telephone of the company on 3, and the way out on 9. */
export const parcel = `script: parcel
language: en-US
needs: [first_name]
numbers: { front: "${front}" }
start: { human: hello, machine: message }
everywhere: { "9": stop }
steps:
  hello:
    menu: [{ say: "Hello {first_name}. Your parcel is here. For an agent press 2, for the front desk press 3. To stop these calls press 9." }]
    first_digit_s: 1
    tries: 1
    keys: { "2": agent, "3": outside }
    no_input: bye
    no_match: bye
  agent: { queue: campaign, play: [{ say: "Please wait. To stop these calls press 9." }], on: { answered: talked, no_agent: bye } }
  outside: { transfer: front, play: [{ say: "Please wait. To stop these calls press 9." }], on: { answered: handed_on, no_agent: bye } }
  message: { play: [{ say: "Please call us." }], end: voicemail_left }
  stop: { suppress: { scope: account }, play: [{ say: "Goodbye." }], end: opted_out }
  talked: { end: talked }
  handed_on: { end: handed_on }
  bye: { end: told }
`;

/** Asks for the right person, says what is due, and offers an agent, paying, and a link by SMS or e-mail. */
export const collect = `script: collect
language: en-US
needs: [first_name, amount_due]
right_party: debt
start: { human: greeting, machine: message }
everywhere: { "9": stop }
steps:
  greeting: { menu: [{ say: "A message for {first_name}. If that is you press 1. To stop these calls press 9." }], tries: 2, keys: { "1": debt }, no_input: bye }
  debt:
    menu: [{ say: "You owe" }, { say_as: money, value: "{amount_due}", currency: USD }, { say: "For an agent press 1, to pay 2, for a link by text 3, by mail 4. To stop these calls press 9." }]
    tries: 2
    keys: { "1": agent, "2": pay, "3": by_sms, "4": by_mail }
    no_input: bye
  agent: { queue: campaign, play: [{ say: "Please wait. To stop these calls press 9." }], on: { answered: talked, no_agent: bye } }
  pay: { webhook: take_payment, send: { amount: "{amount_due}" }, save: { receipt: receipt }, play: [{ say: "One moment. To stop these calls press 9." }], on: { paid: paid, error: bye } }
  paid: { play: [{ say: "Thank you. Goodbye." }], end: paid }
  by_sms: { send: { channel: sms, template: link-text }, next: sent }
  by_mail: { send: { channel: email, template: link-letter }, next: sent }
  sent: { play: [{ say: "It is on its way. Goodbye." }], end: link_sent }
  message: { play: [{ say: "Please call us." }], end: voicemail_left }
  stop: { suppress: { scope: account }, play: [{ say: "Goodbye." }], end: opted_out }
  talked: { end: talked }
  bye: { end: no_input }
`;

/** How likely somebody is to recommend us. */
export const survey = `script: survey
language: en-US
start: { human: ask }
everywhere: { "*": stop }
steps:
  ask: { survey: [{ say: "From 0 to 10, would you recommend us? To stop these calls press star." }], question: nps, to: 10, tries: 1, next: done, no_input: done }
  done: { end: answered }
  stop: { suppress: { scope: account }, play: [{ say: "Goodbye." }], end: opted_out }
`;
