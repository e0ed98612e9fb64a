import type { Transform } from 'node:stream';
import { createDspPipeline, type PipelineStreamOptions, type SampleChunk } from 'dspx-rs';

async function uses(): Promise<void> {
  const pipeline = createDspPipeline().Rectify();
  const options: PipelineStreamOptions = { channels: 2, sampleRate: 360, readableObjectMode: true };
  const stream: Transform = pipeline.stream(options);
  const chunks: SampleChunk[] = [new Float32Array(2), Buffer.alloc(8), { samples: new Float32Array(2) }];
  for await (const block of pipeline.iterate(chunks, { signal: AbortSignal.timeout(10) })) block.subarray(1);
  for await (const block of pipeline.iterate(stream)) block.length.toFixed();
  const web = pipeline.webStream({ output: 'bytes' });
  web.writable.getWriter();
  await pipeline.process(new Float32Array(2), { signal: AbortSignal.abort() });
  pipeline[Symbol.dispose]();
  await pipeline[Symbol.asyncDispose]();

  // @ts-expect-error a source gives chunks, not numbers
  pipeline.iterate([1, 2, 3]);
  // @ts-expect-error there are two outputs
  pipeline.webStream({ output: 'text' });
}

void uses;
