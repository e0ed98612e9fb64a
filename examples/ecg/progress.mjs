const WIDTH = 40;

/** A function that shows how many of `total` are done: a bar in a terminal, a line per tenth elsewhere. */
export function progressBar(what, total, out = process.stdout) {
  let shown = -1;
  return (done) => {
    const step = Math.floor((done / total) * (out.isTTY ? 100 : 10));
    if (step === shown) return;
    shown = step;
    const count = `${done} of ${total} ${what}`;
    if (!out.isTTY) {
      out.write(`  ${step * 10} % (${count})\n`);
      return;
    }
    const filled = Math.round((done / total) * WIDTH);
    out.write(`\r  [${'█'.repeat(filled)}${' '.repeat(WIDTH - filled)}] ${count}${done === total ? '\n' : ''}`);
  };
}
