// Several plots as one SVG document.
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

const escapeText = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** Draws plots (options of `Plot.plot`, each with a `height`) one below the other. */
export function stack(plots, { width, title }) {
  const { document } = parseHTML('<html><body></body></html>');
  let height = 0;
  const inner = plots.map((options) => {
    const svg = Plot.plot({ document, width, marginLeft: 50, ...options });
    svg.setAttribute('y', height);
    height += options.height + 10;
    return svg.outerHTML;
  });
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  const paper = `<title>${escapeText(title)}</title><rect width="100%" height="100%" fill="white"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} color="black">${paper}${inner.join('')}</svg>\n`;
}
