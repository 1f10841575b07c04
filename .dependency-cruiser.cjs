// The import rules of the house (docs/architecture.md). Rooms are the folders of src; whatever is not allowed below is forbidden.
// TypeScript 7 has no compiler API that dependency-cruiser could use, so it parses with swc.
const room = (name) => `^src/${name}/`;
const allowed = {
  kernel: [],
  contact: ["kernel"],
  attempt: ["kernel"],
  template: ["kernel"],
  access: ["kernel"],
  compliance: ["kernel", "contact", "attempt"],
  strategy: ["kernel", "contact", "attempt", "compliance", "template"],
  ivr: ["kernel", "attempt", "template"],
  agent: ["kernel", "attempt", "template"],
  report: ["kernel", "attempt", "template"],
  webhook: ["kernel", "attempt", "template"],
  voice: ["kernel", "attempt", "compliance", "ivr", "agent"],
  sms: ["kernel", "attempt", "compliance", "template"],
  email: ["kernel", "attempt", "compliance", "template"],
  privacy: ["kernel", "attempt", "compliance"],
  lab: ["kernel"],
};
const domain = Object.keys(allowed);

const rules = domain.map((name) => ({
  name: `${name}-imports`,
  comment: `${name} may import only itself and: ${allowed[name].join(", ") || "nothing"}`,
  severity: "error",
  from: { path: room(name) },
  to: { path: "^src/", pathNot: [room(name), ...allowed[name].map(room)] },
}));

module.exports = {
  forbidden: [
    ...rules,
    {
      name: "config-imports",
      comment: "config may import kernel and each room's options.ts",
      severity: "error",
      from: { path: room("config") },
      to: { path: "^src/", pathNot: [room("config"), room("kernel"), "/options\\.ts$"] },
    },
    {
      name: "api-imports",
      comment: "api may import rooms, never an adapter, the lab or the composition root",
      severity: "error",
      from: { path: room("api") },
      to: { path: ["^src/adapter/", "^src/lab/", "^src/main", "^src/cli"] },
    },
    {
      name: "adapter-no-other-adapter",
      comment: "an adapter never imports another adapter",
      severity: "error",
      from: { path: "^src/adapter/([^/]+)/" },
      to: { path: "^src/adapter/", pathNot: "^src/adapter/$1/" },
    },
    {
      name: "adapter-ports-only",
      comment: "an adapter may import kernel, any ports.ts, options.ts and pure type files, never an engine, a session, the api, the lab or main",
      severity: "error",
      from: { path: "^src/adapter/" },
      to: { path: ["-engine\\.ts$", "session\\.ts$", "^src/api/(?!(answer-|timeline-)?ports\\.ts$)", "^src/lab/", "^src/main", "^src/cli"] },
    },
    {
      name: "not-to-the-root",
      comment: "nobody imports the composition root or a command",
      severity: "error",
      from: { path: "^src/", pathNot: ["^src/main\\.ts$", "^src/cli\\.ts$", "^src/command/", "^src/start/"] },
      to: { path: ["^src/main\\.ts$", "^src/cli\\.ts$", "^src/command/", "^src/start/"] },
    },
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    { name: "not-to-test", severity: "error", from: { path: "^src/" }, to: { path: "^test/" } },
    {
      name: "no-unresolvable",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "no-dev-dependency",
      comment: "what src uses at run time is a dependency",
      severity: "error",
      from: { path: "^src/" },
      to: { dependencyTypes: ["npm-dev"] },
    },
  ],
  options: {
    parser: "swc",
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: {
      extensions: [".ts", ".js", ".json"],
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "require"],
    },
  },
};
