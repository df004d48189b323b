import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Command, unstarted } from '../../../src/commands/command.ts';
import { plainSpec } from '../../../src/commands/plain-spec.ts';
import { Connection, type ConnectionOwner } from '../../../src/connection/connection.ts';
import { type ConnectionOptions, defaultConnectionOptions } from '../../../src/connection/connection-options.ts';
import { ConnectionError, ProtocolError, type SlotwiseError } from '../../../src/errors.ts';
import { cut, FakeNode, silence } from '../../helpers/fake-node.ts';
import { encodeReply, errorReply } from '../../helpers/fake-reply.ts';
import { type MakeOptions, makeCommand, RecordingOwner } from '../../helpers/make-command.ts';
import { until } from '../../helpers/watch-cluster.ts';

const echoSpec = plainSpec('ECHO');

/** Notes what a connection tells its owner. */
class Notes implements ConnectionOwner {
  isReady = false;
  closed: SlotwiseError[] = [];
  drains = 0;
  stalls: number[] = [];

  onReady(): void {
    this.isReady = true;
  }
  onClosed(_connection: Connection, cause: SlotwiseError): void {
    this.closed.push(cause);
  }
  onDrain(): void {
    this.drains++;
  }
  onStalled(_connection: Connection, silentMs: number): void {
    this.stalls.push(silentMs);
  }
  onPush(): void {}
  onIdle(): void {}
  onExpired(): void {}
}

describe('Connection', () => {
  let node: FakeNode;
  let notes: Notes;
  let owner: RecordingOwner;
  let connection: Connection;

  beforeEach(async () => {
    node = await FakeNode.start();
    node.on('ECHO', ({ args }) => encodeReply(args[0]));
    notes = new Notes();
    owner = new RecordingOwner();
  });
  afterEach(async () => {
    connection.destroy(new ConnectionError('CONNECTION_LOST', 'the test is over'));
    await node.stop();
  });

  async function open(options: Partial<ConnectionOptions> = {}): Promise<void> {
    connection = new Connection(node, { ...defaultConnectionOptions, ...options }, notes, false);
    await until('the connection is ready or closed', () => notes.isReady || notes.closed.length > 0);
  }
  const echo = (text: string, options: MakeOptions = {}): Command =>
    makeCommand({ owner, spec: echoSpec, args: [text], ...options });
  const dispatch = (text: string, options?: MakeOptions): Command => {
    const command = echo(text, options);
    connection.dispatch(command);
    return command;
  };

  it('answers each command with its own reply, in one write for one turn', async () => {
    await open();
    const commands = ['a', 'ü', 'c'].map((text) => dispatch(text));
    expect(await Promise.all(commands.map((command) => command.promise))).toEqual(['a', 'ü', 'c']);
    expect(owner.pending).toBe(0);
  });

  it('gives Buffers to those commands that want them, and to no others', async () => {
    await open();
    const wants = [false, true, true, false, true];
    const commands = wants.map((asBuffers, i) => dispatch(`v${i}`, { asBuffers }));
    const replies = await Promise.all(commands.map((command) => command.promise));
    expect(replies).toEqual(wants.map((asBuffers, i) => (asBuffers ? Buffer.from(`v${i}`) : `v${i}`)));
  });

  it('hands error replies to the owner of the command, and goes on', async () => {
    await open();
    node.next('ECHO', () => errorReply('MOVED 7 127.0.0.1:7000'));
    const moved = dispatch('a');
    const other = dispatch('b');
    expect(await other.promise).toBe('b');
    expect(owner.failures).toMatchObject([{ command: moved, error: { code: 'MOVED' }, origin: connection }]);
    expect(moved.isSettled).toBe(false);
  });

  it('sends ASKING right before a command that asks, once', async () => {
    await open();
    const asking = echo('a');
    asking.isAsking = true;
    connection.dispatch(asking);
    expect(await asking.promise).toBe('a');
    expect(await dispatch('b').promise).toBe('b');
    expect(node.received('ECHO').map((request) => request.isAsking)).toEqual([true, false]);
  });

  it('says of what was written that nobody knows, and of what was not that it was not executed', async () => {
    await open();
    node.on('ECHO', () => silence);
    const written = dispatch('written');
    await node.until(() => node.received('ECHO').length === 1);
    const unwritten = dispatch('unwritten');
    connection.destroy(new ConnectionError('CONNECTION_LOST', 'gone'));
    expect(owner.failures.map(({ command, error }) => [command, error.executed])).toEqual([
      [written, 'unknown'],
      [unwritten, 'no'],
    ]);
    expect(
      owner.failures.every(({ error }) => error instanceof ConnectionError && error.address === node.address),
    ).toBe(true);
    expect(notes.closed).toHaveLength(1);
  });

  it('hands over everything in flight when the server cuts it', async () => {
    await open();
    node.next('ECHO', () => encodeReply('first')).next('ECHO', () => cut);
    const commands = ['a', 'b', 'c'].map((text) => dispatch(text));
    expect(await commands[0]?.promise).toBe('first');
    await until('it is closed', () => notes.closed.length > 0);
    expect(owner.failures.map(({ command }) => command)).toEqual(commands.slice(1));
    expect(connection.state).toBe('closed');
  });

  it('rejects at the deadline as unknown, and gives the late reply to nobody else', async () => {
    await open();
    node.hold();
    const late = dispatch('late', { settings: { timeoutMs: 40 } });
    const other = dispatch('other');
    await expect(late.promise).rejects.toMatchObject({ code: 'TIMEOUT', executed: 'unknown', address: node.address });
    node.release();
    expect(await other.promise).toBe('other');
    expect(await dispatch('next').promise).toBe('next');
    expect(owner.failures).toEqual([]);
  });

  it('says that it takes no more while the node is silent, and when it does again', async () => {
    await open({ stallAfterMs: 60 });
    node.hold();
    const first = dispatch('first');
    expect(connection.takesMore).toBe(true);
    await until('the stall is noticed', () => notes.stalls.length > 1);
    expect([connection.isStalled, connection.takesMore, notes.drains]).toEqual([true, false, 0]);
    expect(connection.silentMs).toBeGreaterThanOrEqual(60);
    node.release();
    expect(await first.promise).toBe('first');
    await until('it takes more', () => notes.drains === 1);
    expect([connection.isStalled, connection.takesMore, connection.silentMs]).toEqual([false, true, 0]);
  });

  it('is not stalled while nothing is in flight', async () => {
    await open({ stallAfterMs: 30 });
    await dispatch('a').promise;
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(notes.stalls).toEqual([]);
  });

  it('answers what is in flight before it closes', async () => {
    await open();
    node.hold();
    const command = dispatch('a');
    connection.close();
    expect(connection.state).toBe('draining');
    node.release();
    expect(await command.promise).toBe('a');
    await until('it is closed', () => connection.state === 'closed');
    expect(owner.failures).toEqual([]);
  });

  it('passes fences when their command is answered, also with an error or by the end', async () => {
    await open();
    node
      .next('ECHO', () => encodeReply('a'))
      .next('ECHO', () => errorReply('ASK 7 127.0.0.1:7000'))
      .next('ECHO', () => cut);
    const commands = ['a', 'b', 'c'].map((text) => dispatch(text));
    for (const command of commands) command.isFence = true;
    await until('it is closed', () => connection.state === 'closed');
    expect(owner.fences).toEqual(commands);
  });

  it.each([
    ['a reply that nothing asked for', '+HELLO\r\n'],
    ['bytes that are no RESP', 'HTTP/1.1 400 Bad Request\r\n'],
    ['an integer with letters behind it', ':12abc\r\n'],
    ['an absurd array', '*99999999999\r\n'],
  ])('closes with a ProtocolError on %s', async (_, bytes) => {
    await open();
    node.sendRaw(bytes);
    await until('it is closed', () => notes.closed.length > 0);
    expect(notes.closed[0]).toBeInstanceOf(ProtocolError);
    expect(notes.closed[0]?.message).toContain(node.address);
  });

  it('takes no reply for a command that is not written yet', async () => {
    await open();
    node.next('ECHO', () => Buffer.from('$1\r\na\r\n$1\r\nb\r\n'));
    let next: Command | undefined;
    const { settings } = echo('a');
    // The next command is issued between the two replies, and leaves at the end of the turn.
    const issueNext = (): void => {
      next = dispatch('b');
    };
    connection.dispatch(new Command(owner, echoSpec, ['a'], 0, settings, false, unstarted, issueNext, () => {}));
    await until('it is closed', () => notes.closed.length > 0);
    expect(notes.closed[0]).toBeInstanceOf(ProtocolError);
    expect(owner.failures.map(({ command, error }) => [command, error.executed])).toEqual([[next, 'no']]);
  });

  it('gives up a node that accepts and never answers the handshake', async () => {
    node.hold();
    await open({ connectTimeoutMs: 80 });
    expect(notes.closed).toMatchObject([{ code: 'CONNECT_TIMEOUT' }]);
    expect(notes.closed[0]?.message).toMatch(/no answer to the handshake within 80 ms/);
  });

  it.each([
    ['NOAUTH Authentication required.', 'NOAUTH', /set `password`/],
    ['WRONGPASS invalid username-password pair', 'WRONGPASS', /check `username` and `password`/],
  ])('says what to do about %s', async (reply, code, advice) => {
    node.on('CLIENT', () => errorReply(reply)).on('AUTH', () => errorReply(reply));
    await open({ credentials: { password: 'secret' } });
    expect(notes.closed).toMatchObject([{ code }]);
    expect(notes.closed[0]?.message).toMatch(advice);
    expect(notes.closed[0]?.message).not.toContain('secret');
  });

  it('does without names where CLIENT does not know them', async () => {
    node.on('CLIENT', () => errorReply("ERR Unknown subcommand or wrong number of arguments for 'SETINFO'"));
    await open({ clientName: 'mine' });
    expect(connection.isReady).toBe(true);
  });

  it('falls back to RESP2 where HELLO is refused', async () => {
    await open({ protocol: 3 });
    expect(await dispatch('a').promise).toBe('a');
  });

  it('names the reason and the address when nothing listens', async () => {
    const { port } = node;
    await node.stop();
    connection = new Connection({ host: '127.0.0.1', port }, defaultConnectionOptions, notes, false);
    await until('it is closed', () => notes.closed.length > 0);
    expect(notes.closed).toMatchObject([{ code: 'CONNECT_FAILED' }]);
    expect(notes.closed[0]?.message).toMatch(new RegExp(`127.0.0.1:${port}.*ECONNREFUSED`));
  });
});
