/** What answers mean where nothing was asked, a bar between them; \n, \r and \u200b are written out. */
export const meanings: Readonly<Record<string, string>> = {
  stop: String.raw`
    STOP | stop | Stop. | sToP!!! | "STOP" | *stop* | #stop | (stop) | S.T.O.P. | s t o p | S-T-O-P | ＳＴＯＰ | ｓｔｏｐ！ | stóp | STO\u200bP | stop 😡 |
    🛑 STOP 🛑 | STOP STOP STOP | stop stop stop stop stop stop stop stop stop stop stop stop stop stop stop | STOPP | stpo | END | End. | QUIT |
    quit it | CANCEL | Cancel please | UNSUBSCRIBE | unsubscribe me | Unsubscribe me from this list | un-subscribe | unsubscribed | OPTOUT |
    OPT OUT | opt-out | Opt out please | opt me out | I want to opt out | I would like to opt out of these messages | opt me out of your list |
    REVOKE | revoke my consent | I revoke my permission | please stop | Please, stop! | pls stop | stop please | STOP PLEASE thank you | ok stop |
    stop now | STOP texting me | Stop texting me!! | stop texting my phone | stop sending me messages | stop sending me texts please |
    please stop sending texts to this number | stop messaging me right now | stop these messages | stop this | stop it | stop calling me |
    stop all calls | Stop spamming me | end these messages | quit texting me | cancel my subscription | cancel these alerts |
    cancel all notifications | no more texts | no more | No more messages please | dont text me | don't text me | don’t text me again |
    DO NOT TEXT ME | do not text me anymore | do not contact me | Don't contact me ever again | do not call or text me |
    don't send me any more messages | never text me again | remove me | remove me from your list | please remove my number |
    take me off your list | Take me off this list now | leave me alone | delete my number | Can I stop this | I want this to stop |
    I want to cancel | I need to unsubscribe | yes stop | hi, please stop | stop sms | text stop | help stop | stop help | START STOP | no stop |
    NO | no. | No! | no thanks | No thank you | nope | NO NO NO | alto | ¡Alto! | ALTO por favor | parar | PARE | basta | BASTA YA | cancelar |
    cancelar suscripción | cancele por favor | baja | dar de baja | darme de baja de la lista | no más | NO MAS MENSAJES |
    no más mensajes por favor | no me envíen mensajes | no me envien más mensajes de texto | no quiero mensajes | no quiero recibir más mensajes |
    dejen de enviarme mensajes | dejen de llamarme | stop por favor | salir | para | Para por favor | fin | FIN. | arrêt | ARRET | Arrêter |
    arrêtez svp | arrêt s'il vous plaît | désabonner | désinscription | ne plus recevoir de messages | stop svp | stopp bitte | abmelden |
    Bitte abmelden | Kündigen | bitte keine SMS mehr | Ende | sair | Não envie mais mensagens | fermare | basta messaggi |
    cancellami dalla lista | smettere di inviare messaggi | afmelden | geen berichten meer aub | СТОП | стоп! | отписка | Отписаться | 停止 | 退订 |
    ＴＤ | 配信停止 | ストップ | 수신거부 | 중지 | HỦY | từ chối | tigil | tama na po | STOP\nSent from my iPhone |
    Stop\n\nOn Tue you wrote: Your payment of $5 is due | stop\r\nBob Jones, plumber | Stop emailing me | stop e-mailing me! |
    Unsubscribe me from all e-mails | Please remove me from your mailing list | no more emails please | do not send me any more e-mails |
    please stop these e-mails | I no longer wish to receive these emails | remove my e-mail address from your database |
    no me envíen más correos electrónicos | Ne m'envoyez plus de mails | Bitte keine E-Mails mehr |
    Bitte streichen Sie mich aus Ihrem Verteiler | não quero receber mais e-mails | non inviatemi più email | geen e-mails meer aub`,
  "stop all": `
    STOPALL | stop all | STOP ALL | Stop-all | stop all please | END ALL | cancel all | unsubscribe all | opt out of all | stop everything |
    Stop all messages | alto todo | stop alles | parar tudo | cancelar tudo já`,
  help: String.raw`
    HELP | help | Help! | HELP ME | help please | I need help | need help with this | can I get help | INFO | info | more info | send me info |
    HLEP | HLP? | hlp | ＨＥＬＰ | h.e.l.p | information please | ayuda | AYUDA POR FAVOR | necesito ayuda | información | aide | aide svp | Hilfe |
    bitte hilfe | ajuda | aiuto | hulp | помощь | ヘルプ | 帮助 | 도움말 | tulong po | HELP\nBob`,
  start: `
    START | Start! | ＳＴＡＲＴ | start please | please start | yes start | UNSTOP | un-stop | subscribe | OPT IN | optin | opt back in | resubscribe |
    RESUME | empezar | comenzar por favor | alta | reprendre | anmelden | iniciar | старт | 開始 | 시작`,
  nothing: `
    bus stop on 5th | I'm at the bus stop | stop by tomorrow | stop on 5th | meet me at the stop sign | don't stop | dont stop | Do not stop |
    never stop | please don't stop texting me | can't stop | won't stop paying | I did not stop payment | stop payment on my check | stop loss |
    nonstop | stopwatch | unstoppable | stops | cancel my appointment | Cancel my order | please cancel the payment | I don't want to cancel |
    do not cancel | cancel culture | end of month | by the end of the week | in the end I paid | I will pay at the end | quit my job |
    I quit smoking | weekend | the weekend | revoke the license | no problem | no I already paid | No, tomorrow | No he is at work | not now |
    not sure | know | nothing | november | yes | YES please | ok | thanks | Thank you | hi | 1 | 2 | pay | I paid | call me | Call me please |
    text me | send me a message | texting me | who is this | What is this? | How much do I owe? | helpful | that helped | this is not helpful |
    information desk on 2nd | infomercial | help wanted sign | start date | started | please start the car | start texting me | when do we start |
    did you start | I will start paying | opt | out | opt for a plan | opt in to the payment plan | subscribe to my channel | remove |
    remove the charge | take me to the bank | take the balance off | delete the account | para mañana | esto es para mi | para ti | al fin pagué |
    fin de semana | no tengo dinero | no puedo pagar | baja el volumen | alta tensión | cancelar mi cita | non merci beaucoup monsieur |
    email me the bill | stop at my address | remove the mail | I no longer want the car | fin de mois | Ende Mai | am Ende des Monats | fine | it's fine | я не хочу отписаться | 🛑 | . | ... | 😀`,
};
