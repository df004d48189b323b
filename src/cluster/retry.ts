import { CommandFlag, type CommandSpec } from '../commands/command-spec.ts';
import { ClusterError, ConnectionError, ProtocolError, ReplyError, type SlotwiseError } from '../errors.ts';
import { kindOfReplyError, parseRedirect, type Redirect } from '../protocol/server-error.ts';
import type { Urgency } from '../topology/refresher.ts';
import { backoffMs } from '../util/backoff.ts';

/** What to do about a command whose latest attempt failed. */
export type RetryDecision =
  /** Send it to the node that the server named; with `isAsking` only this once. */
  | { readonly kind: 'redirect'; readonly isAsking: boolean; readonly to: Redirect }
  /**
   * Try again after `delayMs`. `keepsOrder`: the later commands of its slot wait behind it. `mayRepeat`: it may have been executed
   * before.
   */
  | {
      readonly kind: 'retry';
      readonly delayMs: number;
      readonly keepsOrder: boolean;
      readonly refresh: Urgency | undefined;
      readonly mayRepeat: boolean;
    }
  | { readonly kind: 'fail' }
  /** Redirects go round in circles. */
  | { readonly kind: 'tooManyRedirects' }
  /** MOVED or ASK without a slot or an address. */
  | { readonly kind: 'malformedRedirect' };

/** The facts of a command on which the decision depends. */
export interface RetryFacts {
  readonly spec: CommandSpec;
  readonly slot: number;
  /** The caller allowed sending it twice. */
  readonly isIdempotent: boolean;
  /** The server holds it until there is something for it: waiting goes on elsewhere when it cannot there. */
  readonly isBlocking?: boolean | undefined;
  readonly hops: number;
  readonly attempts: number;
}

/** More redirects than this for one command are a loop, not a cluster that changes. */
export const MAX_HOPS = 16;

/** Redirects that are followed at once. */
const FREE_HOPS = 4;

/**
 * How long a command waits before its redirect number `hops` is followed. While nodes disagree for a moment about who owns a slot
 * they send a command to and fro, faster than they can come to agree: from the fifth redirect on it is given time.
 */
export function hopDelayMs(hops: number, random?: () => number): number {
  return hops <= FREE_HOPS ? 0 : backoffMs(hops - FREE_HOPS - 1, 10, 250, random);
}

/**
 * Decides by the delivery rules: what was not executed is tried again until its deadline; what may have been executed only if
 * it reads, or the caller allowed it; everything else is the caller's answer.
 */
export function decideRetry(error: SlotwiseError, facts: RetryFacts, random?: () => number): RetryDecision {
  if (error instanceof ReplyError) return decideOnReply(error, facts, random);
  if (error instanceof ConnectionError || error instanceof ProtocolError) {
    const isRepeatable =
      facts.isIdempotent || facts.isBlocking === true || (facts.spec.flags & CommandFlag.readOnly) !== 0;
    if (error.executed !== 'no' && !isRepeatable) return { kind: 'fail' };
    return {
      kind: 'retry',
      // The first time at once: the lane dials, and holds the command meanwhile.
      delayMs: facts.attempts === 0 ? 0 : backoffMs(facts.attempts - 1, 20, 200, random),
      keepsOrder: true,
      refresh: 'urgent',
      mayRepeat: error.executed !== 'no',
    };
  }
  return { kind: 'fail' };
}

function decideOnReply(error: ReplyError, facts: RetryFacts, random?: () => number): RetryDecision {
  const kind = kindOfReplyError(error);
  switch (kind) {
    case 'moved':
    case 'ask': {
      const to = parseRedirect(error);
      if (to === undefined || (facts.slot !== -1 && to.slot !== facts.slot)) return { kind: 'malformedRedirect' };
      if (facts.hops >= MAX_HOPS) return { kind: 'tooManyRedirects' };
      return { kind: 'redirect', isAsking: kind === 'ask', to };
    }
    case 'tryAgain':
      // Half of a multi-key command's keys have moved: it passes as soon as the others have.
      return retry(backoffMs(facts.attempts, 10, 100, random), false, undefined);
    case 'clusterDown':
    case 'masterDown':
    case 'readOnly':
      return retry(backoffMs(facts.attempts, 40, 250, random), true, 'urgent');
    case 'unblocked':
      return facts.isBlocking
        ? retry(facts.attempts === 0 ? 0 : backoffMs(facts.attempts, 20, 200, random), true, 'urgent')
        : { kind: 'fail' };
    case 'loading':
      return retry(backoffMs(facts.attempts, 20, 250, random), true, 'soon');
    case 'failed':
      return { kind: 'fail' };
  }
}

function retry(delayMs: number, keepsOrder: boolean, refresh: Urgency | undefined): RetryDecision {
  return { kind: 'retry', delayMs, keepsOrder, refresh, mayRepeat: false };
}

/** The error of a command whose redirects do not end; `cause` is the latest of them. */
export function tooManyRedirects(cause: SlotwiseError): ClusterError {
  const message = `more than ${MAX_HOPS} redirects; the latest: ${cause.message}`;
  return new ClusterError('TOO_MANY_REDIRECTS', message, { executed: 'no', cause });
}
