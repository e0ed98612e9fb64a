/** The recording that the example works on; `../data/README.md` says where it is from. */
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const SAMPLE_RATE = 360; // Hz

/** Five minutes of one lead, in millivolts. */
function readEcg() {
  const bytes = readFileSync(join(__dirname, '../data/ecg-mitdb-208.u16'));
  return Float32Array.from({ length: bytes.length / 2 }, (_, i) => (bytes.readUInt16LE(2 * i) - 1024) / 200);
}

module.exports = { SAMPLE_RATE, readEcg };
