// Open pages in a headless Chromium and tell what each of them does and shows.
//
// Reads {chromium, origin, paths} as JSON from stdin, writes one JSON object a page to
// stdout. Nothing but the origin is reachable: no other name is looked up.

const { chromium } = require("playwright-core");

const TABS = 4;
const TIMEOUT = 60_000;
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

// Runs in the page. A post's script would be found by what it sets when it runs, and,
// where it waits for a click or a key, by the attribute or element it stands in.
function look() {
  const text = (selector) => document.querySelector(selector)?.textContent ?? null;
  const armed = [];
  for (const element of document.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      const runs = /^on/i.test(name) && /__canary/.test(value);
      const opens = /^[\s\x00-\x20]*(javascript|vbscript|data:text|data:image\/svg)/i;
      const active = /^(href|src|action|formaction|xlink:href|data|srcdoc|to|values)$/i;
      if (runs || (active.test(name) && opens.test(value))) {
        armed.push(`${element.tagName} ${name}=${value}`.slice(0, 200));
      }
    }
    const type = element.getAttribute("type") ?? "";
    if (element.tagName === "SCRIPT" && !/json|template/.test(type)) {
      if (/__canary/.test(element.src + element.text)) {
        armed.push(`SCRIPT ${element.text.match(/.{0,80}__canary.{0,80}/)}`);
      }
    }
  }
  const article = document.querySelector("article");
  // Landscape's script writes what an image's alt says below it.
  const copy = article?.cloneNode(true);
  copy?.querySelectorAll("span.caption").forEach((caption) => caption.remove());
  const footer = [...document.querySelectorAll("footer")].at(-1);
  return {
    canary: window.__canary ?? null,
    armed,
    title: document.title,
    heading: text('h1[itemprop~="headline"]'),
    titles: [...document.querySelectorAll(".article-title")].map((title) =>
      title.textContent.trim(),
    ),
    text: copy?.textContent ?? "",
    images: [...document.images].map((image) => image.getAttribute("src")),
    whole: Boolean(footer) && !article?.contains(footer),
  };
}

async function visit(page, origin, path) {
  const seen = { path, dialogs: [], requests: [], errors: [] };
  const onDialog = (dialog) => {
    seen.dialogs.push(dialog.message());
    return dialog.dismiss();
  };
  const onRequest = (request) => {
    if (!request.url().startsWith(`${origin}/`)) {
      seen.requests.push([request.resourceType(), request.url().slice(0, 300)]);
    }
  };
  const onError = (error) => seen.errors.push(String(error).slice(0, 300));
  page.on("dialog", onDialog).on("request", onRequest).on("pageerror", onError);
  await page.goto(origin + path, { waitUntil: "load" });
  // Let run what the page has left for later.
  await page.evaluate(
    () => new Promise((done) => requestIdleCallback(() => requestAnimationFrame(done))),
  );
  Object.assign(seen, await page.evaluate(look), { url: page.url() });
  page.off("dialog", onDialog).off("request", onRequest).off("pageerror", onError);
  return seen;
}

async function main() {
  let input = "";
  for await (const chunk of process.stdin) input += chunk;
  const { chromium: executablePath, origin, paths } = JSON.parse(input);
  const browser = await chromium.launch({ executablePath, args: FLAGS, timeout: TIMEOUT });
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    context.setDefaultTimeout(TIMEOUT);
    const queue = [...paths];
    const work = async () => {
      const page = await context.newPage();
      for (let path; (path = queue.shift()) !== undefined; ) {
        process.stdout.write(`${JSON.stringify(await visit(page, origin, path))}\n`);
      }
    };
    await Promise.all(Array.from({ length: TABS }, work));
  } finally {
    await browser.close();
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
