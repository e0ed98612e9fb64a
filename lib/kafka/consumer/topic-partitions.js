'use strict';
/** Topics, partitions and offsets as users write them. */

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

module.exports = { seekTarget, topicPartitionsOf };
