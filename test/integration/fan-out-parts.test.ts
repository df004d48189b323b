import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import { FanOutError } from '../../src/errors.ts';
import { cut, FakeNode, type FakeRequest, silence } from '../helpers/fake-node.ts';
import { encodeReply, errorReply, simpleReply } from '../helpers/fake-reply.ts';
import { keyInSlot, until } from '../helpers/watch-cluster.ts';

/** On the first node, on the second, and another one there. */
const here = keyInSlot(10);
const there = keyInSlot(9000);
const alsoThere = keyInSlot(9001);

let nodes: [FakeNode, FakeNode];
let client: ClusterClient;

const values = (request: FakeRequest): Buffer => encodeReply(request.args.map((key) => `value of ${key}`));

/** The slots shared evenly by the nodes given. */
function share(...masters: readonly FakeNode[]): void {
  const width = Math.ceil(16384 / masters.length);
  for (const node of nodes) {
    node.epoch++;
    node.slots = masters.map(({ entry }, i) => ({
      start: i * width,
      end: Math.min(16383, (i + 1) * width - 1),
      nodes: [entry],
    }));
  }
}

beforeEach(async () => {
  nodes = [await FakeNode.start(), await FakeNode.start()];
  share(...nodes);
  for (const node of nodes) {
    node.on('MGET', values);
    node.on('DEL', ({ args }) => encodeReply(args.length));
    node.on('DBSIZE', () => encodeReply(node === nodes[0] ? 10 : 9007199254740990));
    node.on('PING', () => simpleReply('PONG'));
  }
  client = new ClusterClient(nodes[0].address, { timeoutMs: 3000 });
  await client.connect();
  await client.ping();
});

afterEach(async () => {
  client.destroy();
  await Promise.all(nodes.map((node) => node.stop()));
});

async function failure(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    (reply) => {
      throw new Error(`expected a rejection, got ${String(reply)}`);
    },
    (error: Error) => error,
  );
}

function outcomesOf(error: Error): FanOutError['outcomes'] {
  if (!(error instanceof FanOutError)) throw error;
  return error.outcomes;
}

const mixed = (): Promise<unknown> => client.mget(here, there, alsoThere);
const expected = [here, there, alsoThere].map((key) => `value of ${key}`);

describe('a part of a fan-out', () => {
  it('that is turned away for the moment is sent again, alone', async () => {
    nodes[1].next('MGET', () => errorReply('TRYAGAIN Multiple keys request during rehashing of slot'));
    nodes[1].next('MGET', () => errorReply('LOADING Redis is loading the dataset in memory'));
    expect(await mixed()).toEqual(expected);
    expect(nodes[0].received('MGET')).toHaveLength(1);
    expect(nodes[1].received('MGET')).toHaveLength(4);
  });

  it('that reads is sent again when its connection is lost', async () => {
    nodes[1].next('MGET', () => cut);
    expect(await mixed()).toEqual(expected);
    expect(nodes[0].received('MGET')).toHaveLength(1);
  });

  it('that writes is not, and its outcome says so', async () => {
    nodes[1].next('DEL', () => cut);
    const error = await failure(client.del(here, there, alsoThere));
    expect(error).toMatchObject({ executed: 'unknown', command: 'DEL' });
    expect(outcomesOf(error)).toMatchObject([
      { slot: 10, address: nodes[0].address, executed: 'yes', reply: 1 },
      { slot: 9000, address: nodes[1].address, executed: 'unknown', error: { name: 'ConnectionError' } },
      { slot: 9001, address: nodes[1].address, executed: 'unknown', error: { name: 'ConnectionError' } },
    ]);
    // One DEL had arrived when the connection ended; neither came again.
    expect(nodes[1].received('DEL').length).toBeLessThanOrEqual(2);
  });

  it('that writes is sent again if its caller allows it', async () => {
    nodes[1].next('DEL', () => cut);
    expect(await client.with({ idempotent: true }).del(here, there, alsoThere)).toBe(3);
  });

  it('follows its own redirect', async () => {
    nodes[1].next('MGET', () => errorReply(`MOVED 9000 ${nodes[0].address}`));
    expect(await mixed()).toEqual(expected);
    nodes[1].next('MGET', () => errorReply(`ASK 9001 ${nodes[0].address}`));
    expect(await client.mget(here, alsoThere)).toEqual([expected[0], expected[2]]);
    expect(nodes[0].requests.some(({ name, isAsking }) => name === 'MGET' && isAsking)).toBe(true);
  });

  it('counts beyond 2^53 without rounding', async () => {
    expect(await client.dbsize()).toBe(9007199254741000n);
  });

  it('may answer what makes no sense without harm to anybody else', async () => {
    for (const odd of [encodeReply(null), encodeReply(5), encodeReply([]), simpleReply('OK')]) {
      nodes[1].next('MGET', () => odd);
      const [error, other] = await Promise.all([failure(mixed()), client.mget(there, alsoThere)]);
      expect(error).toMatchObject({ name: 'ProtocolError', executed: 'yes', command: 'MGET' });
      expect(other).toEqual(expected.slice(1));
    }
    expect(nodes[1].accepted, 'its connection stays').toBe(1);
  });

  it('fails when its whole shard is gone', async () => {
    nodes[1].on('DBSIZE', () => cut);
    const size = failure(client.dbsize());
    await nodes[1].until(() => nodes[1].received('DBSIZE').length > 0);
    share(nodes[0]);
    const outcomes = new Map(outcomesOf(await size).map((outcome) => [outcome.address, outcome]));
    expect(outcomes.get(nodes[0].address)).toMatchObject({ executed: 'yes', reply: 10 });
    // It had been sent when the connection ended.
    const error = { name: 'ConnectionError', code: 'NODE_LEFT' };
    expect(outcomes.get(nodes[1].address)).toMatchObject({ executed: 'unknown', error });
    expect(await client.dbsize()).toBe(10);
  });

  it('is dropped by an abort while it waits, and answers nobody when it was sent', async () => {
    nodes[1].next('MGET', () => silence);
    const controller = new AbortController();
    const aborted = failure(client.with({ signal: controller.signal }).mget(here, there));
    await nodes[1].until(() => nodes[1].received('MGET').length > 0);
    controller.abort();
    expect(await aborted).toMatchObject({ name: 'CommandAbortedError', executed: 'unknown' });
    await until('nothing is pending', () => client.pending === 0);
  });
});

describe('closing', () => {
  it('waits for the parts that are under way', async () => {
    nodes[1].hold();
    const reply = mixed();
    await nodes[0].until(() => nodes[0].received('MGET').length > 0);
    const closing = client.close();
    nodes[1].release();
    expect(await reply).toEqual(expected);
    await closing;
    expect(await failure(mixed())).toMatchObject({ name: 'ClientClosedError', executed: 'no' });
  });
});
