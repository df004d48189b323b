import { describe, expect, it } from 'vitest';
import type { NodeLook } from '../../../src/scan/node-look.ts';
import { SlotPass } from '../../../src/scan/slot-pass.ts';
import { SlotSet } from '../../../src/scan/slot-set.ts';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const C = 'c'.repeat(40);

/** A look at node A that owns slots 0 to 9, with what is different. */
function look(changes: Partial<Omit<NodeLook, 'owned'>> & { readonly owned?: string } = {}): NodeLook {
  const { owned = '0-9', ...others } = changes;
  return {
    id: A,
    runId: 'run 1',
    isMaster: true,
    epoch: 5,
    migrating: new Map(),
    importing: new Map(),
    addresses: new Map(),
    ...others,
    owned: SlotSet.parse(owned) as SlotSet,
  };
}

function begin(first = look(), slots = '0-9', arriving = new Map<number, string>()): SlotPass {
  return SlotPass.begin(first, SlotSet.parse(slots) as SlotSet, arriving);
}

function proved(pass: SlotPass): string {
  return String(pass.finish().proved);
}

describe('what a walk over a node proves', () => {
  it('is every slot that rested there throughout', () => {
    const pass = begin();
    pass.observe(look());
    expect(proved(pass)).toBe('0-9');
  });

  it('is nothing about slots that the node never had', () => {
    const pass = begin(look({ owned: '0-4' }));
    expect(pass.isLive(5)).toBe(false);
    pass.observe(look({ owned: '0-4' }));
    expect(proved(pass)).toBe('0-4');
  });

  it('is nothing about slots that it has lost or gained', () => {
    const pass = begin(look(), '0-12');
    pass.observe(look({ owned: '0-6 12' }));
    pass.observe(look({ owned: '0-12', epoch: 6 }));
    expect(proved(pass)).toBe('0-6');
  });

  it('is nothing if the process is another one', () => {
    const pass = begin();
    pass.observe(look({ runId: 'run 2' }));
    expect(pass.hasLive).toBe(false);
    expect(proved(pass)).toBe('');
  });

  it('is nothing if the node was no master in between', () => {
    const pass = begin();
    pass.observe(look({ isMaster: false, owned: '' }));
    pass.observe(look());
    expect(proved(pass)).toBe('');
  });

  it('is nothing if the epoch rose without slots to explain it: the role was lost and won back', () => {
    const pass = begin();
    pass.observe(look({ epoch: 7 }));
    expect(proved(pass)).toBe('');
  });

  it('is not in doubt when the epoch rose because slots arrived', () => {
    const pass = begin();
    pass.observe(look({ epoch: 7, owned: '0-10' }));
    pass.observe(look({ epoch: 7, owned: '0-10' }));
    expect(proved(pass)).toBe('0-9');
  });

  it('is the first half of slots whose keys were leaving for one node', () => {
    const pass = begin();
    pass.observe(look({ migrating: new Map([[3, B]]) }));
    pass.observe(look({ migrating: new Map([[3, B]]) }));
    const { proved, half } = pass.finish();
    expect(String(proved)).toBe('0-2 4-9');
    expect([...half]).toEqual([[3, { from: A, to: B }]]);
  });

  it('is no half if the move was taken back, went elsewhere, or was finished', () => {
    for (const last of [look(), look({ migrating: new Map([[3, C]]) }), look({ owned: '0-2 4-9' })]) {
      const pass = begin(look({ migrating: new Map([[3, B]]) }));
      pass.observe(last);
      const { proved, half } = pass.finish();
      expect(String(proved)).toBe('0-2 4-9');
      expect(half.size).toBe(0);
    }
  });

  it('is the second half while keys of the slot only arrive, or have arrived', () => {
    const arriving = look({ importing: new Map([[12, B]]) });
    for (const last of [arriving, look({ owned: '0-9 12', epoch: 6 })]) {
      const pass = begin(arriving, '', new Map([[12, B]]));
      expect(pass.isLive(12)).toBe(true);
      pass.observe(last);
      expect(proved(pass)).toBe('12');
    }
  });

  it('is no second half if they come from elsewhere, not at all, or leave again', () => {
    const rows = [
      look({ importing: new Map([[12, C]]) }),
      look(),
      look({ owned: '0-9 12', migrating: new Map([[12, C]]) }),
    ];
    for (const first of rows) expect(begin(first, '', new Map([[12, B]])).isLive(12)).toBe(false);
  });

  it('goes on from plain values as if it had never stopped', () => {
    const pass = begin(
      look({ migrating: new Map([[3, B]]), importing: new Map([[12, C]]) }),
      '0-9',
      new Map([[12, C]]),
    );
    const resumed = SlotPass.fromRecord(JSON.parse(JSON.stringify(pass.toRecord())));
    resumed?.observe(look({ migrating: new Map([[3, B]]), owned: '0-8 12', epoch: 6 }));
    const outcome = resumed?.finish();
    expect(String(outcome?.proved)).toBe('0-2 4-8 12');
    expect(outcome?.half.get(3)?.to).toBe(B);
    expect(SlotPass.fromRecord({ ...pass.toRecord(), owned: 'x' })).toBeUndefined();
  });
});
