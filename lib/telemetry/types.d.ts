/** The identity of a piece of work, which follows it through its promises, into logs and Kafka headers. */
export interface TracingContext {
  /** W3C trace id, 32 hexadecimal digits. */
  traceId?: string;
  /** W3C span id, 16 hexadecimal digits. */
  spanId?: string;
  /** Id that connects the logs of one request. */
  correlationId?: string;
}

/** The storage of the current context. */
export const tracingContext: import("node:async_hooks").AsyncLocalStorage<TracingContext>;

/** Returns the current context; `{}` outside any. */
export function getTracingContext(): TracingContext;

/** Runs `fn`, and what it starts, in `context`; returns what it returns. A nested call replaces the context whole. */
export function withTracingContext<T>(context: TracingContext, fn: () => T): T;

/** `00-<traceId>-<spanId>-01`, or nothing unless the ids are 32 and 16 hex digits and not all zeros. */
export function generateTraceparent(traceId?: string, spanId?: string): string | undefined;

// ---- Topic router -----------------------------------------------------------------------------
