// The declarations of the stages: methods, parameters, ranges, defaults, comments.
import { Failure, lines } from './process.mjs';

/** Compiles the program that prints the declarations (seconds, the core alone) and returns them as objects. */
export async function declarations() {
  const args = [
    'run',
    '--locked',
    '--quiet',
    '--package',
    'dsp-core',
    '--example',
    'declarations',
    // It runs for a millisecond: optimising the core for it would take minutes.
    '--config',
    'profile.dev.package.dsp-core.opt-level=0',
  ];
  let text = '';
  const status = await lines('cargo', args, (line) => {
    text += line;
  });
  if (status !== 0) throw new Failure('The declarations of the stages could not be read: see the messages above.');
  return JSON.parse(text);
}
