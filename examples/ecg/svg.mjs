// Several plots as one SVG document.
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

/** @param {string} text */
const escapeText = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/**
 * Draws plots one below the other.
 *
 * @param {Plot.PlotOptions[]} plots each with a height
 * @param {{ width: number, title: string }} page
 */
export function stack(plots, { width, title }) {
  const { document } = parseHTML('<html><body></body></html>');
  let height = 0;
  const inner = plots.map((options) => {
    const svg = Plot.plot({ document, width, marginLeft: 50, ...options });
    svg.setAttribute('y', String(height));
    height += Number(options.height) + 10;
    return svg.outerHTML;
  });
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  const paper = `<title>${escapeText(title)}</title><rect width="100%" height="100%" fill="white"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} color="black">${paper}${inner.join('')}</svg>\n`;
}
