#!/usr/bin/env node
// Runs the command line on the Node 24 that comes with the project, whatever the system's Node is.
const { spawnSync } = require("node:child_process");
const { existsSync } = require("node:fs");
const { join, resolve } = require("node:path");

const root = resolve(__dirname, "..");
const shipped = join(root, "node_modules", ".bin", "node");
const node = existsSync(shipped) ? shipped : process.execPath;
const run = spawnSync(node, [join(root, "src", "cli.ts"), ...process.argv.slice(2)], { stdio: "inherit" });
process.exit(run.status ?? 1);
