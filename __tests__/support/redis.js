'use strict';
const { execFileSync, spawnSync } = require('node:child_process');
const { mkdirSync, mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { createServer, connect } = require('node:net');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { end, spawnGuarded } = require('./process.js');
const { until } = require('./streaming.js');

const hasRedis =
  spawnSync('redis-server', ['--version']).status === 0 && spawnSync('redis-cli', ['--version']).status === 0;

/** Whether there is a redis-server; says so where there is none. */
function redisServers(what) {
  if (!hasRedis) console.info(`No tests of ${what}: redis-server and redis-cli are not installed`);
  return hasRedis;
}

/** A port that is free now. */
const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** A port below 50000: a node of a cluster takes another one, 10,000 above. */
async function clusterPort() {
  for (;;) {
    const port = await freePort();
    if (port < 50_000) return port;
  }
}

/** Runs redis-cli; gives what it prints. */
const cli = (port, ...args) =>
  execFileSync('redis-cli', ['-h', '127.0.0.1', '-p', `${port}`, ...args], { encoding: 'utf8' }).trim();

/** A folder, removed after the test. */
function folder(resources) {
  const path = mkdtempSync(join(tmpdir(), 'dspx-redis-'));
  return resources.use(path, () => rmSync(path, { recursive: true, force: true }));
}

/** Starts a server and waits until it answers; `stop` and `start` may follow. */
async function redisServer(resources, { port, args = [], file, ask = [] } = {}) {
  port ??= await freePort();
  const dir = folder(resources);
  const server = { port, dir, url: `redis://127.0.0.1:${port}` };
  let child;
  server.start = async () => {
    const own = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'no', ...args];
    child = spawnGuarded('redis-server', file ? [file, ...args] : own, { stdio: 'ignore' });
    await until(() => isUp(port, ask), 'redis-server');
  };
  server.kill = () => end(child);
  /** Stops the process where it is; it answers nobody until `wake()`. */
  server.freeze = () => child.kill('SIGSTOP');
  server.wake = () => child.kill('SIGCONT');
  resources.use(server, () => server.kill());
  await server.start();
  return server;
}

function isUp(port, ask) {
  const { stdout } = spawnSync('redis-cli', ['-h', '127.0.0.1', '-p', `${port}`, ...ask, 'ping'], { encoding: 'utf8' });
  return stdout?.trim() === 'PONG';
}

/** A cluster of three nodes, 16384 slots between them. */
async function redisCluster(resources) {
  const nodes = [];
  for (let i = 0; i < 3; i++) {
    const args = ['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf', '--cluster-node-timeout', '2000'];
    nodes.push(await redisServer(resources, { port: await clusterPort(), args }));
  }
  const hosts = nodes.map(({ port }) => `127.0.0.1:${port}`);
  execFileSync('redis-cli', ['--cluster', 'create', ...hosts, '--cluster-yes'], { stdio: 'ignore' });
  await until(
    () => nodes.every(({ port }) => cli(port, 'cluster', 'info').includes('cluster_state:ok')),
    'the cluster',
  );
  return { nodes, url: `redis+cluster://${hosts.join(',')}` };
}

/** Replicas begin at once. */
const replicating = ['--repl-diskless-sync-delay', '0'];

/** A master, a replica and a sentinel that watches them. */
async function redisSentinel(resources) {
  const master = await redisServer(resources, { args: replicating });
  const replica = await redisServer(resources, { args: ['--replicaof', '127.0.0.1', `${master.port}`] });
  const port = await freePort();
  const file = join(folder(resources), 'sentinel.conf');
  writeFileSync(file, [
    `port ${port}`, 'bind 127.0.0.1', `sentinel monitor main 127.0.0.1 ${master.port} 1`,
    'sentinel down-after-milliseconds main 500', 'sentinel failover-timeout main 4000', '',
  ].join('\n'));
  await redisServer(resources, { port, file, args: ['--sentinel'] });
  await until(() => cli(port, 'sentinel', 'replicas', 'main').includes(`${replica.port}`), 'the replica to be known');
  await until(() => cli(master.port, 'info', 'replication').includes('state=online'), 'the replica');
  return { master, replica, port, url: `redis+sentinel://127.0.0.1:${port}/main` };
}

/** An authority, and a certificate for 127.0.0.1 and one for a client by it. */
function certificates(resources) {
  const dir = folder(resources);
  mkdirSync(dir, { recursive: true });
  const openssl = (...args) => execFileSync('openssl', args, { cwd: dir, stdio: 'ignore' });
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=ca',
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
  );
  writeFileSync(join(dir, 'names.ext'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  for (const name of ['server', 'client']) {
    openssl(
      'req',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
    );
    openssl(
      'x509',
      '-req',
      '-days',
      '2',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.crt',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-extfile',
      'names.ext',
      '-out',
      `${name}.crt`,
    );
  }
  return dir;
}

/**
 * Stands between a client and a server. `dropReplies(n)` lets the next n answers disappear, and cuts their connections,
 * after the server has carried the requests out. `to(port)` puts another server behind it.
 */
async function proxyFor(resources, port) {
  let behind = port;
  let toDrop = 0;
  let dropped = 0;
  const sockets = new Set();
  const server = createServer((client) => {
    const upstream = connect(behind, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => {
      if (toDrop === 0) return client.write(bytes);
      toDrop--;
      dropped++;
      client.destroy();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  resources.use(server, () => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return {
    url: `redis://127.0.0.1:${server.address().port}`,
    to(next) {
      behind = next;
      for (const socket of sockets) socket.destroy();
    },
    dropReplies: (count) => { toDrop = count; },
    dropped: () => dropped,
  };
}

module.exports = {
  freePort,
  replicating,
  redisServers,
  redisServer,
  redisCluster,
  redisSentinel,
  certificates,
  proxyFor,
  cli,
};
