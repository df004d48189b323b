import { describe, expect, it } from 'vitest';
import { Command } from '../../../src/commands/command.ts';
import { factsOf, timeoutError } from '../../../src/commands/command-error.ts';
import type { CommandSpec } from '../../../src/commands/command-spec.ts';
import { plainSpec } from '../../../src/commands/plain-spec.ts';
import { parseServerError } from '../../../src/protocol/server-error.ts';
import { makeCommand, RecordingOwner } from '../../helpers/make-command.ts';

describe('Command', () => {
  it('settles once, whoever comes first, and counts itself out once', async () => {
    const owner = new RecordingOwner();
    const answered = makeCommand({ owner });
    const failed = makeCommand({ owner });
    expect(owner.pending).toBe(2);
    answered.resolve('first');
    answered.resolve('second');
    answered.reject(new Error('late'));
    failed.reject(new Error('first'));
    failed.resolve('late');
    expect(owner.pending).toBe(0);
    expect(await answered.promise).toBe('first');
    await expect(failed.promise).rejects.toThrow('first');
  });

  it('gives each of many its own promise', async () => {
    const commands = Array.from({ length: 100 }, () => makeCommand());
    for (const [i, command] of commands.entries()) command.resolve(i);
    expect(await Promise.all(commands.map((command) => command.promise))).toEqual(commands.map((_, i) => i));
  });

  it('shapes its reply, and rejects when the reply cannot have the shape', async () => {
    const spec: CommandSpec = {
      ...plainSpec('SHAPED'),
      transformReply(reply) {
        if (reply === 'odd') throw new TypeError('no such shape');
        return { reply };
      },
    };
    const shaped = makeCommand({ spec });
    shaped.resolve('even');
    expect(await shaped.promise).toEqual({ reply: 'even' });
    const odd = makeCommand({ spec });
    odd.resolve('odd');
    await expect(odd.promise).rejects.toThrow('no such shape');
    expect(odd.owner.pending).toBe(0);
  });

  it('calls back instead of promising, when made so', () => {
    const replies: unknown[] = [];
    const { owner, spec, settings } = makeCommand();
    const command = new Command(
      owner,
      spec,
      [],
      -1,
      settings,
      false,
      0,
      (reply) => replies.push(reply),
      () => undefined,
    );
    expect(command.promise).toBeUndefined();
    command.resolve('x');
    expect(replies).toEqual(['x']);
  });
});

describe('the error of a command', () => {
  it('turns "not executed" into "unknown" when an earlier attempt may have been executed', () => {
    const command = makeCommand();
    expect(factsOf(command, 'no').executed).toBe('no');
    command.maybeExecuted = true;
    expect(factsOf(command, 'no').executed).toBe('unknown');
    expect(factsOf(command, 'yes').executed).toBe('yes');
  });

  it('names command, slot and node, and never the arguments', () => {
    const command = makeCommand({ spec: plainSpec('SET'), args: ['secret-key', 'secret-value'], slot: 99 });
    command.lastError = parseServerError('CLUSTERDOWN The cluster is down');
    const error = timeoutError(command, 'no', 'slot 99 not served', '10.0.0.1:7000');
    expect(error).toMatchObject({
      code: 'TIMEOUT',
      command: 'SET',
      slot: 99,
      address: '10.0.0.1:7000',
      executed: 'no',
    });
    expect(error.message).toBe(
      'SET timed out after 30000 ms: slot 99 not served; the latest attempt: CLUSTERDOWN The cluster is down',
    );
    expect(error.cause).toBe(command.lastError);
    expect(JSON.stringify(error) + error.message + error.stack).not.toContain('secret');
  });

  it('has no slot when the command has no keys', () => {
    expect(factsOf(makeCommand({ slot: -1 }), 'no').slot).toBeUndefined();
  });
});
