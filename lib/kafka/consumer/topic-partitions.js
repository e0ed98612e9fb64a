'use strict';
const { shown } = require('../../common/arguments.js');

/** Topics, partitions and offsets as users write them. */

/** The largest number that Kafka's protocol has for a partition. */
const MAX_PARTITION = 2 ** 31 - 1;

/**
 * Returns the target of a `seek`, as the addon takes it.
 *
 * @param {any} offset
 * @throws {TypeError} for anything else
 * @returns {{ kind: string, number: number }}
 */
function seekTarget(offset) {
  if (offset === 'beginning' || offset === 'end') return { kind: offset, number: 0 };
  if (Number.isFinite(offset?.timestamp)) return { kind: 'timestamp', number: offset.timestamp };
  const number = typeof offset === 'string' && /^\d+$/.test(offset) ? Number(offset) : offset;
  if (Number.isSafeInteger(number) && number >= 0) return { kind: 'offset', number };
  throw new TypeError("offset must be a decimal string, 'beginning', 'end' or { timestamp }");
}

/**
 * Returns topics and partitions of a list as kafkajs takes it; without partitions the whole topic.
 *
 * @param {unknown} list
 * @throws {TypeError} for anything else
 * @returns {{ topic: string, partition?: number }[]}
 */
function topicPartitionsOf(list) {
  const wrong = () => new TypeError('a list of { topic, partitions? } is needed');
  if (!Array.isArray(list)) throw wrong();
  return list.flatMap((item) => {
    const { topic, partitions } = item ?? {};
    if (typeof topic !== 'string') throw wrong();
    if (partitions === undefined || partitions === null) return [{ topic }];
    if (!Array.isArray(partitions) || !partitions.every((number) => Number.isInteger(number) && number >= 0)) {
      throw new TypeError('partitions must be an array of numbers');
    }
    return partitions.map((partition) => ({ topic, partition }));
  });
}

/**
 * Returns offsets to commit of a list as kafkajs takes it; of several for one partition the last counts.
 *
 * @param {unknown} list of `{ topic, partition, offset, metadata? }`
 * @throws {TypeError} for anything else
 * @returns {{ topic: string, partition: number, offset: number, metadata?: string }[]}
 */
function offsetsToCommit(list) {
  if (!Array.isArray(list)) throw new TypeError('commitOffsets needs a list of { topic, partition, offset }');
  const offsets = new Map();
  list.forEach((item, i) => {
    const { topic, partition, offset, metadata } = item ?? {};
    const wrong = (/** @type {string} */ rule, /** @type {unknown} */ value) =>
      new TypeError(`commitOffsets: offsets[${i}].${rule}, got ${shown(value)}`);
    if (typeof topic !== 'string' || topic === '') throw wrong('topic must be a non-empty string', topic);
    if (!Number.isInteger(partition) || partition < 0 || partition > MAX_PARTITION) {
      throw wrong('partition must be an integer of 0 or more', partition);
    }
    const next = typeof offset === 'string' && /^\d+$/.test(offset) ? Number(offset) : offset;
    if (!Number.isSafeInteger(next) || next < 0) {
      throw wrong('offset must be that of the next message to be read, a whole number or its decimal text', offset);
    }
    if (metadata !== undefined && metadata !== null && typeof metadata !== 'string') {
      throw wrong('metadata must be a string', metadata);
    }
    offsets.set(`${topic}/${partition}`, { topic, partition, offset: next, metadata: metadata ?? undefined });
  });
  return [...offsets.values()];
}

module.exports = { offsetsToCommit, seekTarget, topicPartitionsOf };
