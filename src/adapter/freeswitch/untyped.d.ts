declare module "drachtio-modesl";
declare module "drachtio-fsmrf";
declare module "drachtio-fsmrf/lib/mediaserver.js";
