'use strict';
/** What users say about topics, partitions and offsets. */

/** Where `seek` goes, as the addon takes it. */
function target(offset) {
  if (offset === 'beginning' || offset === 'end') return { place: offset, number: 0 };
  if (Number.isFinite(offset?.timestamp)) return { place: 'timestamp', number: offset.timestamp };
  const number = typeof offset === 'string' && /^\d+$/.test(offset) ? Number(offset) : offset;
  if (Number.isSafeInteger(number) && number >= 0) return { place: 'offset', number };
  throw new TypeError("offset must be a decimal string, 'beginning', 'end' or { timestamp }");
}

/** Topics and partitions of a list as kafkajs takes it; without partitions the whole topic. */
function placesOf(list) {
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

module.exports = { target, placesOf };
