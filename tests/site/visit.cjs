// Read or open pages in a headless Chromium and tell what each of them does and shows.
//
// Reads {chromium, origin, paths, open} as JSON from stdin, writes one JSON object a page
// to stdout. A page that is read is parsed as the browser parses it, but runs and loads
// nothing; one that is opened does all it can. Nothing but the origin is reachable: no
// other name is looked up.

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

// Runs in the browser, on the open page or on one that is only parsed. A post's script
// would be found by what it sets when it runs, and, where it waits for a click or a key,
// by the attribute or element it stands in.
function look(html) {
  const page =
    html === undefined ? document : new DOMParser().parseFromString(html, "text/html");
  const opens = /^[\s\x00-\x20]*(javascript|vbscript|data:text|data:image\/svg)/i;
  const active = /^(href|src|action|formaction|xlink:href|data|srcdoc|to|values)$/i;
  const armed = [];
  const arm = (element, text) => armed.push(`${element.tagName} ${text}`.slice(0, 200));
  const isJson = (text) => {
    try {
      return Boolean(JSON.parse(text));
    } catch {
      return false;
    }
  };
  for (const element of page.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      const runs = /^on/i.test(name) && /__canary/.test(value);
      if (runs || (active.test(name) && opens.test(value))) arm(element, `${name}=${value}`);
    }
  }
  for (const script of page.querySelectorAll("script")) {
    const type = script.getAttribute("type") ?? "";
    const text = script.getAttribute("src") ?? script.textContent;
    const runs = !/json|template/.test(type) && /__canary/.test(text);
    if (runs || (/json/.test(type) && !isJson(text))) {
      arm(script, text.match(/.{0,80}__canary.{0,80}/)?.[0] ?? text);
    }
  }

  const article = page.querySelector("article");
  // Landscape's script writes what an image's alt says below it.
  const copy = article?.cloneNode(true);
  copy?.querySelectorAll("span.caption").forEach((caption) => caption.remove());
  const footer = [...page.querySelectorAll("footer")].at(-1);
  const heading = page.querySelector('h1[itemprop~="headline"]');
  const body = page.querySelector('[itemprop~="articleBody"]');

  // What the page is made of: its elements and attributes, and which of the signs that
  // mean something to HTML or to a script stand in the texts and values of its article.
  const signs = (text) => [...new Set(text.match(/[<>"'`&\\$]|\{\{|javascript:/g))].sort();
  const make = [...page.querySelectorAll("*")].map((element) =>
    [element.localName, ...element.getAttributeNames()].join(" "),
  );
  for (const element of article?.querySelectorAll("*") ?? []) {
    if (element.closest("nav, script, .prev-next")) continue;
    const own = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
    const values = [...element.attributes].map(({ value }) => value);
    make.push([...own.map((node) => node.data), ...values].map(signs).join(" "));
  }

  return {
    canary: window.__canary ?? null,
    armed,
    title: page.title,
    heading: heading?.textContent ?? null,
    visible: heading?.checkVisibility({ opacityProperty: true, visibilityProperty: true }),
    titles: [...page.querySelectorAll(".article-title")].map((title) =>
      title.textContent.trim(),
    ),
    text: copy?.textContent ?? "",
    body: [...(body?.querySelectorAll("*") ?? [])].map((element) => [
      element.localName,
      Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value])),
    ]),
    images: [...page.images].map((image) => image.getAttribute("src")),
    whole: Boolean(footer) && !article?.contains(footer),
    make: make.join("\n"),
  };
}

async function read(page, origin, path) {
  const answer = await fetch(origin + path, { signal: AbortSignal.timeout(TIMEOUT) });
  const seen = await page.evaluate(look, await answer.text());
  return { path, url: path, dialogs: [], requests: [], errors: [], ...seen };
}

async function open(page, origin, path) {
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
  // Let run what the page has left for later; a tab that is not drawn has no frames.
  await page.evaluate(
    () =>
      new Promise((done) => {
        setTimeout(done, 1000);
        requestIdleCallback(() => requestAnimationFrame(done));
      }),
  );
  Object.assign(seen, await page.evaluate(look, undefined), { url: page.url() });
  page.off("dialog", onDialog).off("request", onRequest).off("pageerror", onError);
  return seen;
}

async function main() {
  let input = "";
  for await (const chunk of process.stdin) input += chunk;
  const { chromium: executablePath, origin, paths, ...task } = JSON.parse(input);
  const see = task.open ? open : read;
  const browser = await chromium.launch({ executablePath, args: FLAGS, timeout: TIMEOUT });
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    context.setDefaultTimeout(TIMEOUT);
    const queue = [...paths];
    const work = async () => {
      const page = await context.newPage();
      for (let path; (path = queue.shift()) !== undefined; ) {
        process.stdout.write(`${JSON.stringify(await see(page, origin, path))}\n`);
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
