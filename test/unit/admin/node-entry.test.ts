import { describe, expect, it } from 'vitest';
import { addressOf, parseNodeEntries, slotCountOf } from '../../../src/admin/node-entry.ts';

const id = (letter: string): string => letter.repeat(40);

function one(line: string) {
  const [entry, ...rest] = parseNodeEntries(`${line}\n`);
  if (entry === undefined || rest.length > 0) throw new Error('expected one entry');
  return entry;
}

describe('parseNodeEntries', () => {
  it('reads a master with ranges, single slots and open slots', () => {
    const entry = one(
      `${id('a')} 127.0.0.1:7001@17001 myself,master - 0 1426238316232 2 connected 0-5460 7000 ` +
        `[93->-${id('b')}] [77-<-${id('c')}]`,
    );
    expect(entry).toMatchObject({ role: 'master', isMyself: true, isConnected: true, configEpoch: 2, busPort: 17001 });
    expect(entry.slots).toEqual([
      { from: 0, to: 5460 },
      { from: 7000, to: 7000 },
    ]);
    expect(slotCountOf(entry)).toBe(5462);
    expect(entry.openSlots).toEqual([
      { slot: 93, direction: 'migrating', peerId: id('b') },
      { slot: 77, direction: 'importing', peerId: id('c') },
    ]);
  });

  it('reads a failed replica', () => {
    const entry = one(`${id('a')} 10.0.0.1:7001@17001 slave,fail ${id('b')} 1 2 3 disconnected`);
    expect(entry).toMatchObject({ role: 'replica', masterId: id('b'), isConnected: false });
    expect(entry.flags).toContain('fail');
  });

  it.each([
    ['127.0.0.1:7001', '127.0.0.1:7001', 0],
    ['127.0.0.1:7001@17001', '127.0.0.1:7001', 17001],
    ['127.0.0.1:7001@9999,', '127.0.0.1:7001', 9999],
    ['10.0.0.9:7001@17001,node-1.example', '10.0.0.9:7001', 17001],
    ['10.0.0.9:7001@17001,,tls-port=0,shard-id=abc', '10.0.0.9:7001', 17001],
    ['::1:7001@17001', '[::1]:7001', 17001],
    ['fe80::2:7001@17001,v6.example', '[fe80::2]:7001', 17001],
    [':7001@17001', undefined, 17001],
    [':0@0', undefined, 0],
    ['?:7001@17001', undefined, 17001],
  ])('reads the endpoint %s', (endpoint, address, busPort) => {
    const entry = one(`${id('a')} ${endpoint} master - 0 0 1 connected`);
    expect(addressOf(entry)).toBe(address);
    expect(entry.busPort).toBe(busPort);
  });

  it('prefers an announced name only when asked to', () => {
    const entry = one(`${id('a')} 10.0.0.9:7001@17001,node-1.example master - 0 0 1 connected`);
    expect(addressOf(entry, true)).toBe('node-1.example:7001');
    expect(addressOf(entry)).toBe('10.0.0.9:7001');
  });

  it.each([
    ['too few fields', `${id('a')} 127.0.0.1:7001 master`],
    ['a slot beyond the last', `${id('a')} 127.0.0.1:7001 master - 0 0 1 connected 0-16384`],
    ['a range backwards', `${id('a')} 127.0.0.1:7001 master - 0 0 1 connected 9-3`],
    ['a slot that is no number', `${id('a')} 127.0.0.1:7001 master - 0 0 1 connected zero`],
    ['an open slot without direction', `${id('a')} 127.0.0.1:7001 master - 0 0 1 connected [1]`],
  ])('refuses %s', (_, line) => {
    expect(() => parseNodeEntries(line)).toThrow(expect.objectContaining({ name: 'ProtocolError' }));
  });

  it('refuses a reply that is no text', () => {
    expect(() => parseNodeEntries(['a'])).toThrow(expect.objectContaining({ name: 'ProtocolError' }));
  });
});
