export type { SlotMoveProgress, SlotMoveStep } from '../admin/slot-move.ts';
export type { SlotRange } from '../admin/slot-ranges.ts';
export type { ServerDirectives } from './node-config.ts';
export { type StartClusterOptions, type StartProgress, startCluster } from './start-cluster.ts';
export type { FailoverOptions, MoveSlotsOptions, TestCluster } from './test-cluster.ts';
export type { TestNode, TestNodeState } from './test-node.ts';
