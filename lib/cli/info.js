'use strict';

const { openRecording } = require('../files/recording.js');
const { oneLine } = require('../common/text.js');
const { UsageError } = require('../common/usage-error.js');

const HELP = `dspx-rs info FILE

Prints what a recording says about itself: format, duration, channels with units and ranges, start, annotations.

  --json    everything, as JSON
`;

const options = { json: { type: 'boolean' } };

/**
 * Returns a duration as text.
 *
 * @param {number | undefined} frames
 * @param {number | undefined} rate
 */
const durationOf = (frames, rate) =>
  frames === undefined || rate === undefined ? 'of unknown length' : `${Number((frames / rate).toFixed(3))} s`;

/** @param {import('./numbers.js').Values} values @param {string[]} positionals */
async function run(values, positionals) {
  if (positionals.length !== 1) throw new UsageError('info takes one file: dspx-rs info FILE');
  const recording = await openRecording(positionals[0]);
  const [annotations, gaps] = [await recording.annotations(), await recording.gaps()];
  recording.close();
  const { format, encoding, sampleRate, frames, channels, start, notes, warnings } = recording;
  if (values.json) {
    const all = { format, encoding, sampleRate, frames, start, channels, notes, warnings, annotations, gaps };
    return console.log(JSON.stringify(all, null, 2));
  }
  const rate = sampleRate === undefined ? 'no sample rate' : `${sampleRate} Hz`;
  console.log(
    `${format}, ${encoding}, ${rate}, ${durationOf(frames, sampleRate)}${start ? `, from ${oneLine(start)}` : ''}`,
  );
  channels.forEach((channel, i) => {
    const own = channel.sampleRate === sampleRate ? '' : `, ${channel.sampleRate} Hz`;
    console.log(oneLine(`  ${i}  ${channel.label || `channel ${i + 1}`}${channel.unit && `, ${channel.unit}`}${own}`));
  });
  if (annotations.length) console.log(`${annotations.length} annotations`);
  if (gaps.length) console.log(`${gaps.length} gaps`);
  for (const warning of warnings) console.error(`warning: ${oneLine(warning)}`);
}

module.exports = { HELP, options, run };
