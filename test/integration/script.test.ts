import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ClusterClient, type ClusterClientOptions, command, keySlot, UsageError } from '../../src/index.ts';
import { startCluster, type TestCluster } from '../../src/testing/index.ts';
import { executedCalls, sumOver } from '../helpers/server-counters.ts';

let cluster: TestCluster;
let client: ClusterClient;
const more: ClusterClient[] = [];

function connect(options: ClusterClientOptions = {}): ClusterClient {
  const made = new ClusterClient(cluster.addresses[0] ?? '', options);
  more.push(made);
  return made;
}

beforeAll(async () => {
  cluster = await startCluster({ replicas: 1 });
});
afterAll(() => cluster?.stop());
beforeEach(async () => {
  client = connect();
  await client.flushall();
  await flushScripts();
});
afterEach(() => {
  for (const one of more.splice(0)) one.destroy();
});

async function flushScripts(): Promise<void> {
  for (const node of cluster.nodes) await node.call('SCRIPT', 'FLUSH');
}

const calls = (name: string): Promise<number> => sumOver(cluster.nodes, (node) => executedCalls(node, name));

const addText = 'return redis.call("INCRBY", KEYS[1], ARGV[1])';
/** A method that `defineCommand` made, which the compiler does not know. */
const method = (on: object, name: string): ((...args: unknown[]) => Promise<unknown>) => Reflect.get(on, name).bind(on);

describe('a defined script', () => {
  it('runs by its hash on every node, with the text sent once for each', async () => {
    const add = client.defineScript(addText, { keys: 1, parse: Number });
    expect(add.sha).toBe(createHash('sha1').update(addText).digest('hex'));
    const loadsBefore = await calls('script|load');
    const evalsBefore = await calls('eval');
    const keys = Array.from({ length: 60 }, (_, i) => `key:${i}`);
    for (let round = 1; round <= 3; round++) {
      expect(await Promise.all(keys.map((key) => add(key, 2)))).toEqual(keys.map(() => round * 2));
    }
    expect((await calls('script|load')) - loadsBefore).toBe((await cluster.masters()).length);
    expect(await calls('eval')).toBe(evalsBefore);
  });

  it('keeps its place among the commands of its slot, also the first time', async () => {
    const append = client.defineScript('return redis.call("APPEND", KEYS[1], ARGV[1])', { keys: 1 });
    const all = [client.append('log', '1'), append('log', '2'), client.append('log', '3'), append('log', '4')];
    await Promise.all(all);
    expect(await client.get('log')).toBe('1234');
  });

  it('brings its text along after SCRIPT FLUSH', async () => {
    const add = client.defineScript(addText, { keys: 1 });
    await add('a', 1);
    await flushScripts();
    expect(await add('a', 1)).toBe(2);
    expect(await add('a', 1)).toBe(3);
  });

  it('runs for a user who may not load scripts', async () => {
    for (const node of cluster.nodes) {
      await node.call('ACL', 'SETUSER', 'runner', 'on', '>word', '~*', '+@all', '-script|load');
    }
    const runner = connect({ username: 'runner', password: 'word' });
    const add = runner.defineScript(addText, { keys: 1 });
    expect([await add('a', 1), await add('a', 1)]).toEqual([1, 2]);
  });

  it('runs in pipelines, batches and transactions, typed', async () => {
    const add = client.defineScript(addText, { keys: 1, parse: (reply) => Number(reply) });
    expect(await client.pipeline().set('a', 1).add(add.note('a', 2)).get('a').exec()).toEqual([
      [null, 'OK'],
      [null, 3],
      [null, '3'],
    ]);
    const [sum, text] = await client.batch([add.note('b', 5), command.get('a')]);
    expect(sum.toFixed(1)).toBe('5.0');
    expect(text).toBe('3');
    await flushScripts();
    expect(await client.multi().set('a', 1).add(add.note('a', 2)).exec()).toEqual([
      [null, 'OK'],
      [null, 3],
    ]);
    await flushScripts();
    expect(await client.transaction([add.note('a', 4)])).toEqual([7]);
    await flushScripts();
    expect(await client.pipeline().add(add.note('a', 1)).add(add.note('b', 1)).exec()).toEqual([
      [null, 8],
      [null, 6],
    ]);
  });

  it('takes any number of keys if it has no fixed one, and none', async () => {
    const count = client.defineScript('return {#KEYS, #ARGV}');
    expect(await count(2, '{k}1', '{k}2', 'argument')).toEqual([2, 1]);
    expect(await count(0)).toEqual([0, 0]);
    expect(await client.defineScript('return 7', { keys: 0 })()).toBe(7);
    await expect(client.defineScript('return 1', { keys: 2 })('a', 'b')).rejects.toMatchObject({
      name: 'CrossSlotError',
    });
  });

  it('that only reads runs on replicas where reads go there, each given the text', async () => {
    const read = client.with({ readFrom: 'replica' }).defineScript('return redis.call("GET", KEYS[1])', {
      keys: 1,
      readOnly: true,
    });
    await client.set('a', 'value');
    await client.wait(1, 1000);
    const master = await cluster.masterOf(keySlot('a'));
    const before = await executedCalls(master, 'evalsha_ro');
    expect(await read('a')).toBe('value');
    expect(await executedCalls(master, 'evalsha_ro')).toBe(before);
    await flushScripts();
    expect(await read('a')).toBe('value');
  });

  it('gives Buffers, and what `parse` makes of the reply or throws', async () => {
    await client.set('a', 'text');
    const lua = 'return redis.call("GET", KEYS[1])';
    expect(await client.defineScript(lua, { keys: 1, asBuffers: true })('a')).toEqual(Buffer.from('text'));
    const failing = client.defineScript(lua, {
      keys: 1,
      parse() {
        throw new Error('not mine');
      },
    });
    await expect(failing('a')).rejects.toThrow('not mine');
    await expect(client.defineScript('return redis.call("INCR", KEYS[1])', { keys: 1 })('a')).rejects.toMatchObject({
      name: 'ReplyError',
      command: 'EVALSHA',
    });
  });

  it('runs after a failover, and on a master that has just joined', async () => {
    const add = client.defineScript(addText, { keys: 1 });
    await add('{moving}', 1);
    const slot = keySlot('{moving}');
    const master = await cluster.masterOf(slot);
    const [replica] = await cluster.replicasOf(master);
    if (replica === undefined) throw new Error('no replica');
    await client.wait(1, 1000);
    await cluster.failover(replica);
    expect(await add('{moving}', 1)).toBe(2);
    const added = await cluster.addNode();
    await cluster.moveSlots(replica, added, [slot]);
    expect(await add('{moving}', 1)).toBe(3);
    expect(await client.multi().add(add.note('{moving}', 1)).exec()).toEqual([[null, 4]]);
    await cluster.moveSlots(added, replica, [slot]);
    expect(await add('{moving}', 1)).toBe(5);
  });
});

describe('a function', () => {
  const library = `#!lua name=counting
redis.register_function('add', function(keys, args) return redis.call('INCRBY', keys[1], args[1]) end)
redis.register_function{
  function_name = 'read', callback = function(keys) return redis.call('GET', keys[1]) end, flags = { 'no-writes' }
}`;

  it('is loaded on every master at once, and reads on replicas where reads go there', async () => {
    expect(await client.function('LOAD', 'REPLACE', library)).toBe('counting');
    const keys = Array.from({ length: 30 }, (_, i) => `key:${i}`);
    expect(await Promise.all(keys.map((key) => client.fcall('add', 1, key, 2)))).toEqual(keys.map(() => 2));
    await client.wait(1, 5_000);
    const readsBefore = await sumOver(await cluster.masters(), (node) => executedCalls(node, 'fcall_ro'));
    const reading = client.with({ readFrom: 'replica' });
    expect(await Promise.all(keys.map((key) => reading.fcall_ro('read', 1, key)))).toEqual(keys.map(() => '2'));
    expect(await sumOver(await cluster.masters(), (node) => executedCalls(node, 'fcall_ro'))).toBe(readsBefore);
    expect(await client.multi().fcall('add', 1, 'key:1', 1).fcall_ro('read', 1, 'key:1').exec()).toEqual([
      [null, 3],
      [null, '3'],
    ]);
  });
});

describe('a script as a method', () => {
  const lua = 'return {KEYS[1], ARGV[1] or "none"}';

  it('is on the client, its views, pipelines and transactions, with a Buffer variant', async () => {
    client.defineCommand('pair', { lua, numberOfKeys: 1 });
    expect(await method(client, 'pair')('k', 'v')).toEqual(['k', 'v']);
    expect(await method(client, 'pairBuffer')('k', 'v')).toEqual([Buffer.from('k'), Buffer.from('v')]);
    expect(await method(client.with({ timeoutMs: 1000 }), 'pair')('k')).toEqual(['k', 'none']);
    const pipeline = client.pipeline().set('a', 1);
    method(pipeline, 'pair')('k', 1);
    expect(await pipeline.get('a').exec()).toEqual([
      [null, 'OK'],
      [null, ['k', '1']],
      [null, '1'],
    ]);
    const transaction = client.multi();
    method(transaction, 'pair')('k', 1);
    expect(await transaction.exec()).toEqual([[null, ['k', '1']]]);
    const arrays = client.pipeline([['pair', 'k', 2]]);
    expect(await arrays.exec()).toEqual([[null, ['k', '2']]]);
  });

  it('comes from the option `scripts` too, and takes the number of keys if it is not fixed', async () => {
    const scripted = connect({ scripts: { pair: { lua } }, keyPrefix: 'app:' });
    expect(await method(scripted, 'pair')(1, 'k', 'v')).toEqual(['app:k', 'v']);
  });

  it('cannot take the name of another method', () => {
    expect(() => client.defineCommand('get', { lua })).toThrow(UsageError);
    expect(() => client.defineCommand('pipeline', { lua })).toThrow(UsageError);
    expect(() => client.defineCommand('pair', { lua, numberOfKeys: -1 })).toThrow(UsageError);
    expect(() => new ClusterClient('127.0.0.1:1', { scripts: { close: { lua } }, lazyConnect: true })).toThrow(
      UsageError,
    );
    client.defineCommand('pair', { lua, numberOfKeys: 1 });
    client.defineCommand('pair', { lua, numberOfKeys: 1 });
  });
});
