/**
 * The program of the process that owns the servers of one test cluster, run with `node -e`: a text instead of a file, because
 * a bundled library has no file to point to.
 *
 * It ends only by cleaning up: when it is asked to, when a signal tells it to, or when the channel to its parent closes, which
 * the kernel does however the parent dies. Every server leads its own process group, so that a wrapper script around a server
 * is signalled together with it.
 */
export const watchdogSource = `
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');

process.title = 'slotwise watchdog';
const servers = new Map();
const doomed = new Set();
let graceMs = 0;
let ending = false;

function tell(message) {
  if (process.connected) process.send(message, () => {});
}

function signal(child, name) {
  try {
    process.kill(-child.pid, name);
  } catch {}
}

const actions = {
  hold({ port }, answer) {
    const holder = net.createServer((socket) => socket.destroy());
    holder.once('error', (error) => answer(error.code));
    holder.listen({ port, host: '127.0.0.1', exclusive: true }, () => answer());
  },
  removeAtEnd({ folder }, answer) {
    doomed.add(folder);
    answer();
  },
  keep({ folders, grace }, answer) {
    for (const folder of folders) doomed.delete(folder);
    graceMs = grace;
    answer();
  },
  start({ key, command, args, cwd, log }, answer) {
    if (ending) return answer('the cluster is being stopped');
    const output = fs.openSync(log, 'a');
    const child = spawn(command, args, { cwd, detached: true, stdio: ['ignore', output, output] });
    fs.closeSync(output);
    child.once('error', (error) => answer(error.message));
    if (child.pid === undefined) return;
    servers.set(key, child);
    child.once('spawn', () => answer(undefined, child.pid));
    child.once('exit', (code, name) => {
      servers.delete(key);
      signal(child, 'SIGKILL');
      tell({ ended: key, code, signal: name });
      if (ending && servers.size === 0) leave();
    });
  },
  signal({ key, name }, answer) {
    const child = servers.get(key);
    if (child !== undefined) signal(child, name);
    answer();
  },
  end() {
    end();
  },
};

function end() {
  if (ending) return;
  ending = true;
  if (servers.size === 0) return leave();
  const kill = () => servers.forEach((child) => signal(child, 'SIGKILL'));
  if (graceMs === 0) return kill();
  servers.forEach((child) => {
    signal(child, 'SIGCONT');
    signal(child, 'SIGTERM');
  });
  setTimeout(kill, graceMs);
}

function leave() {
  for (const folder of doomed) fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.exit(0);
}

process.on('message', (message) => {
  actions[message.action](message, (error, value) => tell({ answer: message.ask, error, value }));
});
process.on('disconnect', end);
process.on('SIGTERM', end);
process.on('SIGINT', end);
process.on('SIGHUP', end);
`;
