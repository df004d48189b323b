import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Backlog } from '../../../src/commands/backlog.ts';
import type { Command } from '../../../src/commands/command.ts';
import { plainSpec } from '../../../src/commands/plain-spec.ts';
import { type ConnectionOptions, defaultConnectionOptions } from '../../../src/connection/connection-options.ts';
import { Lane, type LaneOwner } from '../../../src/connection/lane.ts';
import { ConnectionError, type SlotwiseError } from '../../../src/errors.ts';
import { cut, FakeNode } from '../../helpers/fake-node.ts';
import { encodeReply } from '../../helpers/fake-reply.ts';
import { type MakeOptions, makeCommand, RecordingOwner } from '../../helpers/make-command.ts';
import { until } from '../../helpers/watch-cluster.ts';

class Notes implements LaneOwner {
  readonly backlog = new Backlog();
  readonly losses: SlotwiseError[] = [];
  ready = 0;
  stalls = 0;

  onLaneReady(): void {
    this.ready++;
  }
  onLaneLost(_lane: Lane, cause: SlotwiseError): void {
    this.losses.push(cause);
  }
  onLaneStalled(): void {
    this.stalls++;
  }
  onLaneExpired(): void {}
}

describe('Lane', () => {
  let node: FakeNode;
  let notes: Notes;
  let owner: RecordingOwner;
  let lane: Lane;

  beforeEach(async () => {
    node = await FakeNode.start();
    node.on('ECHO', ({ args }) => encodeReply(args[0]));
    notes = new Notes();
    owner = new RecordingOwner();
    makeLane();
  });
  afterEach(async () => {
    lane.destroy(new ConnectionError('CONNECTION_LOST', 'the test is over'));
    await node.stop();
  });

  function makeLane(options: Partial<ConnectionOptions> = {}): void {
    lane = new Lane(node, { ...defaultConnectionOptions, ...options }, notes, false);
  }
  function dispatch(text: string, options: MakeOptions = {}): Command {
    const command = makeCommand({ owner, spec: plainSpec('ECHO'), args: [text], ...options });
    lane.dispatch(command);
    return command;
  }
  const dispatchAll = (...texts: string[]): Command[] => texts.map((text, sequence) => dispatch(text, { sequence }));
  const repliesOf = (commands: readonly Command[]) => Promise.all(commands.map((command) => command.promise));
  const arrived = (): (string | undefined)[] => node.received('ECHO').map(({ args }) => args[0]);

  it('dials when it is first used, and sends what waited in order', async () => {
    expect(node.accepted).toBe(0);
    const commands = dispatchAll('a', 'b', 'c');
    expect([lane.isReady, lane.waiting, lane.inFlight]).toEqual([false, 3, 0]);
    expect(notes.backlog.bytes).toBeGreaterThan(0);
    expect(await repliesOf(commands)).toEqual(['a', 'b', 'c']);
    expect(arrived()).toEqual(['a', 'b', 'c']);
    expect([node.accepted, lane.isReady, lane.waiting, notes.backlog.bytes]).toEqual([1, true, 0, 0]);
  });

  it('keeps what is dispatched to a silent node from being written, so that it is not executed', async () => {
    makeLane({ stallAfterMs: 60 });
    expect(await dispatch('warm').promise).toBe('warm');
    node.hold();
    const first = dispatch('first');
    await until('the stall is noticed', () => notes.stalls > 0);
    const second = dispatch('second', { settings: { timeoutMs: 80 } });
    const third = dispatch('third');
    await expect(second.promise).rejects.toMatchObject({ code: 'TIMEOUT', executed: 'no', address: node.address });
    await expect(second.promise).rejects.toThrow(/is silent/);
    expect(arrived()).toEqual(['warm', 'first']);
    node.release();
    expect(await repliesOf([first, third])).toEqual(['first', 'third']);
    expect(arrived()).toEqual(['warm', 'first', 'third']);
  });

  it('gives back what waits when the node cannot be reached, as not executed, and dials again for what comes', async () => {
    const { port } = node;
    await node.stop();
    const commands = dispatchAll('a', 'b');
    await until('both came back', () => owner.failures.length === 2);
    expect(owner.failures.map(({ command }) => command)).toEqual(commands);
    expect(owner.failures.every(({ error }) => error instanceof ConnectionError && error.executed === 'no')).toBe(true);
    expect(lane.lastFailure?.message).toMatch(/ECONNREFUSED/);
    node = await FakeNode.start({ port });
    node.on('ECHO', ({ args }) => encodeReply(args[0]));
    expect(await dispatch('c').promise).toBe('c');
    expect(lane.lastFailure).toBeUndefined();
  });

  it('dials anew for what is dispatched after a loss, and not when nothing is', async () => {
    expect(await dispatch('a').promise).toBe('a');
    node.cut();
    await until('the loss is noticed', () => notes.losses.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(node.accepted).toBe(1);
    expect(await dispatch('b').promise).toBe('b');
    expect(node.accepted).toBe(2);
  });

  it('hands over what was in flight first, then what waited behind it', async () => {
    makeLane({ stallAfterMs: 60 });
    expect(await dispatch('warm').promise).toBe('warm');
    node.hold();
    const written = dispatchAll('a', 'b');
    await until('the stall is noticed', () => notes.stalls > 0);
    const waiting = dispatchAll('c', 'd');
    lane.reset(new ConnectionError('CONNECTION_LOST', 'gone'));
    expect(owner.failures.map(({ command, error }) => [command, error.executed])).toEqual([
      ...written.map((command) => [command, 'unknown']),
      ...waiting.map((command) => [command, 'no']),
    ]);
  });

  it('renews its connection after answering what is in flight, and loses nothing meanwhile', async () => {
    expect(await dispatch('a').promise).toBe('a');
    node.hold();
    const before = dispatch('b');
    await node.until(() => arrived().length === 2);
    lane.renew();
    const after = dispatch('c');
    node.release();
    expect(await repliesOf([before, after])).toEqual(['b', 'c']);
    expect(node.received('ECHO').map(({ connection }) => connection)).toEqual([1, 1, 2]);
    expect(owner.failures).toEqual([]);
  });

  it('answers what is in flight when its node leaves, and gives back the rest and what comes later', async () => {
    expect(await dispatch('a').promise).toBe('a');
    node.hold();
    const inFlight = dispatch('b');
    await node.until(() => arrived().length === 2);
    lane.close();
    const late = dispatch('c');
    expect(owner.failures).toMatchObject([{ command: late, error: { code: 'NODE_LEFT', executed: 'no' } }]);
    node.release();
    expect(await inFlight.promise).toBe('b');
    await until('the connection is closed', () => node.connections === 0);
  });

  it('tells its connection that the node has become a replica, once', async () => {
    expect(await dispatch('a').promise).toBe('a');
    const told: Command[] = [];
    const readOnly = (): Command => {
      told.push(makeCommand({ spec: plainSpec('READONLY'), slot: -1 }));
      return told.at(-1) as Command;
    };
    lane.setReplica(true, readOnly);
    lane.setReplica(true, readOnly);
    expect(told).toHaveLength(1);
    expect(await told[0]?.promise).toBe('OK');
  });

  it('survives a node that cuts every command: each is handed over once', async () => {
    node.on('ECHO', () => cut);
    for (let i = 0; i < 10; i++) {
      dispatch(String(i));
      await until('it came back', () => owner.failures.length === i + 1);
    }
    expect(owner.failures.map(({ command }) => command.args[0])).toEqual(
      Array.from({ length: 10 }, (_, i) => String(i)),
    );
  });
});
