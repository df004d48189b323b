import { foreverSettings } from '../commands/call-settings.ts';
import { Command } from '../commands/command.ts';
import type { CommandSpec } from '../commands/command-spec.ts';
import { DirectOwner } from '../commands/direct-owner.ts';
import { plainSpec } from '../commands/plain-spec.ts';
import { ConnectionError, ReplyError } from '../errors.ts';
import { isProtocolRefused } from '../protocol/server-error.ts';
import { nowMs } from '../util/clock.ts';
import { VERSION } from '../version.ts';
import type { ConnectionOptions } from './connection-options.ts';

/** One command of the handshake and what its refusal means. */
export interface HandshakeStep {
  readonly spec: CommandSpec;
  readonly args: readonly string[];
  /** Its refusal ends the connection; of the others (names for CLIENT LIST) it does not. */
  readonly isRequired: boolean;
}

const HELLO = plainSpec('HELLO');
const AUTH = plainSpec('AUTH');
const CLIENT = plainSpec('CLIENT');
const READONLY = plainSpec('READONLY');

/** The commands that make a fresh connection usable; they are written at once. */
export function handshakeSteps(options: ConnectionOptions, protocol: 2 | 3, isReplica: boolean): HandshakeStep[] {
  const steps: HandshakeStep[] = [];
  const { credentials, clientName } = options;
  if (protocol === 3) {
    const auth = credentials === undefined ? [] : ['AUTH', credentials.username ?? 'default', credentials.password];
    steps.push({ spec: HELLO, args: ['3', ...auth], isRequired: true });
  } else if (credentials !== undefined) {
    // A password alone is understood by every version; user names came with Redis 6.
    const { username, password } = credentials;
    steps.push({ spec: AUTH, args: username === undefined ? [password] : [username, password], isRequired: true });
  }
  if (clientName !== undefined) steps.push({ spec: CLIENT, args: ['SETNAME', clientName], isRequired: false });
  steps.push({ spec: CLIENT, args: ['SETINFO', 'LIB-NAME', 'slotwise'], isRequired: false });
  steps.push({ spec: CLIENT, args: ['SETINFO', 'LIB-VER', VERSION], isRequired: false });
  if (isReplica) steps.push({ spec: READONLY, args: [], isRequired: true });
  return steps;
}

/**
 * Sends the handshake in one round trip and waits for its replies.
 * @returns false when the server refused HELLO, that is, speaks RESP2 only: the caller starts over with protocol 2.
 * @throws ConnectionError (`code` is the server's: WRONGPASS, NOAUTH …) when the server does not let us in.
 */
export async function runHandshake(
  options: ConnectionOptions,
  protocol: 2 | 3,
  isReplica: boolean,
  send: (command: Command) => void,
): Promise<boolean> {
  const owner = new DirectOwner();
  const steps = handshakeSteps(options, protocol, isReplica);
  const outcomes = steps.map((step) => {
    const command = new Command(owner, step.spec, step.args, -1, foreverSettings, false, nowMs());
    send(command);
    return Promise.resolve(command.promise).then(
      () => undefined,
      (error: unknown) => error,
    );
  });
  const errors = await Promise.all(outcomes);
  for (const [index, error] of errors.entries()) {
    const step = steps[index];
    if (error === undefined || step === undefined) continue;
    if (!(error instanceof ReplyError)) throw error;
    if (step.spec === HELLO && isProtocolRefused(error)) return false;
    if (step.isRequired || error.code === 'NOAUTH') throw refusal(error);
  }
  return true;
}

function refusal(error: ReplyError): ConnectionError {
  return new ConnectionError(error.code, `${error.message}${accessAdvice(error.code)}`, { cause: error });
}

/** What the user of the client can do about a refusal with this code, to be put behind the server's message; mostly nothing. */
export function accessAdvice(code: string): string {
  if (code === 'WRONGPASS') return ' (check `username` and `password`)';
  if (code !== 'NOAUTH') return '';
  return ' (the server wants a password: set `password`, and `username` if it is not the default user, or use redis://user:password@host:port)';
}
