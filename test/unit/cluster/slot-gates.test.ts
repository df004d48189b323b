import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SlotGates } from '../../../src/cluster/slot-gates.ts';
import type { Command, CommandOrigin } from '../../../src/commands/command.ts';
import { nowMs } from '../../../src/util/clock.ts';
import { makeCommand } from '../../helpers/make-command.ts';

const SLOT = 5;

/** Commands with the sequence numbers as given. */
const commands = (...sequences: number[]): Command[] =>
  sequences.map((sequence) => makeCommand({ slot: SLOT, sequence }));
const origin = (...inFlight: Command[]): CommandOrigin => ({
  address: '127.0.0.1:7000',
  forEachInFlight: (visit) => inFlight.forEach(visit),
});

describe('SlotGates', () => {
  let released: number[];
  let alone: number[];
  let canSendAlone: boolean;
  let gates: SlotGates;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
    released = [];
    alone = [];
    canSendAlone = true;
    gates = new SlotGates({
      release: (command) => released.push(command.sequence),
      sendAlone: (command) => {
        if (canSendAlone) alone.push(command.sequence);
        return canSendAlone;
      },
    });
  });
  afterEach(() => {
    gates.takeAll();
    vi.useRealTimers();
  });

  it('lets what was put back go before what is new, each in the order of issue', () => {
    const gate = gates.at(SLOT);
    const [first, second, third, fourth, fifth] = commands(1, 2, 3, 4, 5) as [
      Command,
      Command,
      Command,
      Command,
      Command,
    ];
    gates.append(gate, fourth);
    gates.putBack(gate, second);
    gates.putBack(gate, third);
    gates.append(gate, fifth);
    gates.putBack(gate, first);
    gates.openIfDue(gate);
    expect(released).toEqual([1, 2, 3, 4, 5]);
    expect(gates.get(SLOT)).toBeUndefined();
  });

  it('stays shut until the last command in flight on the old connection has been answered', () => {
    const gate = gates.at(SLOT);
    const [first, second, third, other] = commands(1, 2, 3, 4) as [Command, Command, Command, Command];
    const elsewhere = makeCommand({ slot: SLOT + 1 });
    gates.putBack(gate, first);
    gates.append(gate, other);
    gates.fence(gate, origin(second, third, elsewhere));
    gates.openIfDue(gate);
    expect(released).toEqual([]);
    expect([second.isFence, third.isFence, elsewhere.isFence]).toEqual([false, true, false]);
    gates.putBack(gate, third);
    gates.passFence(SLOT);
    expect(released).toEqual([1, 3, 4]);
  });

  it('counts one fence on each old connection, and the same command once', () => {
    const gate = gates.at(SLOT);
    const [first, second] = commands(1, 2) as [Command, Command];
    gates.fence(gate, origin(first));
    gates.fence(gate, origin(first));
    gates.fence(gate, origin(second));
    gates.append(gate, makeCommand({ slot: SLOT, sequence: 3 }));
    gates.passFence(SLOT);
    expect(released).toEqual([]);
    gates.passFence(SLOT);
    expect(released).toEqual([3]);
  });

  it('opens by itself when its wait is over, and no earlier than the longest wait', () => {
    const gate = gates.at(SLOT);
    gates.append(gate, makeCommand({ slot: SLOT, sequence: 1 }));
    gates.delay(gate, nowMs() + 100);
    gates.delay(gate, nowMs() + 50);
    gates.openIfDue(gate);
    vi.advanceTimersByTime(95);
    expect(released).toEqual([]);
    vi.advanceTimersByTime(25);
    expect(released).toEqual([1]);
  });

  it('opens several gates, each at its own time', () => {
    for (const [slot, wait] of [
      [1, 200],
      [2, 50],
      [3, 120],
    ] as const) {
      const gate = gates.at(slot);
      gates.append(gate, makeCommand({ slot, sequence: slot }));
      gates.delay(gate, nowMs() + wait);
      gates.openIfDue(gate);
    }
    vi.advanceTimersByTime(65);
    expect(released).toEqual([2]);
    vi.advanceTimersByTime(75);
    expect(released).toEqual([2, 3]);
    vi.advanceTimersByTime(75);
    expect(released).toEqual([2, 3, 1]);
  });

  it('ends the wait, but not the fences, of slots that are served again', () => {
    const waiting = gates.at(1);
    gates.append(waiting, makeCommand({ slot: 1, sequence: 1 }));
    gates.delay(waiting, Number.POSITIVE_INFINITY);
    const fenced = gates.at(2);
    gates.append(fenced, makeCommand({ slot: 2, sequence: 2 }));
    gates.fenceBehind(fenced, makeCommand({ slot: 2 }));
    const unserved = gates.at(3);
    gates.append(unserved, makeCommand({ slot: 3, sequence: 3 }));
    gates.delay(unserved, Number.POSITIVE_INFINITY);
    gates.wake((slot) => slot !== 3);
    expect(released).toEqual([1]);
  });

  it('sends the first command alone to a node that has refused it, and the others when that is answered', () => {
    const gate = gates.at(SLOT);
    const [first, second, third] = commands(1, 2, 3) as [Command, Command, Command];
    gates.putBack(gate, first);
    gates.putBack(gate, second);
    gates.append(gate, third);
    gates.noteRefusal(gate, '127.0.0.1:7000');
    gates.openIfDue(gate);
    expect([alone, released]).toEqual([[1], []]);
    expect(first.isFence).toBe(true);
    gates.passFence(SLOT);
    expect([alone, released]).toEqual([[1], [2, 3]]);
    expect(gates.size).toBe(0);
  });

  it('lets all go when the first cannot be sent alone now', () => {
    const gate = gates.at(SLOT);
    for (const command of commands(1, 2)) gates.putBack(gate, command);
    gates.noteRefusal(gate, '127.0.0.1:7000');
    canSendAlone = false;
    gates.openIfDue(gate);
    expect(released).toEqual([1, 2]);
  });

  it('is cautious with a node for a while after a refusal', () => {
    gates.noteRefusal(gates.at(SLOT), '127.0.0.1:7000');
    expect(gates.isRefusing('127.0.0.1:7000')).toBe(true);
    expect(gates.isRefusing('127.0.0.1:7001')).toBe(false);
    vi.advanceTimersByTime(1_000);
    expect(gates.isRefusing('127.0.0.1:7000')).toBe(false);
  });

  it('rejects what waits past its deadline, and lets the others wait on', async () => {
    const gate = gates.at(SLOT);
    const short = makeCommand({ slot: SLOT, sequence: 1, settings: { timeoutMs: 100 } });
    const long = makeCommand({ slot: SLOT, sequence: 2, settings: { timeoutMs: 10_000 } });
    gates.append(gate, long);
    gates.append(gate, short);
    gates.delay(gate, Number.POSITIVE_INFINITY);
    vi.advanceTimersByTime(120);
    expect([short.isSettled, long.isSettled]).toEqual([true, false]);
    await expect(short.promise).rejects.toMatchObject({ code: 'TIMEOUT', executed: 'no', slot: SLOT, command: 'PING' });
    vi.advanceTimersByTime(10_000);
    expect(long.isSettled).toBe(true);
    gates.wake(() => true);
    expect(released).toEqual([]);
  });

  it('tells whether something waits for more than the end of a redirect', () => {
    expect(gates.hasTrouble).toBe(false);
    const gate = gates.at(SLOT);
    expect(gates.hasTrouble).toBe(false);
    gate.isTroubled = true;
    expect(gates.hasTrouble).toBe(true);
    gates.openIfDue(gate);
    expect(gates.hasTrouble).toBe(false);
  });

  it('hands out everything that waits, once', () => {
    for (const slot of [1, 2]) {
      gates.append(gates.at(slot), makeCommand({ slot, sequence: slot }));
      gates.delay(gates.at(slot), Number.POSITIVE_INFINITY);
    }
    expect(gates.takeAll().map((command) => command.sequence)).toEqual([1, 2]);
    expect(gates.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});
