// node benchmarks/replay_cheerio.cjs SECONDS FOLDER: pages a second that cheerio takes
// the body's HTML from; needs cheerio where NODE_PATH says (npm install cheerio).
const { readdirSync, readFileSync } = require("node:fs");
const { join } = require("node:path");
const { load } = require("cheerio");

const [seconds, folder] = [Number(process.argv[2]), process.argv[3]];
const names = readdirSync(folder).filter((name) => name.endsWith(".html")).sort();
const pages = names.map((name) => readFileSync(join(folder, name), "utf-8"));
const read = (page) => load(page)("#artibody").html();
if (!read(pages[0])) throw new Error("cheerio finds nothing in a page");
const start = performance.now();
let count = 0;
while (performance.now() - start < seconds * 1000) {
  read(pages[count % pages.length]);
  count += 1;
}
console.log((count * 1000) / (performance.now() - start));
