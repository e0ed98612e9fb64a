import {
  CIRCUIT_BREAKER_CONFIGS, CircuitBreaker, CircuitState, Logger, SEVERITY_MAPPINGS, type TopicRouter, createLokiHandler,
  createMockHandler, createNativeLogHandler, createTopicRouter, setLogLevel, withTracingContext,
} from '../..';
import type { BackendConfig, LogEntry, LoggerMetrics, PipelineCallbacks, RouteMetrics } from '../..';

const loki: BackendConfig = { endpoint: 'http://loki:3100', batchSize: 50, circuitBreaker: false, minLevel: 'warn' };
const logger = new Logger([createLokiHandler(loki), createMockHandler().handler], {
  severityMapping: SEVERITY_MAPPINGS.datadog,
  sampling: { debug: 0.1 },
});
const metrics: LoggerMetrics = logger.child('a').getMetrics();
export const errors: number | undefined = metrics.handlerErrors.get('lokiHandler');
export const traced: number = withTracingContext({ traceId: 'x' }, () => 5);
const router: TopicRouter = createTopicRouter()
  .errors(async (log: LogEntry) => void log.level, { concurrency: 2, minPriority: 7 })
  .custom(/^x/, () => {}, 'x')
  .build();
export const routes: RouteMetrics[] = router.getMetrics();
export const callbacks: PipelineCallbacks = {
  onLogBatch: (logs) => router.routeBatch(logs),
  topicFilter: ['pipeline.*'],
};
const breaker = new CircuitBreaker('x', CIRCUIT_BREAKER_CONFIGS.standard);
export const open: boolean = breaker.getState() === CircuitState.OPEN;
export const result: Promise<number> = breaker.execute(() => 5);
setLogLevel('off');
export const dropped: number = createNativeLogHandler(logger).metrics().dropped;

// @ts-expect-error an unknown level
setLogLevel('loud');
// @ts-expect-error a priority that is none
router.addRoute('a', () => {}, { minPriority: 11 });
// @ts-expect-error an unknown preset
new CircuitBreaker('x', CIRCUIT_BREAKER_CONFIGS.relaxed);
