import { describe, expect, it } from 'vitest';
import { boundWait, policyOf } from '../../../src/cluster/policies.ts';
import { findCommand, resolveSpec } from '../../../src/commands/command-table.ts';

function specOf(...call: string[]) {
  const [name = '', ...args] = call;
  const spec = findCommand(name);
  if (spec === undefined) throw new Error(`no command ${name}`);
  return { spec: resolveSpec(spec, args), args };
}

function goesTo(...call: string[]): string {
  const { spec, args } = specOf(...call);
  return policyOf(spec, args).to;
}

describe('policyOf', () => {
  it.each([
    ['allShards', 'DBSIZE'],
    ['allShards', 'FLUSHALL'],
    ['allShards', 'INFO'],
    ['allShards', 'KEYS', '*'],
    ['allNodes', 'CONFIG', 'SET', 'maxmemory', '0'],
    ['anyNode', 'CONFIG', 'GET', 'maxmemory'],
    ['allNodes', 'SCRIPT', 'FLUSH'],
    ['allNodes', 'PUBSUB', 'CHANNELS'],
    ['mastersInTurn', 'RANDOMKEY'],
    ['slotArgument', 'CLUSTER', 'COUNTKEYSINSLOT', '5'],
    ['anyNode', 'CLUSTER', 'NODES'],
    ['anyNode', 'CLUSTER', 'NOSUCHSUBCOMMAND'],
    ['anyNode', 'PUBLISH', 'channel', 'message'],
  ])('%s: %s', (to, ...call) => {
    expect(goesTo(...call)).toBe(to);
  });

  it.each([
    [['CLUSTER', 'RESET']],
    [['CLUSTER', 'FAILOVER']],
    [['CLUSTER', 'FORGET', 'id']],
    [['REPLICAOF', 'host', '1']],
    [['SHUTDOWN']],
    [['CLIENT', 'UNBLOCK', '5']],
    [['CLIENT', 'KILL', 'ID', '5']],
    [['CLIENT', 'KILL', 'TYPE', 'normal', 'id', '5']],
  ])('leaves the choice of the node to the caller: %s', (call) => {
    expect(goesTo(...call)).toBe('chosenNode');
  });

  it('kills clients by address wherever one is, and counts those killed by other filters', () => {
    const byAddress = specOf('CLIENT', 'KILL', '1.2.3.4:5');
    expect(policyOf(byAddress.spec, byAddress.args)).toMatchObject({ to: 'allNodes', needs: 'first' });
    const byUser = specOf('CLIENT', 'KILL', 'USER', 'id');
    expect(policyOf(byUser.spec, byUser.args)).toMatchObject({ to: 'allNodes', needs: 'all' });
  });
});

describe('boundWait', () => {
  const { spec } = specOf('WAIT', '1', '0');

  it('does not let a shared connection wait longer than its caller', () => {
    expect(boundWait(spec, ['1', '0'], 500)).toEqual(['1', '500']);
    expect(boundWait(spec, ['1', '60000'], 500)).toEqual(['1', '500']);
    expect(boundWait(spec, ['1', '100'], 500)).toEqual(['1', '100']);
    expect(boundWait(spec, ['1', '0'], Number.POSITIVE_INFINITY)).toEqual(['1', '0']);
  });

  it('leaves arguments that make no sense, and other commands, as they are', () => {
    expect(boundWait(spec, ['1', 'soon'], 500)).toEqual(['1', 'soon']);
    expect(boundWait(specOf('GET', 'k').spec, ['0'], 500)).toEqual(['0']);
  });
});
