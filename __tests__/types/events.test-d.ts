import {
  createDspPipeline,
  type DspProcessor,
  type PeakEvent,
  type PipelineDefinition,
  type PipelineEvent,
  type PipelineEvents,
  type PipelineLatency,
  type SamplesAndEvents,
  type StageDefinition,
  type StageDescription,
} from 'dspx-rs';

/** Compiles only if the two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

async function events(pipeline: DspProcessor): Promise<void> {
  const onPeak = ({ type, stage, id, channel, sample, time, value }: PeakEvent): string =>
    `${type satisfies 'peak'} ${stage + channel + sample + time + value} ${id?.length}`;
  const same: DspProcessor = pipeline
    .on('peak', (event) => event.value.toFixed(2))
    .on('peak', onPeak)
    .off('peak', onPeak);
  const types: (keyof PipelineEvents)[] = ['peak'];
  console.log(same, types);

  const floats: SamplesAndEvents = await pipeline.processEvents(new Float32Array(4), { channels: 2, sampleRate: 360 });
  const stamped = await pipeline.processEvents([floats.samples, floats.samples], new BigInt64Array(8), null);
  const sameEvents: Same<typeof stamped.events, PipelineEvent[]> = true;
  const pcm = await pipeline.processEvents(new Int16Array(4), { format: 's16', output: 'mulaw' });
  const codes: Uint8Array = pcm.samples;
  const doubles: Float64Array = (await pipeline.processEvents([1, 2], { output: 'f64' })).samples;
  console.log(sameEvents, codes, doubles);
  for (const event of stamped.events) if (event.type === 'peak') console.log(event.value);

  for await (const event of pipeline.events([new Float32Array(4)], { channels: 2 }))
    console.log(event.type, event.sample);
  const source = (async function* () {
    yield new Uint8Array(4);
  })();
  for await (const { time } of pipeline.events(source, { format: 'alaw', sampleRate: 8000 })) console.log(time);

  const rest: Float32Array = (await pipeline.finish()).samples;
  const end = await pipeline.finish({ output: 's16', dither: true });
  const tail: Int16Array = end.samples;
  console.log(rest, tail, end.events);

  // @ts-expect-error there are no such events
  pipeline.on('peaks', () => {});
  // @ts-expect-error a peak has no width
  pipeline.on('peak', ({ width }) => width);
  // @ts-expect-error the handler is missing
  pipeline.on('peak');
  // @ts-expect-error the result is s16
  const wrong: Float32Array = (await pipeline.processEvents(new Float32Array(1), { output: 's16' })).samples;
  // @ts-expect-error plain numbers are not processed in place
  await pipeline.processEvents([1, 2]);
  // @ts-expect-error bytes need a format
  pipeline.events([new Uint8Array(4)]);
  // @ts-expect-error no format of samples
  await pipeline.finish({ output: 'mp3' });
  console.log(wrong);
}

function values(): void {
  const pipeline = createDspPipeline({ sampleRate: 360, design: 'standard' })
    .filter({ type: 'butterworth', mode: 'lowpass', cutoffFrequency: 40, order: 4, id: 'low' })
    .Decimate({ factor: 2, order: 31 })
    .Differentiator({ id: 'slope' })
    .Square()
    .PeakDetection({ threshold: 1, id: 'beats' });
  const { samples, ms }: PipelineLatency = pipeline.latency({ sampleRate: 360, frequency: 10 });
  const late: number = samples + (ms ?? 0);
  const definition: PipelineDefinition = pipeline.toJSON();
  const again: DspProcessor = createDspPipeline.from(definition).clone();
  createDspPipeline.from(JSON.parse(JSON.stringify(pipeline)));
  createDspPipeline.from(['Rectify', { MovingAverage: { mode: 'moving', windowSize: 3, id: 'mean' } }]);
  createDspPipeline.from({ sampleRate: 8000, channels: 1, stages: [{ convolution: { kernel: [1, 2] } }] });
  const [first]: StageDescription[] = again.describe();
  const stage: StageDefinition = 'Rectify';
  console.log(late, first?.id?.length, first?.latency, first?.stateSize, stage);

  void pipeline.loadState('', { match: 'id', strict: true, signal: new AbortController().signal });

  // @ts-expect-error ids are texts
  pipeline.Rectify({ id: 3 });
  // @ts-expect-error the rate is a number
  createDspPipeline({ sampleRate: '360' });
  // @ts-expect-error there is no such stage
  createDspPipeline.from(['Rectified']);
  // @ts-expect-error the factor is missing
  createDspPipeline.from([{ Decimate: { order: 31 } }]);
  // @ts-expect-error one of two texts
  void pipeline.loadState('', { match: 'name' });
  // @ts-expect-error a latency is no number
  const number: number = pipeline.latency();
  console.log(number);
}

void events;
void values;
