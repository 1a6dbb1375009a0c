// Many receivers in one process, each in a thread of its own.
//
//   node fleet.js CERT KEY COUNT
//
// prints "N LINE" for each line of receiver N, and takes "N ORDER" on its
// standard input. A receiver that fails says {"error":…}.
'use strict';
const path = require('path');
const readline = require('readline');
const { Worker } = require('worker_threads');

const [, , cert, key, count] = process.argv;
const workers = [];
for (let n = 0; n < Number(count); n++) {
  const worker = new Worker(path.join(__dirname, 'receiver.js'), { argv: [cert, key], stdin: true, stdout: true });
  readline.createInterface({ input: worker.stdout }).on('line', (line) => process.stdout.write(n + ' ' + line + '\n'));
  worker.on('error', (e) => process.stdout.write(n + ' ' + JSON.stringify({ error: String(e && e.stack || e) }) + '\n'));
  workers.push(worker);
}
readline.createInterface({ input: process.stdin })
  .on('line', (line) => {
    const at = line.indexOf(' ');
    workers[Number(line.slice(0, at))].stdin.write(line.slice(at + 1) + '\n');
  })
  .on('close', () => process.exit(0));
