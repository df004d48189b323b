export { type ClientEvents, type ClientState, ClusterClient } from './client/cluster-client.ts';
export { ClusterView } from './client/cluster-view.ts';
export type { NodeHandle, NodeRole } from './client/node-handle.ts';
export type { CallOptions, ClusterClientOptions } from './client/options.ts';
export type { Seed } from './client/seeds.ts';
export type { ReadFrom } from './commands/command.ts';
export type { ReplyShape, Shaped } from './commands/shapes.ts';
export {
  BatchError,
  ClientClosedError,
  ClusterError,
  CommandAbortedError,
  CommandTimeoutError,
  ConnectionError,
  CrossSlotError,
  type Executed,
  FanOutError,
  type FanOutOutcome,
  ProtocolError,
  QueueFullError,
  ReplyError,
  SlotwiseError,
  TransactionAbortedError,
  UsageError,
} from './errors.ts';
export type { ClientCounters } from './observability/counters.ts';
export { type Call, CallNotes, command, type RepliesOf } from './pipeline/call.ts';
export type { CallArray } from './pipeline/call-chain.ts';
export type { Outcome, Outcomes } from './pipeline/outcome.ts';
export type { Pipeline } from './pipeline/pipeline.ts';
export type { ElementScanOptions, ScanItem, ScanIteratorOptions, Scanned, ScanOptions } from './scan/scan-options.ts';
export type { CustomCommandOptions } from './scripting/custom-command.ts';
export type { DefinedScript, ScriptArguments, ScriptOptions } from './scripting/defined-script.ts';
export type { ScriptMethods } from './scripting/script-methods.ts';
export { keySlot } from './slots/key-slot.ts';
export type { MovedRange, TopologyDiff } from './topology/diff-topology.ts';
export type { Shard, ShardRange, SlotRange, Topology, TopologyNode } from './topology/topology.ts';
export type { Transaction } from './transaction/transaction.ts';
export type { WatchBody, WatchOptions } from './transaction/watch.ts';
export type { WatchedKeys } from './transaction/watched-keys.ts';
export { VERSION } from './version.ts';
