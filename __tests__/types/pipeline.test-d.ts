import { createDspPipeline, DspProcessor, type ProcessOptions, type StageSummary } from 'dspx-rs';

async function uses(): Promise<void> {
  const pipeline: DspProcessor = createDspPipeline({ fallbackOnLoadFailure: true })
    .MovingAverage({ mode: 'moving', windowSize: 3 })
    .Rectify()
    .Rectify({ mode: 'half' })
    .PeakDetection({ threshold: 0.5, minPeakDistance: 10 })
    .tap((samples, stage) => samples.subarray(stage.length));
  const options: ProcessOptions = { channels: 2, sampleRate: 360 };
  const out: Float32Array = await pipeline.process(new Float32Array(4), options);
  await pipeline.process([out, out], new BigInt64Array(8));
  await pipeline.processCopy([1, 2, 3], null);
  const json: string = await pipeline.saveState({ format: 'json' });
  const saved: string | Buffer = await pipeline.saveState();
  const asText: string = typeof saved === 'string' ? saved : saved.toString();
  const bytes: Buffer = await pipeline.saveState({ format: 'toon' });
  const loaded: boolean = await pipeline.loadState(loadedFrom(json, bytes));
  const stages: StageSummary[] = pipeline.listState().stages;
  console.log(loaded, stages, asText);

  // @ts-expect-error mode is one of two texts
  pipeline.MovingAverage({ mode: 'sliding', windowSize: 3 });
  // @ts-expect-error threshold is required
  pipeline.PeakDetection({});
  // @ts-expect-error a pipeline is made by createDspPipeline
  new DspProcessor();
  // @ts-expect-error plain arrays are not processed in place
  await pipeline.process([1, 2, 3]);
}

function loadedFrom(json: string, bytes: Buffer): string | Buffer {
  return json.length > bytes.length ? bytes : json;
}

void uses;
