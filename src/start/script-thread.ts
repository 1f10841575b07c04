import { serveWork } from "../adapter/thread/serve.ts";
import { scriptWork } from "../ivr/script-work.ts";

/* What runs in the worker threads of scripts: the parts of a script that it is given are read and judged here. */

serveWork(scriptWork);
