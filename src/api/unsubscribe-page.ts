interface Words {
  readonly question: string;
  readonly button: string;
  readonly done: string;
  /** The same of a link that ends a campaign's e-mail only: nobody is promised what does not hold. */
  readonly questionOfCampaign: string;
  readonly doneOfCampaign: string;
  readonly unknown: string;
}

const english: Words = {
  question: "Do you want no more e-mail from us?",
  button: "Unsubscribe",
  done: "You will get no more e-mail from us.",
  questionOfCampaign: "Do you want no more e-mails of this kind?",
  doneOfCampaign: "You will get no more e-mails of this kind.",
  unknown: "This link is not complete, or not one of ours. Open it once more from the e-mail.",
};

const words: Readonly<Record<string, Words>> = {
  en: english,
  es: {
    question: "¿No quiere recibir más correos nuestros?",
    button: "Darse de baja",
    done: "No recibirá más correos nuestros.",
    questionOfCampaign: "¿No quiere recibir más correos de este tipo?",
    doneOfCampaign: "No recibirá más correos de este tipo.",
    unknown: "Este enlace no está completo o no es nuestro. Ábralo de nuevo desde el correo.",
  },
  fr: {
    question: "Ne plus recevoir d’e-mails de notre part ?",
    button: "Se désabonner",
    done: "Vous ne recevrez plus d’e-mails de notre part.",
    questionOfCampaign: "Ne plus recevoir d’e-mails de ce type ?",
    doneOfCampaign: "Vous ne recevrez plus d’e-mails de ce type.",
    unknown: "Ce lien est incomplet ou ne vient pas de nous. Ouvrez-le de nouveau depuis l’e-mail.",
  },
  de: {
    question: "Möchten Sie keine E-Mails mehr von uns?",
    button: "Abmelden",
    done: "Sie bekommen keine E-Mails mehr von uns.",
    questionOfCampaign: "Möchten Sie keine E-Mails dieser Art mehr?",
    doneOfCampaign: "Sie bekommen keine E-Mails dieser Art mehr.",
    unknown: "Dieser Link ist unvollständig oder nicht von uns. Öffnen Sie ihn noch einmal aus der E-Mail.",
  },
  pt: {
    question: "Não quer receber mais e-mails nossos?",
    button: "Cancelar inscrição",
    done: "Você não receberá mais e-mails nossos.",
    questionOfCampaign: "Não quer receber mais e-mails deste tipo?",
    doneOfCampaign: "Você não receberá mais e-mails deste tipo.",
    unknown: "Este link está incompleto ou não é nosso. Abra-o novamente a partir do e-mail.",
  },
  it: {
    question: "Non vuole più ricevere le nostre e-mail?",
    button: "Annulla iscrizione",
    done: "Non riceverà più le nostre e-mail.",
    questionOfCampaign: "Non vuole più ricevere e-mail di questo tipo?",
    doneOfCampaign: "Non riceverà più e-mail di questo tipo.",
    unknown: "Questo link è incompleto o non è nostro. Lo apra di nuovo dall’e-mail.",
  },
};

/** The first language of a browser that we have (RFC 9110 §12.5.4, in the order of the list). */
function languageOf(accepted: string | undefined): string {
  const wanted = (accepted ?? "")
    .slice(0, 500)
    .split(",")
    .map((part) => part.trim().slice(0, 2).toLowerCase());
  return wanted.find((language) => Object.hasOwn(words, language)) ?? "en";
}

/** A page for everybody: no script, no style, no name. @param accepted Accept-Language */
export function unsubscribePage(kind: "ask" | "done" | "unknown", accepted: string | undefined, scope: "account" | "campaign" = "account"): string {
  const language = languageOf(accepted);
  const { button, unknown, ...all } = words[language] ?? english;
  const { question, done } = scope === "account" ? all : { question: all.questionOfCampaign, done: all.doneOfCampaign };
  const title = kind === "ask" ? question : kind === "done" ? done : unknown;
  // To where the page itself came from.
  const form = kind === "ask" ? `\n<form method="post"><p><button type="submit">${button}</button></p></form>` : "";
  return `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex"><title>${title}</title></head>
<body><main><h1>${title}</h1>${form}</main></body>
</html>
`;
}
