import createDebug from 'debug';

/*
 * What `DEBUG=slotwise:*` prints. Nothing is logged for a command that just gets its reply; every call stands behind
 * `.enabled`, so that a silent log costs one comparison. Lines name addresses, slots and commands, never keys or values.
 */

/** Connections: opened, ready, closed and why, silent. */
export const connectionLog: createDebug.Debugger = createDebug('slotwise:connection');
/** Refreshes and what they changed. */
export const topologyLog: createDebug.Debugger = createDebug('slotwise:topology');
/** Redirects and retries of commands. */
export const retryLog: createDebug.Debugger = createDebug('slotwise:retry');
