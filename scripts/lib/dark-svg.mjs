// Pictures of the documentation that can be read on a dark page as well.

/** Rules for what our own plots and those of Observable Plot are drawn with. */
const RULES = [
  'svg{color:#dfdfd6}',
  'rect[fill=white]{fill:#161b22}',
  'text{fill:#dfdfd6}',
  '.g{stroke:#3a3f47}',
  '[stroke="#1f6feb"],.l{stroke:#58a6ff}',
  'text[fill="#1f6feb"]{fill:#58a6ff}',
  '[stroke="#d1495b"]{stroke:#ff7b8a}',
  'text[fill="#d1495b"]{fill:#ff7b8a}',
  '[stroke="#1a7f4b"]{stroke:#4cc38a}',
  'text[fill="#1a7f4b"]{fill:#4cc38a}',
  'text[fill="#9aa4b1"]{fill:#9aa4b1}',
];
/** Behind the picture's own rules, which it overrides. */
const STYLE = `<style>@media (prefers-color-scheme:dark){${RULES.join('')}}</style>`;

/**
 * Adds colours for a dark scheme to a picture; one that has them stays.
 *
 * @param {string} svg
 */
export const withDarkColours = (svg) =>
  svg.includes('prefers-color-scheme') ? svg : svg.replace(/<\/svg>\s*$/, (end) => `${STYLE}${end}`);
