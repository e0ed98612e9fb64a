const diagnostics = require('node:diagnostics_channel');
const api = require('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
const {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} = require('@opentelemetry/sdk-metrics');
const { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-base');
const { Logger, createMockHandler, withTracingContext } = require('../../lib/logger/index.js');
const telemetry = require('../../lib/telemetry/operations.js');

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const PARENT = { traceparent: `00-${TRACE}-${SPAN}-01`, tracestate: 'vendor=1' };

test('nobody listens: inactive', () => {
  for (const kind of Object.values(telemetry)) expect(kind.active).toBe(false);
});

describe('diagnostics_channel', () => {
  test('one message per finished operation', () => {
    const messages = [];
    const listen = (message, name) => messages.push({ name, message });
    diagnostics.subscribe('dspx:process', listen);
    try {
      expect(telemetry.process.active).toBe(true);
      expect(telemetry.produce.active).toBe(false);
      const before = Date.now();
      const op = telemetry.process.begin({ pipeline: 'rms:moving', stages: 1, samples: 4 });
      expect(op.run(() => 5)).toBe(5);
      expect(op.headers()).toEqual({});
      op.end({ samplesOut: 4 });
      const error = new RangeError('bad');
      telemetry.process.begin({ samples: 1 }).fail(error);
      expect(messages).toEqual([
        {
          name: 'dspx:process',
          message: {
            pipeline: 'rms:moving', stages: 1, samples: 4, samplesOut: 4,
            startTime: expect.any(Number), durationMs: expect.any(Number), error: undefined,
          },
        },
        { name: 'dspx:process', message: expect.objectContaining({ samples: 1, error }) },
      ]);
      expect(messages[0].message.startTime).toBeGreaterThanOrEqual(before);
      expect(messages[0].message.durationMs).toBeGreaterThanOrEqual(0);
    } finally {
      diagnostics.unsubscribe('dspx:process', listen);
    }
    expect(telemetry.process.active).toBe(false);
  });
});

describe('OpenTelemetry', () => {
  const spans = new InMemorySpanExporter();
  const points = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter: points, exportIntervalMillis: 3_600_000 });
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  const meterProvider = new MeterProvider({ readers: [reader] });

  beforeAll(() => {
    api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    api.trace.setGlobalTracerProvider(tracerProvider);
    api.metrics.setGlobalMeterProvider(meterProvider);
  });
  beforeEach(() => spans.reset());
  afterAll(async () => {
    await tracerProvider.shutdown();
    await meterProvider.shutdown();
    for (const part of [api.trace, api.metrics, api.context]) part.disable();
  });

  const metric = async (name) => {
    await reader.forceFlush();
    const all = points
      .getMetrics()
      .at(-1)
      .scopeMetrics.flatMap(({ scope, metrics }) => metrics.map((m) => ({ scope, ...m })));
    return all.find((m) => m.descriptor.name === name);
  };

  test('a process call is a span under the active one, with throughput and duration', async () => {
    expect(telemetry.process.active).toBe(true);
    const tracer = api.trace.getTracer('test');
    tracer.startActiveSpan('outer', (outer) => {
      const op = telemetry.process.begin({
        pipeline: 'rms:moving',
        stages: 1,
        channels: 2,
        sampleRate: undefined,
        samples: 512,
      });
      op.run(() => expect(api.trace.getActiveSpan().spanContext().traceId).toBe(outer.spanContext().traceId));
      op.end({ samplesOut: 256 });
      outer.end();
    });
    const [span, outer] = spans.getFinishedSpans();
    expect(span).toMatchObject({ name: 'dspx.process', kind: api.SpanKind.INTERNAL });
    expect(span.parentSpanContext.spanId).toBe(outer.spanContext().spanId);
    expect(span.attributes).toEqual({
      'dspx.pipeline': 'rms:moving', 'dspx.stages': 1, 'dspx.channels': 2, 'dspx.samples': 512, 'dspx.samples_out': 256,
    });
    const samples = await metric('dspx.process.samples');
    expect(samples.scope.name).toBe('dspx-rs');
    expect(samples.descriptor.unit).toBe('{sample}');
    expect(samples.dataPoints[0]).toMatchObject({ value: 512, attributes: { 'dspx.pipeline': 'rms:moving' } });
    const duration = await metric('dspx.process.duration');
    expect(duration.descriptor.unit).toBe('s');
    expect(duration.dataPoints[0].value.count).toBe(1);
    expect(duration.dataPoints[0].value.buckets.boundaries[0]).toBe(1e-5);
  });

  test('what has ended elsewhere is a span that began so long ago', async () => {
    const before = Date.now();
    telemetry.checkpoint.ended({ applicationId: 'app', topic: 't', partition: 2, offset: '7' }, 5000);
    const [span] = spans.getFinishedSpans();
    expect(span).toMatchObject({
      name: 'dspx.stream.checkpoint',
      attributes: { 'dspx.application_id': 'app', 'dspx.topic': 't', 'dspx.partition': 2, 'dspx.offset': '7' },
    });
    expect(span.startTime[0] * 1e3).toBeLessThan(before);
    expect(span.duration[0]).toBeGreaterThanOrEqual(4);
  });

  test('a failure marks the span', () => {
    telemetry.process.begin({ samples: 1 }).fail(new RangeError('bad'));
    const [span] = spans.getFinishedSpans();
    expect(span.status).toEqual({ code: api.SpanStatusCode.ERROR, message: 'bad' });
    expect(span.attributes['error.type']).toBe('RangeError');
    expect(span.events[0].name).toBe('exception');
  });

  test('a send, by the messaging conventions; its headers carry the trace on', async () => {
    const op = telemetry.produce.begin({ topic: 'out', clientId: 'c', messages: 3 });
    const { traceparent } = op.headers();
    op.end({ partition: 2 });
    const [span] = spans.getFinishedSpans();
    expect(traceparent).toBe(`00-${span.spanContext().traceId}-${span.spanContext().spanId}-01`);
    expect(span).toMatchObject({ name: 'send out', kind: api.SpanKind.PRODUCER });
    expect(span.attributes).toEqual({
      'messaging.system': 'kafka',
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.destination.name': 'out',
      'messaging.destination.partition.id': '2',
      'messaging.client.id': 'c',
      'messaging.batch.message_count': 3,
    });
    expect((await metric('messaging.client.sent.messages')).dataPoints[0].value).toBe(3);
    expect((await metric('messaging.client.operation.duration')).dataPoints[0].value.count).toBe(1);
  });

  test('a consumed message continues the trace in its headers', async () => {
    const op = telemetry.consume.begin({ topic: 'in', partition: 0, offset: '41', groupId: 'g', key: 'k' }, [PARENT]);
    const inner = op.run(() => telemetry.process.begin({ samples: 1 }));
    inner.end();
    expect(op.headers()).toMatchObject({ tracestate: 'vendor=1' });
    op.end();
    const [child, span] = spans.getFinishedSpans();
    expect(span).toMatchObject({ name: 'process in', kind: api.SpanKind.CONSUMER });
    expect(span.spanContext().traceId).toBe(TRACE);
    expect(span.parentSpanContext).toMatchObject({ spanId: SPAN, isRemote: true });
    expect(child.parentSpanContext.spanId).toBe(span.spanContext().spanId);
    expect(span.attributes).toMatchObject({
      'messaging.destination.partition.id': '0',
      'messaging.kafka.offset': 41,
      'messaging.kafka.message.key': 'k',
      'messaging.consumer.group.name': 'g',
    });
    expect((await metric('messaging.client.consumed.messages')).dataPoints[0].value).toBe(1);
    expect((await metric('messaging.process.duration')).dataPoints[0].value.count).toBe(1);
  });

  test.each([[[PARENT, {}, { traceparent: 'junk' }]], [[PARENT]]])(
    'a batch links to what sent its messages (%#)',
    (parents) => {
      telemetry.consume.begin({ topic: 'in', messages: 3 }, parents).end();
      const [span] = spans.getFinishedSpans();
      expect(span.parentSpanContext).toBeUndefined();
      expect(span.links.map(({ context }) => context.traceId)).toEqual([TRACE]);
    },
  );

  test('log entries take the ids of the active span, unless a tracing context says otherwise', async () => {
    const { handler, getLogs } = createMockHandler();
    const logger = new Logger([handler]);
    await api.trace.getTracer('test').startActiveSpan('outer', async (span) => {
      await logger.info('in a span');
      await withTracingContext({ traceId: 'own' }, () => logger.info('own'));
      span.end();
    });
    const [outer] = spans.getFinishedSpans();
    const { traceId, spanId } = outer.spanContext();
    expect(getLogs()).toMatchObject([{ traceId, spanId }, { traceId: 'own', spanId: undefined }]);
  });

  test('what an SDK throws stays there', () => {
    jest.spyOn(api.trace, 'setSpan').mockImplementationOnce(() => { throw new Error('SDK'); });
    expect(() => telemetry.process.begin({ samples: 1 }).end()).not.toThrow();
  });
});
