import { createDspPipeline, type ProcessOptions, type SampleArrays, type SampleFormat } from 'dspx-rs';

async function uses(): Promise<void> {
  const pipeline = createDspPipeline().Rectify();
  const pcm = new Int16Array(4);

  const floats: Float32Array = await pipeline.process(pcm, { format: 's16', channels: 2 });
  const steps: Int16Array = await pipeline.process(pcm, { format: 's16', output: 's16', dither: true });
  const codes: Uint8Array = pipeline.processSync(Buffer.alloc(8), { format: 'mulaw', output: 'alaw' });
  const doubles: Float64Array = pipeline.processSync([0.1, 0.2], { format: 'f64', output: 'f64' });
  const timed: Int32Array = await pipeline.process(new Int32Array(2), new Float64Array(2), {
    format: 's32',
    output: 's32',
  });
  const rounded: Int16Array = pipeline.processSync(floats, { output: 's16' });
  const same: Float32Array = pipeline.processSync(floats, { channels: 2 });
  const told: Int32Array = pipeline.processSync(pcm, { output: 's32' });
  const bytes: Float32Array = pipeline.processSync(Buffer.alloc(8), { format: 's16' });
  const planes: Uint8Array = await pipeline.process([pcm, pcm], { format: 's16', output: 'mulaw' });
  const copied: Int16Array = await pipeline.processCopy(doubles, { output: 's16' });
  const copy: Int16Array = pipeline.processSyncCopy([pcm, pcm], { format: 's16', output: 's16' });
  const options: ProcessOptions<'s16'> = { output: 's16', format: 'f32' };
  const again: Int16Array = await pipeline.process(floats, options);
  const format: SampleFormat = 'alaw';
  const arrays: Pick<SampleArrays, 's16' | 's32'> = { s16: steps, s32: told };
  console.log(codes, timed, rounded, same, bytes, planes, copied, copy, again, format, arrays);

  for await (const block of pipeline.iterate([pcm], { format: 's16', output: 's32' })) {
    const block32: Int32Array = block;
    console.log(block32);
  }
  pipeline.stream({ format: 'mulaw', output: 's16', dither: true });
  pipeline.webStream({ format: 's16', output: 's16' }).writable.getWriter().write(pcm);

  // @ts-expect-error there is no such format
  pipeline.processSync(floats, { output: 's24' });
  // @ts-expect-error the format is that of another array
  pipeline.processSync(floats, { format: 's16' });
  // @ts-expect-error bytes do not say their format
  pipeline.processSync(Buffer.alloc(8), { output: 's16' });
  // @ts-expect-error integers need a format or an output
  pipeline.processSync(pcm);
  // @ts-expect-error the result is an Int16Array
  const wrong: Float32Array = pipeline.processSync(floats, { output: 's16' });
  // @ts-expect-error dither is yes or no
  pipeline.processSync(floats, { output: 's16', dither: 'tpdf' });
  console.log(wrong);
}

void uses;
