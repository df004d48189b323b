import { type Link, type LinkOptions, openLink } from '../connection/link.ts';
import { ConnectionError, ReplyError, SlotwiseError } from '../errors.ts';
import { isClusterDisabled } from '../protocol/server-error.ts';
import { type NodeEntry, parseNodeEntries } from './node-entry.ts';

/** How the nodes of a cluster are spoken to. */
export type AccessOptions = Pick<LinkOptions, 'username' | 'password' | 'tls' | 'connectTimeoutMs' | 'timeoutMs'>;

/** A node that needs longer for an administrative question is reported as not answering, unless the caller allows more. */
const ANSWER_TIMEOUT_MS = 5_000;

export async function linkTo(address: string, access: AccessOptions): Promise<Link> {
  const options: LinkOptions = {
    username: access.username,
    password: access.password,
    tls: access.tls,
    connectTimeoutMs: access.connectTimeoutMs,
    timeoutMs: access.timeoutMs ?? ANSWER_TIMEOUT_MS,
    clientName: 'slotwise-admin',
  };
  try {
    return await openLink(address, options);
  } catch (error) {
    throw isRefusal(error) ? refusedBy(address, error) : error;
  }
}

interface Refusal extends ConnectionError {
  readonly cause: ReplyError;
}

/** The server did not let us in. */
function isRefusal(error: unknown): error is Refusal {
  return error instanceof ConnectionError && error.cause instanceof ReplyError;
}

/** Names the node, and leaves out what users of the client would have to do; see {@link adviceOn} for what is to be done here. */
function refusedBy(address: string, { code, cause }: Refusal): ConnectionError {
  return new ConnectionError(code, `${address}: ${cause.message}`, { address, cause });
}

/** Nodes are asked in parallel, but not all of a large cluster at once. */
const MAX_LINKS_AT_ONCE = 32;

/** Opens a link, lets `use` work with it, and closes it whatever happens. */
export async function withLink<T>(address: string, access: AccessOptions, use: (link: Link) => Promise<T>): Promise<T> {
  const link = await linkTo(address, access);
  try {
    return await use(link);
  } finally {
    link.destroy();
  }
}

/** `work` for every item, a bounded number at a time; replies in the order of the items. */
export async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const replies: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const i = next++;
      replies[i] = await work(items[i] as T);
    }
  };
  await Promise.all(Array.from({ length: Math.min(MAX_LINKS_AT_ONCE, items.length) }, worker));
  return replies;
}

/** The node's view of the cluster: one entry a node, its own marked by `isMyself`. */
export async function readEntries(link: Link): Promise<NodeEntry[]> {
  return parseNodeEntries(await link.call('CLUSTER', 'NODES'));
}

/** `name:value` lines, as INFO and CLUSTER INFO answer. */
export async function readFields(link: Link, ...command: string[]): Promise<ReadonlyMap<string, string>> {
  const text = String(await link.call(...command));
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0 && !line.startsWith('#')) fields.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return fields;
}

/** Why the node could not do what it was asked, in a sentence that names it and says what to do. Never holds credentials. */
export function complaintOf(address: string, error: unknown): string {
  const words = error instanceof Error ? error.message : String(error);
  // Errors of connections name their node themselves; a server does not know under which address it was asked.
  const namesNode = error instanceof SlotwiseError && !(error instanceof ReplyError) && error.address !== undefined;
  return `${namesNode ? words : `${address}: ${words}`}${adviceOn(error)}`;
}

/** What to do about the error, in brackets with a space before them; empty when there is nothing to add. */
export function adviceOn(error: unknown): string {
  if (error instanceof ReplyError && isClusterDisabled(error)) return ' (start it with "cluster-enabled yes")';
  const advice =
    adviceByCode.get(codeOf(error)) ?? (error instanceof Error ? adviceByCode.get(codeOf(error.cause)) : '');
  return advice === undefined || advice === '' ? '' : ` (${advice})`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

const adviceByCode: ReadonlyMap<string, string> = new Map([
  ['NOAUTH', 'give a password'],
  ['WRONGPASS', 'check user and password'],
  ['NOPERM', 'the user must be allowed to run CLUSTER, INFO and DBSIZE'],
  ['LOADING', 'it is still reading its data: try again shortly'],
  ['ECONNREFUSED', 'nothing listens there: is the server started, and does it bind this address?'],
  ['ENOTFOUND', 'the name does not resolve'],
  ['ECONNRESET', 'it closed the connection: does it expect TLS?'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'name the certificate that is to be trusted'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'name the authority that is to be trusted'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'name the authority that is to be trusted'],
]);
