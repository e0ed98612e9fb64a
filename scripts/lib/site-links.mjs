// Follows the links of the built documentation site.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from './process.mjs';

const decode = (/** @type {string} */ text) =>
  decodeURIComponent(text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'"));

/**
 * The file that an address of the site stands for.
 *
 * @param {string} site
 * @param {string} page
 * @param {string} path
 */
function fileOf(site, page, path) {
  const file = path.startsWith('/') ? join(site, path) : path === '' ? page : join(dirname(page), path);
  return existsSync(file) && statSync(file).isDirectory() ? join(file, 'index.html') : file;
}

/**
 * Links and pictures of a page that lead nowhere within the site.
 *
 * @param {string} site
 * @param {string} page
 * @param {(file: string) => Set<string>} anchors
 */
function deadIn(site, page, anchors) {
  const text = readFileSync(page, 'utf8');
  const links = [...text.matchAll(/\s(?:href|src)="([^"]*)"/g)]
    .map(([, link]) => decode(link))
    .filter((link) => !/^(\w+:|\/\/)/.test(link));
  const dead = links.filter((link) => {
    const [path, anchor] = link.split('#');
    const file = fileOf(site, page, path);
    return !existsSync(file) || (anchor && file.endsWith('.html') && !anchors(file).has(anchor));
  });
  return { count: links.length, dead: dead.map((link) => `${page.slice(site.length)}: ${link}`) };
}

/**
 * Checks every page of the built site.
 *
 * @param {string} site its folder
 * @returns {number} of links
 * @throws {Failure} that names the dead ones
 */
export function checkSite(site) {
  /** @type {Map<string, Set<string>>} */
  const known = new Map();
  const anchors = (/** @type {string} */ file) => {
    if (!known.has(file))
      known.set(file, new Set([...readFileSync(file, 'utf8').matchAll(/\sid="([^"]*)"/g)].map(([, id]) => decode(id))));
    return known.get(file) ?? new Set();
  };
  const pages = readdirSync(site, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.html'))
    .map((name) => join(site, name));
  const results = pages.map((page) => deadIn(site, page, anchors));
  const dead = results.flatMap((result) => result.dead);
  if (dead.length > 0)
    throw new Failure(`${dead.length} links of the site lead nowhere:\n${dead.slice(0, 40).join('\n')}`);
  return results.reduce((sum, { count }) => sum + count, 0);
}
