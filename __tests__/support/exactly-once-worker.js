'use strict';
// A process that is to be killed: one instance of a stream with exactly-once output. It says when it runs.
const { createKafkaStream, createRedisStateStore } = require('../../index.js');
const { counting } = require('./kafka-stream.js');

const { redis, prefix, ...options } = JSON.parse(process.argv[2]);

(async () => {
  const store = await createRedisStateStore({ url: redis, prefix, chunkKeys: 1 });
  const stream = createKafkaStream({ ...options, pipeline: counting(), store });
  stream.on('error', () => {});
  await stream.start();
  process.send('running');
})();
process.on('disconnect', () => process.exit());
