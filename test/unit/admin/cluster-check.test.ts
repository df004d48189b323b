import { describe, expect, it } from 'vitest';
import { assessSurvey } from '../../../src/admin/cluster-check.ts';
import type { ClusterSurvey, SurveyedNode } from '../../../src/admin/cluster-survey.ts';
import { parseNodeEntries } from '../../../src/admin/node-entry.ts';

const ids = { a: 'a'.repeat(40), b: 'b'.repeat(40), c: 'c'.repeat(40), r: 'd'.repeat(40) };
type Name = keyof typeof ids;

const ports: Record<Name, number> = { a: 7001, b: 7002, c: 7003, r: 7004 };
const slots: Record<Name, string> = { a: '0-5460', b: '5461-10922', c: '10923-16383', r: '' };
const addressOf = (name: Name): string => `127.0.0.1:${ports[name]}`;

/** A line of CLUSTER NODES; `r` is a replica of `a`. */
function line(name: Name, viewer: Name, changes: { slots?: string; flags?: string; link?: string } = {}): string {
  const role = name === 'r' ? 'slave' : 'master';
  const flags = changes.flags ?? (name === viewer ? `myself,${role}` : role);
  const master = name === 'r' ? ids.a : '-';
  return `${ids[name]} ${addressOf(name)}@${ports[name] + 10000} ${flags} ${master} 0 0 1 ${changes.link ?? 'connected'} ${changes.slots ?? slots[name]}`;
}

function node(name: Name, lines: readonly string[], state = 'ok'): SurveyedNode {
  const entries = parseNodeEntries(lines.join('\n'));
  const self = entries.find((entry) => entry.isMyself);
  if (self === undefined) throw new Error('a view names its own node');
  const view = {
    self,
    entries,
    keys: 1,
    cluster: new Map([['cluster_state', state]]),
    server: new Map<string, string>(),
  };
  return { id: ids[name], address: addressOf(name), entry: self, view, reason: undefined };
}

function sound(name: Name): SurveyedNode {
  return node(
    name,
    (['a', 'b', 'c', 'r'] as const).map((each) => line(each, name)),
  );
}

function survey(...changed: SurveyedNode[]): ClusterSurvey {
  const nodes = (['a', 'b', 'c', 'r'] as const).map(
    (name) => changed.find((each) => each.id === ids[name]) ?? sound(name),
  );
  return { nodes };
}

describe('assessSurvey', () => {
  it('finds nothing wrong with four nodes of one mind, and lists each replica after its master', () => {
    const check = assessSurvey(survey());
    expect(check).toMatchObject({ ok: true, coveredSlots: 16384, problems: [] });
    expect(check.nodes.map((each) => each.address)).toEqual([
      addressOf('a'),
      addressOf('r'),
      addressOf('b'),
      addressOf('c'),
    ]);
    expect(check.nodes[0]).toMatchObject({ replicas: [addressOf('r')], slotCount: 5461, keys: 1 });
  });

  it('names the one who sees another owner, the slots, and both owners', () => {
    const odd = node('r', [
      line('a', 'r', { slots: '0-5459' }),
      line('b', 'r', { slots: '5460-10922' }),
      line('c', 'r'),
      line('r', 'r'),
    ]);
    const { ok, problems } = assessSurvey(survey(odd));
    expect(ok).toBe(false);
    expect(problems).toEqual([
      {
        kind: 'disagreement',
        message: `${addressOf('r')} holds that slot 5460 belongs to ${addressOf('b')}, ${addressOf('a')} that it belongs to ${addressOf('a')}`,
        address: addressOf('r'),
        slots: [{ from: 5460, to: 5460 }],
      },
    ]);
  });

  it('names a node that another does not know', () => {
    const ignorant = node('c', [line('a', 'c'), line('b', 'c'), line('c', 'c')]);
    expect(assessSurvey(survey(ignorant)).problems).toEqual([
      expect.objectContaining({ kind: 'disagreement', message: `${addressOf('c')} does not know ${addressOf('r')}` }),
    ]);
  });

  it('does not count the slots of a master that has failed without a successor', () => {
    const views = (['a', 'b', 'r'] as const).map((name) =>
      node(
        name,
        (['a', 'b', 'c', 'r'] as const).map((each) =>
          line(each, name, each === 'c' ? { flags: 'master,fail', link: 'disconnected' } : {}),
        ),
        'fail',
      ),
    );
    const [entry] = parseNodeEntries(line('c', 'a', { flags: 'master,fail', link: 'disconnected' }));
    if (entry === undefined) throw new Error('an entry expected');
    const dead = { id: ids.c, address: addressOf('c'), entry, view: undefined, reason: `${addressOf('c')}: gone` };
    const check = assessSurvey(survey(...views, dead));
    expect(check.coveredSlots).toBe(10923);
    expect(check.problems.map((problem) => problem.kind)).toEqual([
      'unreachable',
      'uncovered',
      'failing',
      'clusterDown',
      'clusterDown',
      'clusterDown',
    ]);
    expect(check.problems[1]?.slots).toEqual([{ from: 10923, to: 16383 }]);
  });

  it('counts the slots of a master that only we cannot reach', () => {
    const [entry] = parseNodeEntries(line('c', 'a'));
    if (entry === undefined) throw new Error('an entry expected');
    const far = { id: ids.c, address: addressOf('c'), entry, view: undefined, reason: `${addressOf('c')}: timed out` };
    const check = assessSurvey(survey(far));
    expect(check.coveredSlots).toBe(16384);
    expect(check.problems.map((problem) => problem.kind)).toEqual(['unreachable']);
  });
});
