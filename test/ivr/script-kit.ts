import { formatFinding } from "../../src/ivr/finding.ts";
import { readScript } from "../../src/ivr/read.ts";
import type { Script } from "../../src/ivr/script.ts";

/** The script in this text, which must have no error. */
export function scriptOf(source: string): Script {
  const { script, findings } = readScript(source, "test.yaml");
  if (!script) throw new Error(findings.map(formatFinding).join("\n"));
  return script;
}

export const paymentSource = `# Payment reminder: 1 pay, 2 agent, 9 opt out, * repeat; a machine gets a voicemail drop.
# Keys are quoted: bare # starts a comment and bare * is an alias in YAML.
script: payment-reminder
language: en-US
needs: [first_name, amount_due, due_date] # contact columns; a contact lacking one never gets dialled
max_call_s: 180

numbers: # outside numbers that transfers may name
  collections: "+15550100300"
  payments: "+15550100301"

start: # first step, by who answered
  human: reminder
  machine: voicemail # entered when the greeting ends (beep or silence), not when the machine is recognised
  unknown: reminder # undecided counts as a person
  fax: stop_fax

steps:
  reminder:
    menu:
      - say: "Hello {first_name}. Your payment of {amount_due} was due on {due_date}."
      - say: "To pay now press 1. To speak to an agent press 2. To stop these calls press 9."
    first_digit_s: 6
    tries: 3
    keys: { "1": pay, "2": agent, "9": opt_out, "*": reminder }
    no_input: no_answer_given
    no_match: no_answer_given

  pay:
    transfer: payments
    max_wait_s: 20
    play: [{ say: "Please wait while we connect you to our payment line." }]
    on: { answered: paid, no_agent: agent, hung_up: abandoned_in_queue }

  paid: { end: sent_to_payment_line }

  agent:
    transfer: collections
    max_wait_s: 30
    play: [{ say: "Please wait while we connect you to an agent." }]
    on: { answered: talked, no_agent: call_back, hung_up: abandoned_in_queue }

  talked: { end: handled_by_agent }
  call_back:
    play: [{ say: "All our agents are busy. We will call you back. Goodbye." }]
    end: callback_due
  abandoned_in_queue: { end: abandoned_in_queue }

  opt_out:
    suppress: { channels: [voice], scope: account } # written before the prompt is played
    play: [{ say: "You will not be called again. Goodbye." }]
    end: opted_out

  voicemail:
    play:
      - say: "This is a message for {first_name}. Please call us on 1 800 555 0100."
    end: voicemail_left

  no_answer_given:
    play: [{ say: "We did not hear your choice. Goodbye." }]
    end: no_input

  stop_fax: { end: fax }
`;

export const appointmentSource = `# Appointment reminder: 1 confirm, 2 speak to the desk, 3 cancel, 9 opt out, * repeat. Cancelling is asked twice.
script: appointment-reminder
language: en-US
needs: [first_name, appointment_day, appointment_time]
max_call_s: 150

numbers:
  front_desk: "+15550100310"

start:
  human: reminder
  machine: voicemail
  fax: stop_fax

steps:
  reminder:
    menu:
      - say: "Hello {first_name}. You have an appointment on {appointment_day} at {appointment_time}{% if location != '' %} at {location}{% endif %}."
      - say: "To confirm press 1. To speak to the front desk press 2. To cancel press 3. To stop these calls press 9. To hear this again press star."
    retry: [{ say: "Sorry, that is not one of the choices." }]
    keys: { "1": confirmed, "2": desk, "3": really_cancel, "9": opt_out, "*": reminder }
    no_input: no_answer_given

  confirmed:
    play: [{ say: "Thank you. We look forward to seeing you. Goodbye." }]
    end: confirmed

  desk:
    transfer: front_desk
    max_wait_s: 30
    max_talk_s: 1800
    play: [{ say: "Please wait while we connect you to the front desk." }]
    on: { answered: talked, no_agent: desk_busy, hung_up: gave_up_waiting }

  talked: { end: handled_by_desk }
  desk_busy:
    play: [{ say: "The front desk is busy. We will call you back. Goodbye." }]
    end: callback_due
  gave_up_waiting: { end: gave_up_waiting }

  really_cancel:
    menu: [{ say: "To cancel your appointment press 1. To keep it press 2. To stop these calls press 9." }]
    tries: 2
    keys: { "1": cancelled, "2": confirmed, "9": opt_out }
    no_input: no_answer_given

  cancelled:
    play: [{ say: "Your appointment is cancelled. Goodbye." }]
    end: cancelled

  opt_out:
    suppress: { scope: account } # every channel
    play: [{ say: "You will not be contacted again. Goodbye." }]
    end: opted_out

  voicemail:
    play:
      - say: "This is a message for {first_name}. Please call us about your appointment on 1 800 555 0100."
    end: voicemail_left

  no_answer_given:
    play: [{ say: "We did not hear your choice. Goodbye." }]
    end: no_input

  stop_fax: { end: fax }
`;

export const payment = scriptOf(paymentSource);
export const appointment = scriptOf(appointmentSource);
/** A contact of whom both scripts know enough. */
export const fields = { first_name: "Ann", amount_due: "$12", due_date: "May 1", appointment_day: "Monday", appointment_time: "nine" };
