'use strict';
// A process that is to be killed: one instance of a stream whose states are in Redis. It says when it runs.
const { createDspPipeline, createKafkaStream, createRedisStateStore } = require('../../index.js');

const { redis, prefix, definition, ...options } = JSON.parse(process.argv[2]);

(async () => {
  const store = await createRedisStateStore({ url: redis, prefix, chunkKeys: 1 });
  const stream = createKafkaStream({ ...options, pipeline: createDspPipeline.from(definition), store });
  stream.on('error', () => {});
  await stream.start();
  process.send('running');
})();
process.on('disconnect', () => process.exit());
