import { ReplyError, type SlotwiseError } from '../errors.ts';
import { kindOfReplyError } from '../protocol/server-error.ts';

/**
 * How often a client has had to do more than send a command and take its reply, since it was made. Plain sums that never
 * reset: a rate is the difference of two snapshots.
 */
export interface ClientCounters {
  /** MOVED replies followed: the slot had another master. */
  readonly moved: number;
  /** ASK replies followed: the slot was on its way, the key already on the other side. */
  readonly ask: number;
  /** TRYAGAIN replies waited out: the keys of one command were on both sides. */
  readonly tryAgain: number;
  /** Commands sent again for any other reason: a lost connection, a loading server, a cluster that was down. */
  readonly retries: number;
  /** Connections of nodes that have become ready, the first one of each node included. */
  readonly connections: number;
  /** Connections that were lost, or could not be made. */
  readonly connectionFailures: number;
  /** Views of the topology that were adopted, changed or not. */
  readonly refreshes: number;
}

/** The sums of one client, incremented only where something has gone another way than the usual one. */
export class Counters implements ClientCounters {
  moved = 0;
  ask = 0;
  tryAgain = 0;
  retries = 0;
  connections = 0;
  connectionFailures = 0;
  refreshes = 0;

  /** One more command is sent again, because of `error`. */
  countRetry(error: SlotwiseError): void {
    const kind = error instanceof ReplyError ? kindOfReplyError(error) : 'failed';
    if (kind === 'moved' || kind === 'ask' || kind === 'tryAgain') this[kind]++;
    else this.retries++;
  }

  snapshot(): ClientCounters {
    const { moved, ask, tryAgain, retries, connections, connectionFailures, refreshes } = this;
    return { moved, ask, tryAgain, retries, connections, connectionFailures, refreshes };
  }
}
