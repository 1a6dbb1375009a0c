// What the page weighs, gzipped; fails when the part that every visit loads
// grows beyond its bound. hls.js comes only with the first "Listen here".
import { readFileSync, readdirSync } from "node:fs";
import { gzipSync } from "node:zlib";

const bound = 120 * 1024;
const folder = new URL("../dist/assets/", import.meta.url);
let first = 0;
for (const name of readdirSync(folder)) {
  const size = gzipSync(readFileSync(new URL(name, folder))).length;
  const lazy = name.startsWith("hls");
  if (!lazy) first += size;
  console.log(`${(size / 1024).toFixed(1).padStart(7)} KiB  ${name}${lazy ? "  (when listening)" : ""}`);
}
console.log(`${(first / 1024).toFixed(1).padStart(7)} KiB  first visit, of ${bound / 1024} KiB`);
process.exitCode = first > bound ? 1 : 0;
