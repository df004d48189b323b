import { describe, expect, it } from 'vitest';
import { parseServerError } from '../../../src/protocol/server-error.ts';
import { type ShardRange, topologyNode } from '../../../src/topology/topology.ts';
import { askView, chooseView, isSameCluster, type View } from '../../../src/topology/view.ts';

function range(start: number, end: number, master: string, id = '', replicas: string[] = []): ShardRange {
  return {
    start,
    end,
    shard: {
      master: topologyNode(master, 1, id),
      replicas: replicas.map((host) => topologyNode(host, 1, `id-${host}`)),
    },
  };
}

const view = (address: string, epoch: number, ...ranges: ShardRange[]): View => ({ address, epoch, ranges });

describe('chooseView', () => {
  it('believes the majority of those that know the highest epoch', () => {
    const old = [view('1', 5, range(0, 9, 'a')), view('2', 5, range(0, 9, 'a')), view('3', 5, range(0, 9, 'a'))];
    const newer = [view('4', 6, range(0, 9, 'b')), view('5', 6, range(0, 9, 'c')), view('6', 6, range(0, 9, 'c'))];
    expect(chooseView([...old, ...newer])?.address).toBe('5');
  });

  it('counts views as one when they agree on masters, in whatever order and with whichever replicas they list them', () => {
    const chosen = chooseView([
      view('1', 1, range(0, 9, 'x'), range(10, 19, 'y')),
      view('2', 1, range(0, 9, 'a', '', ['r']), range(10, 19, 'b')),
      view('3', 1, range(10, 19, 'b'), range(0, 9, 'a')),
    ]);
    expect(chosen?.address).toBe('2');
  });

  it('takes the first of equals, and nothing from nobody', () => {
    expect(chooseView([view('1', 1, range(0, 9, 'a')), view('2', 1, range(0, 9, 'b'))])?.address).toBe('1');
    expect(chooseView([])).toBeUndefined();
  });
});

describe('isSameCluster', () => {
  const known = [range(0, 9, 'a', 'id-a', ['r'])];

  it('is the same as long as one node is, under whatever address', () => {
    expect(isSameCluster(known, [range(0, 9, 'elsewhere', 'id-a')])).toBe(true);
    expect(isSameCluster(known, [range(0, 9, 'z', 'id-z', ['r'])])).toBe(true);
    expect(isSameCluster(known, [range(0, 9, 'a', 'id-other')])).toBe(false);
  });

  it('is the same when nothing was known, or nodes have no names', () => {
    expect(isSameCluster([], known)).toBe(true);
    expect(isSameCluster([range(0, 9, 'a')], known)).toBe(true);
  });
});

describe('askView', () => {
  const slots = [[0, 16383, ['10.0.0.1', 7000, 'a'.repeat(40)]]];
  const answer = (slotsReply: unknown, infoReply: unknown) => (subcommand: 'SLOTS' | 'INFO') => {
    const reply = subcommand === 'SLOTS' ? slotsReply : infoReply;
    return reply instanceof Error ? Promise.reject(reply) : Promise.resolve(reply);
  };

  it('reads ranges and epoch', async () => {
    const asked = await askView(answer(slots, 'cluster_state:ok\r\ncluster_current_epoch:17\r\n'), 'h', 'h:1');
    expect(asked).toMatchObject({ epoch: 17, address: 'h:1', ranges: [{ start: 0, end: 16383 }] });
  });

  it('does without an epoch where CLUSTER INFO is not allowed', async () => {
    const refused = parseServerError("NOPERM this user has no permissions to run the 'cluster|info' command");
    expect(await askView(answer(slots, refused), 'h', 'h:1')).toMatchObject({ epoch: 0 });
  });

  it.each([
    [
      'a standalone server',
      parseServerError('ERR This instance has cluster support disabled'),
      'CLUSTER_DISABLED',
      /standalone server.*cluster-enabled yes/,
    ],
    ['a cluster without slots', [], 'CLUSTER_EMPTY', /knows no slots/],
    ['a server that wants a password', parseServerError('NOAUTH Authentication required.'), 'NOAUTH', /NOAUTH/],
  ])('says of %s what is wrong, with its address', async (_, reply, code, message) => {
    const asking = askView(answer(reply, ''), '10.0.0.1', '10.0.0.1:7000');
    await expect(asking).rejects.toMatchObject({ name: 'ClusterError', code, address: '10.0.0.1:7000' });
    await expect(asking).rejects.toThrow(message);
    await expect(asking).rejects.toThrow('10.0.0.1:7000');
  });
});
