#!/usr/bin/env node
// Runs the command line on the Node 24 that comes with the project, whatever the system's Node is.
const { spawn } = require("node:child_process");
const { existsSync } = require("node:fs");
const { constants } = require("node:os");
const { join, resolve } = require("node:path");

const root = resolve(__dirname, "..");
const shipped = join(root, "node_modules", ".bin", "node");
const node = existsSync(shipped) ? shipped : process.execPath;
// What Node has compiled it keeps here: a command takes a third of the time from the second one on. Not in the machine's temporary folder, where somebody else
// could lay down what is run. Where this folder cannot be written, Node does without.
const compiled = { NODE_COMPILE_CACHE: join(root, "node_modules", ".cache", "carillon") };
const run = spawn(node, [join(root, "src", "cli.ts"), ...process.argv.slice(2)], { stdio: "inherit", env: { ...compiled, ...process.env } });

// systemd, docker and kill send a signal to this process alone: it is the program's. Ctrl-C in a terminal reaches the program by
// itself, as one of the same group, and the second one would end it at once instead of politely.
for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"]) {
  process.on(signal, () => {
    if (signal !== "SIGINT" || !process.stdin.isTTY) run.kill(signal);
  });
}
// npm and npx run this through a shell, which a signal ends without a word to us: `kill` of npx would leave the program behind, with its ports and its
// database. So when whoever started us is gone, the program ends as if it had been told to itself.
if (process.env.npm_lifecycle_event !== undefined && process.ppid !== 1) {
  const parent = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(look);
    run.kill("SIGTERM");
  }, 500);
}
run.on("error", (error) => {
  console.error(`carillon: cannot start ${node}: ${error.message}`);
  process.exit(1);
});
// As a shell tells it: 128 and the signal's number.
run.on("exit", (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
