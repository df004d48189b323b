export type { SlotwiseError } from '../errors.ts';
export { type ClusterCheck, type ClusterProblem, checkCluster } from './cluster-check.ts';
export { type ClusterSummary, describeCluster } from './cluster-summary.ts';
export { type CreateOptions, type CreateProgress, type CreateReport, createCluster } from './create-cluster.ts';
export { type CreatePlan, type PlannedMaster, type PlanOptions, planCreate } from './create-plan.ts';
export type { AccessOptions } from './node-link.ts';
export type { NodeReport } from './node-report.ts';
export type { SlotRange } from './slot-ranges.ts';
