import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClusterClient, type ClusterClientOptions, CommandTimeoutError, ProtocolError } from '../../../src/index.ts';
import { cut, FakeNode, silence } from '../../helpers/fake-node.ts';
import { encodeReply, errorReply, simpleReply } from '../../helpers/fake-reply.ts';

let node: FakeNode;
const nodes: FakeNode[] = [];
const clients: ClusterClient[] = [];

function connect(options: ClusterClientOptions = {}): ClusterClient {
  const client = new ClusterClient(node.address, options);
  clients.push(client);
  return client;
}

async function startNode(): Promise<FakeNode> {
  const started = await FakeNode.start();
  nodes.push(started);
  started.on('MULTI', () => simpleReply('OK'));
  for (const name of ['SET', 'INCR', 'GET']) started.on(name, () => simpleReply('QUEUED'));
  started.on('EXEC', () => encodeReply(['OK', 2]));
  return started;
}

beforeEach(async () => {
  node = await startNode();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await Promise.all(nodes.splice(0).map((each) => each.stop()));
});

const begin = (client: ClusterClient) => client.multi().set('a', 1).incr('a').exec();
const done = [
  [null, 'OK'],
  [null, 2],
];

describe('a transaction whose connection is lost', () => {
  it('when EXEC had been sent is rejected as unknown and not sent again', async () => {
    node.on('EXEC', () => cut);
    await expect(begin(connect())).rejects.toMatchObject({
      name: 'ConnectionError',
      executed: 'unknown',
      command: 'EXEC',
    });
    expect(node.received('EXEC')).toHaveLength(1);
  });

  it('is sent again as a whole when its caller allows that, or when it only reads', async () => {
    node.next('EXEC', () => cut);
    expect(await begin(connect({ retryWrites: true }))).toEqual(done);
    node.next('EXEC', () => cut).on('EXEC', () => encodeReply(['x']));
    expect(await connect().multi().get('a').exec()).toEqual([[null, 'x']]);
    expect(node.requests.map(({ name }) => name).join(' ')).toBe(
      'MULTI SET INCR EXEC MULTI SET INCR EXEC MULTI GET EXEC MULTI GET EXEC',
    );
  });
});

describe('a transaction that is refused', () => {
  it('at EXEC for a reason that passes is sent again', async () => {
    node.next('EXEC', () => errorReply('EXECABORT Transaction discarded because of: LOADING Redis is loading'));
    node.next('EXEC', () => errorReply('CLUSTERDOWN The cluster is down'));
    expect(await begin(connect())).toEqual(done);
    expect(node.received('EXEC')).toHaveLength(3);
    expect(node.received('SET')).toHaveLength(3);
  });

  it('at a command for a reason that passes is sent again', async () => {
    node.next('INCR', () => errorReply('TRYAGAIN Multiple keys request during rehashing of slot'));
    node.next('EXEC', () => errorReply('EXECABORT Transaction discarded because of previous errors.'));
    const client = connect();
    expect(await begin(client)).toEqual(done);
    expect(client.counters.tryAgain).toBe(1);
  });

  it('for good says why, and that nothing was executed', async () => {
    node.on('EXEC', () => errorReply('EXECABORT Transaction discarded because of: OOM command not allowed'));
    await expect(begin(connect())).rejects.toMatchObject({ code: 'EXECABORT', executed: 'no', cause: { code: 'OOM' } });
    expect(node.received('EXEC')).toHaveLength(1);
  });

  it('at MULTI, though what followed was not, says that it was executed', async () => {
    node.on('MULTI', () => errorReply('NOPERM this user has no permissions to run the multi command'));
    node.on('EXEC', () => errorReply('ERR EXEC without MULTI'));
    await expect(begin(connect())).rejects.toMatchObject({
      code: 'MULTI_REFUSED',
      executed: 'yes',
      cause: { code: 'NOPERM' },
    });
    node.on('SET', () => errorReply('NOPERM'));
    await expect(begin(connect())).rejects.toMatchObject({ code: 'MULTI_REFUSED', executed: 'unknown' });
    node.on('INCR', () => errorReply('NOPERM'));
    await expect(begin(connect())).rejects.toMatchObject({ code: 'NOPERM', executed: 'no' });
  });
});

describe('a transaction that is redirected', () => {
  it('asks once, before MULTI, for all of it', async () => {
    const target = await startNode();
    node.on('INCR', () => errorReply(`ASK 15495 127.0.0.1:${target.port}`));
    node.on('EXEC', () => errorReply('EXECABORT Transaction discarded because of previous errors.'));
    expect(await begin(connect())).toEqual(done);
    expect(target.requests.map(({ name, isAsking }) => [name, isAsking])).toEqual([
      ['MULTI', true],
      ['SET', false],
      ['INCR', false],
      ['EXEC', false],
    ]);
  });

  it('follows MOVED at EXEC', async () => {
    const target = await startNode();
    node.on('EXEC', () => errorReply(`MOVED 15495 127.0.0.1:${target.port}`));
    expect(await begin(connect())).toEqual(done);
    expect(target.received('MULTI')).toHaveLength(1);
  });
});

describe('a transaction with a strange answer', () => {
  it('is rejected when EXEC does not answer each command', async () => {
    node.on('EXEC', () => encodeReply(['OK']));
    await expect(begin(connect())).rejects.toBeInstanceOf(ProtocolError);
    node.on('EXEC', () => encodeReply(null));
    await expect(begin(connect())).rejects.toMatchObject({ name: 'TransactionAbortedError', executed: 'no' });
  });

  it('is rejected at its deadline when EXEC does not answer, and its late reply goes to nobody else', async () => {
    let answer: () => void = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    node.on('EXEC', async () => {
      await answered;
      return encodeReply(['OK', 2]);
    });
    node.on('GET', () => encodeReply('value'));
    const client = connect();
    const late = client.with({ timeoutMs: 100 }).multi().set('a', 1).incr('a').exec();
    await expect(late).rejects.toBeInstanceOf(CommandTimeoutError);
    await expect(late).rejects.toMatchObject({ executed: 'unknown' });
    const next = client.get('a');
    answer();
    expect(await next).toBe('value');
  });

  it('leaves nothing pending when the client is destroyed', async () => {
    node.on('EXEC', () => silence);
    const client = connect();
    const failure = begin(client);
    await node.until(() => node.received('EXEC').length === 1);
    client.destroy();
    await expect(failure).rejects.toMatchObject({ name: 'ClientClosedError', executed: 'unknown' });
    expect(client.pending).toBe(0);
  });
});
