/** Field reports about saved states: what is loaded goes on as it was, or is refused. */
const { FilterBankDesign, createDspPipeline } = require('../..');

/** Two channels of repeatable noise. */
const noise = Float32Array.from({ length: 400 }, (_, i) => Math.sin(i * i * 0.37));

test('the design of an RlsFilter is part of its state', async () => {
  for (const design of ['dspx', 'standard']) {
    const pipeline = createDspPipeline().RlsFilter({ numTaps: 4, lambda: 0.98, design });
    pipeline.processSync(noise.slice(0, 6), { channels: 2 });
    const state = await pipeline.saveState();
    const empty = createDspPipeline();
    await empty.loadState(state);
    const expected = pipeline.processSync(noise.slice(6), { channels: 2 });
    expect(empty.processSync(noise.slice(6), { channels: 2 })).toEqual(expected);
  }
});

test('a state whose stage cannot be built from it is refused, and nothing changes', async () => {
  const definitions = FilterBankDesign.createMel(3, 16_000, [100, 4000]);
  const state = await createDspPipeline().FilterBank({ definitions, inputChannels: 1 }).saveState();
  const pipeline = createDspPipeline();
  await expect(pipeline.loadState(state)).rejects.toThrow(/filterBank.*must have the stage/);
  expect(pipeline.listState().stageCount).toBe(0);
});

test('a pipeline of the design of dspx resamples as dspx does', () => {
  const input = Float32Array.from({ length: 60 }, () => 4000);
  const ofPipeline = createDspPipeline({ design: 'dspx' }).Interpolate({ factor: 12, sampleRate: 100 });
  const ofStage = createDspPipeline().Interpolate({ factor: 12, sampleRate: 100, quality: 'dspx' });
  const right = createDspPipeline({ design: 'dspx' }).Interpolate({ factor: 12, sampleRate: 100, quality: 'standard' });
  const run = (pipeline) => pipeline.processSync(input.slice(), { channels: 1 });
  const expected = run(ofStage);
  expect(run(ofPipeline)).toEqual(expected);
  expect(run(right)).not.toEqual(expected);
});
