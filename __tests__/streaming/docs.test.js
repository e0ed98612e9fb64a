'use strict';
const { blocksOf, expectPasted, parsePasted } = require('../support/pasted.js');
const { redisServer, redisServers } = require('../support/redis.js');
const { Resources } = require('../support/streaming.js');

const examples = ['KAFKA_INTEGRATION', 'kafka-streams'].flatMap((page) => blocksOf(`docs/${page}.md`));
const topics = ['logs', 'ecg', 'raw', 'smooth', 'orders', 'samples', 'smoothed'];
const withRedis =
  Boolean(process.env.DSPX_REDIS_URL) || redisServers('the examples that need Redis, which are only parsed');

const resources = new Resources();
afterEach(() => resources.close());

test('the guides have examples', () => expect(examples.length).toBeGreaterThan(9));

/** The example with the addresses of servers that are there in the place of the usual ones. */
async function addressed(code) {
  const kafka = await resources.kafka({ topics });
  const here = code.replaceAll('localhost:9092', kafka.brokers[0]);
  if (!here.includes('redis://')) return here;
  const url = process.env.DSPX_REDIS_URL ?? (await redisServer(resources)).url;
  return here.replaceAll('redis://localhost:6379', url);
}

test.each(examples)('the example of "%s" runs as pasted', async (_title, code) => {
  if (code.includes('redis://') && !withRedis) expect(await parsePasted(code)).toMatchObject({ status: 0 });
  else await expectPasted(await addressed(code));
});
