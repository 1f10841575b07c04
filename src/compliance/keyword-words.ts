/*
 * The words by which people opt out, ask for help and come back, as data. STOP, QUIT, END, REVOKE, OPT OUT, CANCEL and UNSUBSCRIBE are such words by law (47 CFR
 * 64.1200(a)(10)); HELP and INFO, and STOP, END, CANCEL, UNSUBSCRIBE, QUIT, by the carriers' rules (CTIA Messaging Principles §5.1.2, short code monitoring handbook); ARRÊT in Canada.
 * Written as they are compared: small letters, without accents and apostrophes. Phrases are separated by commas.
 */

/** Of one language. */
export interface KeywordWords {
  /** Stop, wherever such a word may stand: alone, or with words of `about` and politeness. */
  readonly stop: string;
  /** Stop, for every channel. */
  readonly stopAll?: string;
  /** Stop, only alone or with politeness: words that mean other things in a sentence. */
  readonly stopAlone?: string;
  /** The same, and only where no question was asked. */
  readonly no?: string;
  readonly help: string;
  /** Only alone or with politeness: nobody is put back by a sentence that might mean something else. */
  readonly start: string;
  /** What people say it to us with. */
  readonly polite: string;
  /** What is to stop, for whom, how: words that do not change what the message means. */
  readonly about: string;
}

export const keywordLanguages = ["en", "es", "fr", "de", "pt", "it", "nl", "ru", "zh", "ja", "ko", "vi", "tl"] as const;
export type KeywordLanguage = (typeof keywordLanguages)[number];

export const keywordWords: Readonly<Record<KeywordLanguage, KeywordWords>> = {
  en: {
    stop: `stop, stopp, stopped, stpo, sotp, end, quit, cancel, unsubscribe, unsubscribed, unsubcribe, unsuscribe, un subscribe, optout, opt out, opt me out, opted out, revoke,
      remove me, remove my number, remove this number, take me off, take my number off, delete me, delete my number, leave me alone, no more, dont text, do not text, dont message, do not message,
      dont contact, do not contact, dont send, do not send, dont call, do not call, dont write, do not write, never text, never contact, cease, desist,
      dont email, do not email, never email, dont e mail, do not e mail, dont mail, do not mail, remove from, remove my email, remove my email address, remove my e mail address, remove this email address, remove my address, remove this address, delete my email, delete my email address, delete my e mail address, no longer wish, no longer want,
      do not wish, dont wish`,
    stopAll:
      "stopall, stop all, end all, cancel all, unsubscribe all, quit all, revoke all, stop everything, stop all messages, opt out all, opt out of all",
    no: "no, nope",
    help: "help, info, hlep, hlp, information, helpme",
    start: "start, unstop, un stop, subscribe, resubscribe, re subscribe, optin, opt in, opt me in, opt back in, resume",
    polite:
      "yes, yeah, yep, please, pls, plz, plse, kindly, thanks, thank, you, thx, ty, now, hi, hello, hey, ok, okay, sorry, sir, maam, madam, immediately, just, asap",
    about: `me, us, my, mine, our, i, we, the, this, these, those, that, it, all, any, every, from, to, of, and, or, with, in, for, on, at, your, a, an, is, be, am, im,
      texting, texts, text, txt, txts, txting, email, emails, emailing, emailed, e, mail, mails, mailing, mailings, newsletter, newsletters, database, further, wish, messaging, messages, message, msg, msgs, sms, mms, sending, send, sent, getting, get, receiving, receive, calls, call, calling, contacting, contact, contacts,
      spam, spamming, bothering, bother, harassing, writing, notifications, notification, alerts, alert, reminders, reminder, updates, marketing, promotions, promos, ads, list, lists, number, phone, cell, mobile,
      again, anymore, ever, more, forever, already, today, right, away, subscription, subscriptions, consent, permission, want, wanna, wants, would, like, need, id, can, could, will, must, should, have, has, do`,
  },
  es: {
    stop: `alto, parar, pare, paren, basta, cancelar, cancele, cancelen, cancela, baja, dar de baja, darme de baja, dame de baja, deme de baja, darse de baja, desuscribir, desuscribirme, desuscribirse, desinscribir,
      anular suscripcion, terminar, detener, detenga, detenganse, salir, eliminar, eliminarme, borrarme, no mas, no me envien, no me envies, no me envie, no enviar, no envien, no me manden, no me mandes, no me escriban,
      no me escribas, no me contacten, no me contacte, no me molesten, no me llamen, no quiero mensajes, no quiero mas, no quiero recibir, dejen de, deje de, deja de`,
    stopAll: "alto todo, parar todo, cancelar todo, baja total, no mas mensajes de ningun tipo",
    stopAlone: "para, fin, revocar, revoco",
    help: "ayuda, ayudame, ayudenme, informacion, auxilio",
    start: "comenzar, empezar, iniciar, inicio, alta, suscribir, suscribirme, reanudar, activar",
    polite: "por, favor, porfavor, porfa, gracias, ya, hola, ahora, inmediatamente, señor, señora, buenos, buenas, dias, tardes, muchas",
    about: `de, los, las, la, el, lo, a, al, mi, mis, me, sus, su, estos, estas, este, esta, ese, esos, todo, todos, todas, mas, mensaje, mensajes, texto, textos, sms, enviar, enviarme, envio, envios, mandar, mandarme,
      correo, correos, electronico, electronicos, email, emails, mail, mails, boletin, boletines, newsletter, escribir, escribirme, llamar, llamarme, llamadas, molestar, molestarme, contactar, contactarme, numero, telefono, celular, movil, lista, suscripcion, recibir, quiero, quisiera, necesito, deseo, con, y, en, nunca`,
  },
  fr: {
    stop: `arret, arrets, arreter, arretez, arrete, desabonner, desabonnement, desabonnez, desinscrire, desinscription, annuler, resilier, retirez moi, ne plus recevoir, plus de messages, plus de sms, plus de mail, plus de mails, plus demail, plus demails, plus de courriel,
      plus de courriels, ne menvoyez plus, ne menvoie plus, ne mecrivez plus, ne me contactez plus, supprimez moi, enlevez moi`,
    stopAll: "arret tout, arreter tout, stop tout",
    stopAlone: "fin",
    no: "non",
    help: "aide, aidez, aider, renseignements",
    start: "debut, debuter, commencer, reprendre, reabonner, abonner",
    polite: "svp, stp, merci, s il vous plait, sil vous plait, bonjour, maintenant, immediatement",
    about:
      "de, des, du, les, le, la, l, d, m, me, moi, mon, mes, ces, cet, ce, vos, votre, tout, tous, messages, message, textos, texto, sms, envoyer, envoi, envois, ecrire, appeler, appels, liste, numero, recevoir, veux, je, j, ai, besoin, et, a, plus, mail, mails, email, emails, courriel, courriels, newsletter, diffusion",
  },
  de: {
    stop: `stopp, stoppen, abmelden, abmeldung, abbestellen, abbestellung, kundigen, kundigung, austragen, beenden, aufhoren, widerruf, widerrufen, keine sms mehr, keine nachrichten mehr, keine weiteren,
      keine mail mehr, keine mails mehr, keine email mehr, keine emails mehr, keine e mail mehr, keine e mails mehr, keinen newsletter mehr, streichen sie mich, streicht mich, streichen sie meine, loschen sie mich,
      loeschen sie mich, loschen sie meine, loeschen sie meine, entfernen sie mich, entfernen sie meine, loschen sie meine adresse, loschen sie meine e mail adresse, streichen sie meine adresse, entfernen sie meine adresse, tragen sie mich, nehmen sie mich, schicken sie mir keine, senden sie mir keine, schreiben sie mir nicht mehr`,
    stopAll: "alles stoppen, stopp alles, stop alles, alles abbestellen, alle abbestellen",
    stopAlone: "ende, schluss, raus",
    no: "nein",
    help: "hilfe, hilf, auskunft, infos",
    start: "starten, beginnen, anmelden, anmeldung, fortsetzen",
    polite: "bitte, danke, sofort, hallo, jetzt, vielen, dank",
    about:
      "mich, mir, meine, mein, meiner, diese, dieser, dieses, die, der, das, den, ich, mochte, will, nachrichten, nachricht, sms, liste, nummer, von, aus, zu, mit, mehr, alle, ab, und, senden, schicken, schreiben, anrufen, anrufe, weiteren, werbung, mail, mails, email, emails, newsletter, verteiler, mailverteiler, mailadresse, emailadresse, sie, ihrem, ihrer, ihren, ihre",
  },
  pt: {
    stop: "parar, pare, parem, cancelar, cancele, sair, descadastrar, descadastre, remover, remova, desinscrever, interromper, nao envie, nao enviar, nao enviem, nao mande, nao quero receber, nao quero mais",
    stopAll: "parar tudo, cancelar tudo, sair de tudo",
    stopAlone: "fim, revogar",
    no: "nao",
    help: "ajuda, ajude, informacao, informacoes",
    start: "iniciar, comecar, inscrever, retomar, voltar",
    polite: "por, favor, obrigado, obrigada, agora, ja, ola, bom, dia, imediatamente",
    about:
      "de, os, as, o, a, me, minha, meu, minhas, meus, estas, esta, esse, essas, mensagem, mensagens, sms, enviar, mandar, receber, ligar, numero, lista, mais, todas, todos, da, do, e, quero, eu, email, emails, mail, mails, correio, eletronico, newsletter",
  },
  it: {
    stop: "ferma, fermare, fermate, basta, cancella, cancellami, cancellare, cancellazione, disiscrivi, disiscrivermi, disiscrizione, annulla, rimuovi, rimuovimi, smettere, smettete, smettila, revoca, cancellatemi, rimuovetemi, non inviatemi piu, non mandatemi piu, non scrivetemi piu",
    stopAlone: "esci",
    help: "aiuto, aiutami, informazioni",
    start: "inizia, iniziare, iscrivi, iscrivermi, riprendi",
    polite: "per, favore, grazie, subito, ciao, adesso",
    about:
      "di, i, gli, le, la, il, mi, miei, questi, questo, messaggi, messaggio, sms, inviare, mandare, ricevere, scrivere, chiamare, numero, lista, tutti, dalla, voglio, e, email, mail, newsletter, posta",
  },
  nl: {
    stop: "stoppen, afmelden, uitschrijven, opzeggen, annuleren, beeindigen, geen sms meer, geen berichten meer, geen mail meer, geen mails meer, geen email meer, geen emails meer, geen e mail meer, geen e mails meer, schrijf mij uit",
    stopAlone: "einde",
    no: "nee",
    help: "hulp, informatie",
    start: "starten, aanmelden, hervatten",
    polite: "aub, alstublieft, bedankt, dank, u, nu, hallo",
    about:
      "mij, me, mijn, deze, dit, de, het, van, met, sms, berichten, bericht, sturen, bellen, lijst, nummer, meer, ik, wil, alle, mail, mails, email, emails, nieuwsbrief, uw, jullie",
  },
  ru: {
    stop: "стоп, отписка, отписаться, отпишите, отмена, отменить, прекратите, прекратить, хватит, удалите, удалить",
    help: "помощь, помогите, инфо, информация",
    start: "старт, начать, подписаться, возобновить",
    polite: "пожалуиста, спасибо, сеичас, немедленно",
    about: "мне, меня, мои, эти, это, сообщения, сообщении, смс, присылать, писать, звонить, номер, из, списка, рассылку, рассылки, от, и, больше",
  },
  zh: {
    stop: "停止, 停, 退订, 退訂, 取消, 取消订阅, 取消訂閱, 不要再发, td, tui",
    help: "帮助, 幫助, 说明, 說明",
    start: "开始, 開始, 订阅, 訂閱",
    polite: "请, 請, 谢谢, 謝謝",
    about: "",
  },
  ja: {
    stop: "停止, 配信停止, 解除, 中止, ストップ, やめて, やめてください, 退会",
    help: "ヘルプ, 助けて",
    start: "開始, 再開",
    polite: "お願いします",
    about: "",
  },
  ko: {
    stop: "중지, 정지, 수신거부, 거부, 그만, 취소, 해지",
    help: "도움말, 도움, 안내",
    start: "시작, 재개",
    polite: "제발, 감사합니다",
    about: "",
  },
  vi: {
    stop: "dung, dung lai, huy, huy bo, ngung, tu choi",
    help: "tro giup, giup, giup do",
    start: "bat dau, dang ky",
    polite: "xin, vui, long, cam, on",
    about: "tin, nhan, toi, cho, gui",
  },
  tl: {
    stop: "tigil, itigil, hinto, ihinto, tama na",
    help: "tulong",
    start: "simula, simulan",
    polite: "po, pakiusap, salamat, lang",
    about: "na, ang, mga, text, sa, akin, ninyo, mensahe",
  },
};
