#!/usr/bin/env node
if (Number(process.versions.node.split('.')[0]) < 20) {
  process.stderr.write(`renova: Node 20 or newer is needed and this is ${process.versions.node}.\n`);
  process.exit(1);
}
await import('./cli/main.js');
