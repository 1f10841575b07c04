declare module "drachtio-modesl";
declare module "drachtio-fsmrf";
