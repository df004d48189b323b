export { type ClientEvents, type ClientState, ClusterClient } from './client/cluster-client.ts';
export { ClusterView } from './client/cluster-view.ts';
export type { NodeHandle, NodeRole } from './client/node-handle.ts';
export type { CallOptions, ClusterClientOptions } from './client/options.ts';
export type { Seed } from './client/seeds.ts';
export type { ReadFrom } from './commands/command.ts';
export {
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
export { keySlot } from './slots/key-slot.ts';
export type { MovedRange, TopologyDiff } from './topology/diff-topology.ts';
export type { Shard, ShardRange, SlotRange, Topology, TopologyNode } from './topology/topology.ts';
export { VERSION } from './version.ts';
