/** One argument as it goes to the server, once numbers have become decimal text. */
export type WireArgument = string | Uint8Array;

/** A bit set of the facts that routing and retrying ask for; see {@link CommandSpec.flags}. */
export const CommandFlag = {
  /** Reads only: may be repeated, and may go to a replica. */
  readOnly: 1,
  write: 2,
  /** May wait on the server for as long as its arguments say: needs a connection of its own. */
  blocking: 4,
  /** The keys' positions depend on the arguments. */
  movableKeys: 8,
  /** Changes the state of its connection (SELECT, MONITOR, SUBSCRIBE …): refused on shared connections. */
  connectionState: 16,
} as const;

/** Where a command goes; from the `request_policy` tip. `byKeys`: to the slot of its keys, or to any node if it has none. */
export type RequestPolicy = 'byKeys' | 'allNodes' | 'allShards' | 'multiShard' | 'special';

/** How the replies of a fan-out become one; from the `response_policy` tip. */
export type ResponsePolicy =
  | 'default'
  | 'oneSucceeded'
  | 'allSucceeded'
  | 'logicalAnd'
  | 'logicalOr'
  | 'min'
  | 'max'
  | 'sum'
  | 'special';

/**
 * One key specification ({@link https://redis.io/docs/latest/develop/reference/key-specs/ key specs}). Positions count the
 * arguments behind the command's name as the server does: the name itself is 0.
 */
export interface KeySpec {
  readonly begin:
    | { readonly type: 'index'; readonly index: number }
    | { readonly type: 'keyword'; readonly keyword: string; readonly startFrom: number }
    | { readonly type: 'unknown' };
  readonly find:
    | { readonly type: 'range'; readonly lastKey: number; readonly step: number; readonly limit: number }
    | { readonly type: 'keynum'; readonly keyNumIndex: number; readonly firstKey: number; readonly step: number }
    | { readonly type: 'unknown' };
  /** The argument is not a key but routes like one (a channel of SPUBLISH, the cursor of CLUSTERSCAN). */
  readonly notKey: boolean;
}

/**
 * What is known about one command, or one subcommand, from the servers' own answers to COMMAND INFO and COMMAND DOCS.
 * Specs are created once when the package loads and are compared by identity.
 */
export interface CommandSpec {
  /** Upper case, with a space before a subcommand: `GET`, `CONFIG SET`. Never contains arguments. */
  readonly name: string;
  /** What is written for the name, already encoded: `$3\r\nGET\r\n`. Containers write their own name; the subcommand is the first argument. */
  readonly encodedName: Uint8Array;
  /** As COMMAND INFO gives it, the name (and subcommand) counted: exact if positive, a minimum if negative. */
  readonly arity: number;
  /** {@link CommandFlag} bits. */
  readonly flags: number;
  /**
   * Position in the caller's arguments (0 is the first after the name) of the one and only key, when it always stands
   * there; else -1 and {@link keySpecs} tell.
   */
  readonly onlyKeyAt: number;
  readonly keySpecs: readonly KeySpec[];
  readonly requestPolicy: RequestPolicy;
  readonly responsePolicy: ResponsePolicy;
  /** Subcommands by lower-case name, for a container. */
  readonly subcommands?: ReadonlyMap<string, CommandSpec> | undefined;
  /** Turns a RESP2-shaped reply into what the caller gets (HGETALL's flat array into an object). */
  readonly transformReply?: ((reply: unknown) => unknown) | undefined;
}
