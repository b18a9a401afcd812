#!/usr/bin/env node
// It runs the functions as Lambda does, in the Node that they are written for.
if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    `renova-local: Node 24 or newer is needed and this is ${process.versions.node}; run it as "npx -p node@24 -p renova renova-local".\n`,
  );
  process.exit(1);
}
await import('./local/main.js');
