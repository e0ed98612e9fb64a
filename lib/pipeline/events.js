'use strict';

const { shown } = require('../common/arguments.js');

/** Events of pipelines: objects from native columns, and the handlers that are called with them. */

const native = require('../native/addon.js');
const { nearest } = require('../native/suggestions.js');

/** The types of events that stages emit. */
const TYPES = [...new Set(native.stages().flatMap(({ events }) => events))].sort();

/** Longest part of a type that a message quotes. */
const MAX_QUOTED = 60;

/** @param {unknown} type @throws {TypeError} for anything but the type of an event */
function checkType(type) {
  if (typeof type !== 'string' || type === '') {
    throw new TypeError(`on: type must be the type of an event, got ${shown(type)}`);
  }
  if (TYPES.includes(type)) return;
  const near = nearest(type, TYPES);
  const hint = near ? `; did you mean "${near}"?` : '';
  const known = TYPES.map((name) => `"${name}"`).join(', ');
  throw new TypeError(
    `on: there are no events of type ${JSON.stringify(type.slice(0, MAX_QUOTED))}, only of ${known}${hint}`,
  );
}

/**
 * Returns the events of a call as objects, in the order in which they became known at each stage.
 *
 * @param {import('../native/exports.js').EventColumns | null} columns that the native side took, `null` for no events
 * @param {(string | undefined)[]} ids the id of each stage
 * @returns {PipelineEvent[]}
 */
function eventsOf(columns, ids) {
  if (!columns) return [];
  const { kinds, kind, stage, channel, sample, time, values, data, dataLengths } = columns;
  /** @type {PipelineEvent[]} */
  const events = new Array(kind.length);
  let value = 0;
  let start = 0;
  for (let i = 0; i < events.length; i++) {
    const { name, fields, hasData } = kinds[kind[i]];
    /** @type {Record<string, unknown>} */
    const event = {
      type: name,
      stage: stage[i],
      id: ids[stage[i]],
      channel: channel[i],
      sample: sample[i],
      time: time[i],
    };
    for (const field of fields) event[field] = values[value++];
    const end = start + dataLengths[i];
    if (hasData) event.data = data.slice(start, end);
    start = end;
    events[i] = /** @type {any} */ (event); // the members are those that the stage declares
  }
  return events;
}

/** @typedef {import('../../index.js').PipelineEvent} PipelineEvent */
/** @typedef {(event: any) => void} Handler each takes the events of its type */

/** Handlers of a pipeline by type of event. */
class EventHandlers {
  /** @type {Map<string, Handler[]>} */
  #byType = new Map();

  get isEmpty() {
    return this.#byType.size === 0;
  }

  /** @param {string} type @param {Handler} handler @throws {TypeError} for other types */
  add(type, handler) {
    checkType(type);
    if (typeof handler !== 'function') throw new TypeError(`on: handler must be a function, got ${shown(handler)}`);
    this.#byType.set(type, [...(this.#byType.get(type) ?? []), handler]);
  }

  /** @param {string} type @param {Handler} handler */
  remove(type, handler) {
    const kept = (this.#byType.get(type) ?? []).filter((known) => known !== handler);
    if (kept.length) this.#byType.set(type, kept);
    else this.#byType.delete(type);
  }

  /**
   * Calls the handlers of every event; one that throws is reported and keeps no other from being called.
   *
   * @param {PipelineEvent[]} events
   */
  dispatch(events) {
    for (const event of events) {
      for (const handler of this.#byType.get(event.type) ?? []) {
        try {
          handler(event);
        } catch (error) {
          console.error(`Event handler error at ${event.type}:`, error);
        }
      }
    }
  }
}

module.exports = { eventsOf, EventHandlers };
