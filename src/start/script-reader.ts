import { serveWork } from "../adapter/reader/serve.ts";
import { scriptWork } from "../ivr/script-work.ts";

/* What runs in the processes that read scripts: the parts of a script that it is given are read and judged here. */

serveWork(scriptWork);
