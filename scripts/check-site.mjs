/// <reference lib="dom" />
// Looks at the built documentation site (npm run docs) in Chromium: node scripts/check-site.mjs [--pictures FOLDER]
// Every kind of page, at the width of a desk and of a telephone, light and dark: nothing is wider than the window,
// nothing fails to load, and the search finds guides before tables. CHROMIUM_PATH names the browser if it is in none of
// the usual places.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { Failure, main, root } from './lib/process.mjs';
import { checkSite } from './lib/site-links.mjs';

const SITE = join(root, 'website/dist');
const PAGES = [
  '/',
  '/getting-started',
  '/stages/filters',
  '/speed',
  '/examples/classes',
  '/api/',
  '/api/classes/DspProcessor',
  '/api/classes/DspProcessor/MovingAverage',
  '/api/functions/welch',
  '/api/interfaces/ProcessOptions',
];
const WIDTHS = [1280, 390];
const SCHEMES = /** @type {const} */ (['light', 'dark']);
/** What is searched for, and the page that has to be among the first results. */
/** @type {[string, RegExp][]} */
const SEARCHES = [
  ['low-pass', /^\/(stages|getting-started|migration)/],
  ['exactly-once', /^\/(kafka-streams|RELIABILITY|KAFKA)/],
];
/** @type {Record<string, string>} */
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
};

/** @typedef {import('playwright-core').Page} Page */

const { values: options } = parseArgs({ options: { pictures: { type: 'string' } } });
const browsers = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const browserPath = process.env.CHROMIUM_PATH ?? browsers.find((path) => existsSync(path));

/** Serves the site as hosts of static pages do: `/page` is page.html. */
function serve() {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname));
    const files = [join(SITE, path), join(SITE, `${path}.html`), join(SITE, path, 'index.html')];
    const file = files.find((name) => existsSync(name) && statSync(name).isFile());
    response.writeHead(file ? 200 : 404, { 'content-type': TYPES[extname(file ?? '')] ?? 'text/plain' });
    response.end(file ? readFileSync(file) : 'not found');
  });
  return /** @type {Promise<import('node:http').Server>} */ (
    new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
  );
}

/**
 * What is wrong with a page as it is shown.
 *
 * @param {Page} page
 * @param {string} address
 * @param {string} name
 */
async function look(page, address, name) {
  await page.goto(address, { waitUntil: 'load' });
  const wide = await page.$eval('html', (html) => html.scrollWidth - html.clientWidth);
  const broken = await page.$$eval('img', (images) =>
    /** @type {HTMLImageElement[]} */ (images)
      .filter((image) => image.complete && image.naturalWidth === 0)
      .map(({ src }) => src),
  );
  if (options.pictures) await page.screenshot({ path: join(options.pictures, `${name}.png`) });
  const problems = broken.map((image) => `${name}: ${image} is not shown`);
  if (wide > 0) problems.push(`${name}: ${wide} px wider than the window`);
  return problems;
}

/**
 * @param {Page} page
 * @param {string} base
 * @param {[string, RegExp]} search words, and what the first result has to be
 */
async function search(page, base, [words, wanted]) {
  await page.goto(base, { waitUntil: 'load' });
  await page.click('.VPNavBarSearch button');
  await page.fill('.VPLocalSearchBox input', words);
  await page.waitForSelector('.VPLocalSearchBox .result');
  const [first] = await page.$$eval('.VPLocalSearchBox .result', (links) =>
    /** @type {HTMLAnchorElement[]} */ (links).map((link) => new URL(link.href).pathname),
  );
  return wanted.test(first) ? [] : [`the search for "${words}" finds ${first} first`];
}

/**
 * @param {import('playwright-core').Browser} browser
 * @param {string} base
 */
async function lookAtAll(browser, base) {
  /** @type {string[]} */
  const problems = [];
  for (const colorScheme of SCHEMES) {
    for (const width of WIDTHS) {
      const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
      const page = await context.newPage();
      const where = `${width} ${colorScheme}`;
      page.on('pageerror', (error) => problems.push(`${where}: ${error.message}`));
      page.on(
        'response',
        (response) => response.status() >= 400 && problems.push(`${where}: ${response.url()} is ${response.status()}`),
      );
      for (const path of PAGES) {
        problems.push(...(await look(page, base + path, `${path.replaceAll('/', '_')} ${where}`)));
      }
      if (width === WIDTHS[0]) for (const each of SEARCHES) problems.push(...(await search(page, base, each)));
      await context.close();
    }
  }
  return problems;
}

main(async () => {
  if (!existsSync(SITE)) throw new Failure('there is no site yet: npm run docs');
  console.log(`${checkSite(SITE)} links lead somewhere`);
  if (!browserPath) {
    console.log('not looked at: no Chromium (CHROMIUM_PATH names one)');
    return;
  }
  const server = await serve();
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  const browser = await chromium.launch({
    executablePath: browserPath,
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
  });
  try {
    const problems = await lookAtAll(browser, `http://127.0.0.1:${address.port}`);
    if (problems.length > 0) throw new Failure([...new Set(problems)].join('\n'));
    console.log(`${PAGES.length} pages look right at ${WIDTHS.join(' and ')} px, ${SCHEMES.join(' and ')}`);
  } finally {
    await browser.close();
    server.close();
  }
});
