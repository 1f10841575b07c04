import { readMail } from "../adapter/mailparser/read-mail.ts";
import { serveWork } from "../adapter/reader/serve.ts";

/* The process that MailPool starts. */
serveWork({ read: readMail });
