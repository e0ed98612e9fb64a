// npm run types: writes index.d.ts from lib/types/*.d.ts and what each registered stage says of itself.
//   --no-default-features   build the addon without Kafka and Redis for it
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { addonFile, build } from './lib/setup.mjs';

const root = new URL('../', import.meta.url);
await build({ defaultFeatures: !process.argv.includes('--no-default-features') });
const native = createRequire(import.meta.url)(addonFile());

/** A stage's text: declarations, then `method { … }` with the signature. */
function parse({ method, typescript }) {
  const match = typescript.match(/^([\s\S]*?)^method \{\n([\s\S]*?)^\}\s*$/m);
  if (!match) throw new Error(`${method}: its TypeScript has no "method { … }"`);
  return { declarations: match[1].trim(), signature: match[2].trimEnd() };
}

const stages = native.stages().map(parse);
const folder = new URL('lib/types/', root);
const files = readdirSync(folder).filter((name) => name.endsWith('.d.ts')).sort();
const text = files.map((name) => readFileSync(new URL(name, folder), 'utf8').trim()).join('\n\n');
const marker = '  // @stages';
if (!text.includes(marker)) throw new Error(`no "${marker.trim()}" in lib/types`);
const parts = [
  '// Written by "npm run types" from lib/types and the registered stages; edit those.',
  '/// <reference types="node" />',
  text.replace(marker, stages.map((stage) => stage.signature).join('\n')),
  ...stages.map((stage) => stage.declarations).filter(Boolean),
];
writeFileSync(new URL('index.d.ts', root), `${parts.join('\n\n')}\n`);
