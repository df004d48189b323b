import { describe, expect, it } from 'vitest';
import type { CommandSpec } from '../../../src/commands/command-spec.ts';
import { CommandFlag } from '../../../src/commands/command-spec.ts';
import { allCommands, findCommand } from '../../../src/commands/command-table.ts';
import { blockingTimeoutMs, ServerWait } from '../../../src/commands/server-wait.ts';

function spec(name: string): CommandSpec {
  const found = findCommand(name);
  if (found === undefined) throw new Error(`no command ${name}`);
  return found;
}

describe('how long a server may hold a call', () => {
  const rows: readonly [string, readonly string[], number | undefined][] = [
    ['BLPOP', ['a', 'b', '5'], 5_000],
    ['BLPOP', ['a', '0'], Number.POSITIVE_INFINITY],
    ['BLPOP', ['a', '0.25'], 250],
    ['BLPOP', ['a', '5.'], 5_000],
    ['BLPOP', ['a', 'soon'], Number.POSITIVE_INFINITY],
    ['BLPOP', ['a', '1e3'], Number.POSITIVE_INFINITY],
    ['BRPOP', ['a', '1'], 1_000],
    ['BRPOPLPUSH', ['a', 'b', '1'], 1_000],
    ['BLMOVE', ['a', 'b', 'LEFT', 'RIGHT', '2'], 2_000],
    ['BLMPOP', ['3', '1', 'a', 'LEFT'], 3_000],
    ['BZMPOP', ['3', '1', 'a', 'MIN'], 3_000],
    ['BZPOPMIN', ['a', '4'], 4_000],
    ['BZPOPMAX', ['a', '4'], 4_000],
    ['XREAD', ['STREAMS', 'a', '0'], undefined],
    ['XREAD', ['BLOCK', '1500', 'STREAMS', 'a', '0'], 1_500],
    ['XREAD', ['COUNT', '5', 'block', '0', 'STREAMS', 'a', '0'], Number.POSITIVE_INFINITY],
    ['XREAD', ['COUNT', '5', 'STREAMS', 'BLOCK', '0'], undefined],
    ['XREADGROUP', ['GROUP', 'BLOCK', 'STREAMS', 'BLOCK', '7', 'STREAMS', 'a', '>'], 7],
    ['XREADGROUP', ['GROUP', 'g', 'c', 'NOACK', 'STREAMS', 'a', '>'], undefined],
    ['GET', ['a'], undefined],
  ];
  for (const [name, args, expected] of rows) {
    it(`${name} ${args.join(' ')}: ${expected}`, () => {
      expect(blockingTimeoutMs(spec(name), args)).toBe(expected);
    });
  }

  it('is known for every command with keys that can block', () => {
    const unknown = [...allCommands()].filter(
      (each) =>
        (each.flags & CommandFlag.blocking) !== 0 &&
        each.keySpecs.length > 0 &&
        blockingTimeoutMs(each, ['1', 'x', 'y', 'BLOCK', '1', 'STREAMS', 'k', '1']) === undefined,
    );
    expect(unknown.map((each) => each.name)).toEqual([]);
  });
});

describe('the arguments of a further attempt', () => {
  it('carry what is left of the time, counted from the first', () => {
    const args = ['a', '5'];
    const wait = ServerWait.of(spec('BLPOP'), args);
    expect(wait?.argsAt(args, 10_000)).toBe(args);
    expect(wait?.argsAt(args, 11_200)).toEqual(['a', '3.800']);
    expect(args).toEqual(['a', '5']);
  });

  it('never say 0, which would mean for ever', () => {
    const args = ['BLOCK', '200', 'STREAMS', 'a', '0'];
    const wait = ServerWait.of(spec('XREAD'), args);
    wait?.argsAt(args, 0);
    expect(wait?.argsAt(args, 9_999)).toEqual(['BLOCK', '1', 'STREAMS', 'a', '0']);
  });

  it('stay the same where there is no end', () => {
    const args = ['a', '0'];
    const wait = ServerWait.of(spec('BLPOP'), args);
    wait?.argsAt(args, 0);
    expect(wait?.argsAt(args, 60_000)).toBe(args);
  });
});
