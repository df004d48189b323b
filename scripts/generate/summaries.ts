/** What each command does, in one sentence of our own: `name: sentence`. */
const lines = `
acl: Manages users and their permissions.
acl|cat: Lists the command categories, or the commands of one category.
acl|deluser: Removes users and closes their connections; replies how many there were.
acl|dryrun: Tells whether a user would be allowed to run a command, without running it.
acl|genpass: Makes a random password of the given number of bits.
acl|getuser: Gives a user's rules, or null if there is no such user.
acl|help: Describes the subcommands.
acl|list: Gives every user's rules, as they stand in an ACL file.
acl|load: Replaces the users by those of the server's ACL file.
acl|log: Gives the latest refused commands and log-ins, or forgets them.
acl|save: Writes the users to the server's ACL file.
acl|setuser: Creates or changes a user by rules.
acl|users: Gives the names of all users.
acl|whoami: Gives the name of the connection's user.
append: Puts a value at the end of a string, which is created if it does not exist; replies its new length.
asking: Lets the next command be served by a node that is importing its slot.
auth: Logs the connection in.
bgrewriteaof: Starts to rewrite the append-only file in the background.
bgsave: Starts to save the data set in the background.
bitcount: Counts the bits that are set, in the whole string or in a range of bytes or bits.
bitfield: Reads, sets and increments integers of any width inside a string, in one go.
bitfield_ro: Reads integers of any width inside a string.
bitop: Combines strings bit by bit and stores what comes out; replies its length.
bitpos: Finds the first bit that is set, or is not; -1 if there is none.
blmove: Moves an element from one list to another, and waits for one if there is none.
blmpop: Takes elements from the first list that has any, and waits if none has.
blpop: Takes the first element of the first list that has any, and waits if none has.
brpop: Takes the last element of the first list that has any, and waits if none has.
brpoplpush: Moves the last element of one list to the front of another, and waits for one.
bzmpop: Takes the members with the lowest or highest scores from the first set that has any, and waits if none has.
bzpopmax: Takes the member with the highest score from the first set that has any, and waits if none has.
bzpopmin: Takes the member with the lowest score from the first set that has any, and waits if none has.
client: Looks at connections and changes them.
client|caching: Says whether the keys of the next command are tracked.
client|capa: Tells the server what this client can do.
client|getname: Gives the connection's name.
client|getredir: Gives the id of the connection that invalidations are sent to.
client|help: Describes the subcommands.
client|id: Gives the connection's id.
client|import-source: Marks the connection as one that imports data from elsewhere.
client|info: Describes the connection that asks.
client|kill: Closes connections: the one of an address, or all that fit the filters.
client|list: Describes the server's connections, one a line.
client|no-evict: Keeps the connection from being closed when memory for clients runs short.
client|no-touch: Keeps the connection's commands from counting as use of the keys.
client|pause: Lets clients wait for some time before their commands, or their writes, are executed.
client|reply: Switches the connection's replies on or off.
client|setinfo: Tells the server the client library's name or version.
client|setname: Names the connection.
client|tracking: Lets the server tell the connection when keys that it has read change.
client|trackinginfo: Tells how the connection tracks keys.
client|unblock: Ends another connection's blocking command, as if by timeout or with an error.
client|unpause: Ends CLIENT PAUSE.
cluster: Looks at the cluster and changes it.
clusterscan: Walks over the keys of the whole cluster, one page at a time.
cluster|addslots: Gives slots that nobody serves to the node.
cluster|addslotsrange: Gives ranges of slots that nobody serves to the node.
cluster|bumpepoch: Raises the cluster's configuration epoch.
cluster|cancelslotmigrations: Stops all slot migrations of the node.
cluster|count-failure-reports: Counts the reports that a node has failed.
cluster|countkeysinslot: Counts the keys that the node holds in a slot.
cluster|delslots: Makes the node forget who serves the slots.
cluster|delslotsrange: Makes the node forget who serves the ranges of slots.
cluster|failover: Makes the replica that is asked the master of its shard.
cluster|flushslot: Deletes all keys of a slot.
cluster|flushslots: Makes the node serve no slots.
cluster|forget: Removes another node from the node's list of nodes.
cluster|getkeysinslot: Gives some of the keys that the node holds in a slot.
cluster|getslotmigrations: Describes the node's slot migrations, running and finished.
cluster|help: Describes the subcommands.
cluster|info: Gives the cluster's state and counters as the node sees them.
cluster|keyslot: Gives the slot of a key.
cluster|links: Describes the node's connections to other nodes.
cluster|meet: Makes the node join the cluster of another node.
cluster|migrateslots: Starts to move ranges of slots to other nodes.
cluster|myid: Gives the node's id.
cluster|myshardid: Gives the id of the node's shard.
cluster|nodes: Gives the cluster's configuration as the node sees it, one node a line.
cluster|replicas: Describes the replicas of a master.
cluster|replicate: Makes the node a replica of a master.
cluster|reset: Makes the node leave the cluster.
cluster|saveconfig: Writes the node's cluster configuration to disk.
cluster|set-config-epoch: Sets the epoch of a node that is new in the cluster.
cluster|setslot: Says who serves a slot, or that it is being moved.
cluster|shards: Describes the cluster shard by shard.
cluster|slaves: Describes the replicas of a master.
cluster|slot-stats: Gives figures on the use of slots.
cluster|slots: Gives each range of slots with the nodes that serve it.
cluster|syncslots: Used between nodes while slots are moved.
command: Describes every command that the server has.
commandlog: Looks at the log of slow and large commands.
commandlog|get: Gives the latest slow or large commands.
commandlog|help: Describes the subcommands.
commandlog|len: Counts the entries of a log.
commandlog|reset: Empties a log.
command|count: Counts the commands that the server has.
command|docs: Gives the documentation of commands.
command|getkeys: Finds the keys in a command's arguments.
command|getkeysandflags: Finds the keys in a command's arguments and what happens to each.
command|help: Describes the subcommands.
command|info: Describes the given commands, or all.
command|list: Gives the names of all commands, or of those that fit a filter.
config: Looks at the server's configuration and changes it.
config|get: Gives the parameters that fit the patterns, as a flat list of names and values.
config|help: Describes the subcommands.
config|resetstat: Sets the counters of INFO to zero.
config|rewrite: Writes the running configuration to the configuration file.
config|set: Changes parameters while the server runs.
copy: Copies a key's value to another key; 0 if there was nothing to copy or something in the way.
dbsize: Counts the keys.
debug: Makes the server do things that only its tests need.
decr: Subtracts one from a number and replies what it has become.
decrby: Subtracts from a number and replies what it has become.
del: Deletes keys and replies how many there were.
delifeq: Deletes a key if its value is the given one.
discard: Drops a transaction's commands.
dump: Gives a key's value in the form that RESTORE takes; read it with dumpBuffer.
echo: Replies what it was given.
eval: Runs a script on the server.
eval_ro: Runs a script that only reads.
evalsha: Runs a script that the server knows, by its SHA-1.
evalsha_ro: Runs a script that only reads and that the server knows, by its SHA-1.
exec: Executes a transaction's commands.
exists: Counts how many of the keys exist; one that is given twice counts twice.
expire: Lets a key expire after some seconds; 0 if there is no such key or the condition does not hold.
expireat: Lets a key expire at a time given in seconds; 0 if there is no such key or the condition does not hold.
expiretime: Gives the time in seconds at which a key expires; -1 if it never does, -2 if there is no such key.
failover: Hands a master's role over to a replica, outside clusters.
fcall: Runs a function of a library that the server has.
fcall_ro: Runs a function that only reads.
flushall: Deletes all keys.
flushdb: Deletes all keys of the database, which in a cluster are all keys.
function: Manages libraries of functions.
function|delete: Removes a library.
function|dump: Gives all libraries in the form that FUNCTION RESTORE takes; read it with functionBuffer.
function|flush: Removes all libraries.
function|help: Describes the subcommands.
function|kill: Stops the function that runs, unless it has written already.
function|list: Describes the libraries and their functions.
function|load: Adds a library and replies its name.
function|restore: Adds the libraries of a dump.
function|stats: Tells which function runs, and what engines there are.
geoadd: Adds members with their positions, or moves them; replies how many are new.
geodist: Gives the distance of two members, or null if one of them is missing.
geohash: Gives the members' positions as geohash text.
geopos: Gives the members' positions.
georadius: Finds the members around a point.
georadius_ro: Finds the members around a point, without the options that store.
georadiusbymember: Finds the members around a member.
georadiusbymember_ro: Finds the members around a member, without the options that store.
geosearch: Finds the members within a circle, a box or a polygon.
geosearchstore: Finds members as GEOSEARCH does and stores them; replies how many there are.
get: Gives the string at a key, or null if there is no such key.
getbit: Gives one bit of a string.
getdel: Gives the string at a key and deletes the key.
getex: Gives the string at a key and changes when it expires.
getrange: Gives the part of a string between two positions, both included.
getset: Sets a string and gives the one it replaces.
hdel: Deletes fields of a hash and replies how many there were.
hello: Chooses the connection's protocol, logs it in and names it, all at once.
hexists: Tells whether a hash has a field.
hexpire: Lets fields of a hash expire after some seconds.
hexpireat: Lets fields of a hash expire at a time given in seconds.
hexpiretime: Gives the times in seconds at which fields of a hash expire.
hget: Gives the value of a hash's field, or null if it has no such field.
hgetall: Gives a hash as an object; an empty one if there is no such key.
hgetdel: Gives the values of fields of a hash and deletes the fields.
hgetex: Gives the values of fields of a hash and changes when they expire.
hincrby: Adds to a number in a hash and replies what it has become.
hincrbyfloat: Adds to a number with a fraction in a hash and replies what it has become, as text.
hkeys: Gives the names of a hash's fields.
hlen: Counts the fields of a hash.
hmget: Gives the values of fields of a hash, each null if it has no such field.
hmset: Sets fields of a hash.
hpersist: Keeps fields of a hash from expiring.
hpexpire: Lets fields of a hash expire after some milliseconds.
hpexpireat: Lets fields of a hash expire at a time given in milliseconds.
hpexpiretime: Gives the times in milliseconds at which fields of a hash expire.
hpttl: Gives how many milliseconds fields of a hash have left.
hrandfield: Gives a random field of a hash, or several, with their values on request.
hscan: Walks over the fields of a hash, one page at a time.
hset: Sets fields of a hash and replies how many of them are new.
hsetex: Sets fields of a hash together with when they expire.
hsetnx: Sets a field of a hash unless it exists.
hstrlen: Gives the length of a field's value in bytes.
httl: Gives how many seconds fields of a hash have left.
hvals: Gives the values of a hash.
incr: Adds one to a number and replies what it has become.
incrby: Adds to a number and replies what it has become.
incrbyfloat: Adds to a number with a fraction and replies what it has become, as text.
info: Gives the server's state and counters as text, all of them or some sections.
keys: Gives all keys that fit a pattern; it looks at every key there is.
lastsave: Gives the time of the last save, in seconds.
latency: Looks at what has delayed the server.
latency|doctor: Explains in prose what has delayed the server.
latency|graph: Draws an event's delays as text.
latency|help: Describes the subcommands.
latency|histogram: Gives how long commands take, as histograms.
latency|history: Gives an event's latest delays.
latency|latest: Gives the latest delay of each event.
latency|reset: Forgets the delays of the given events, or of all.
lcs: Finds the longest common subsequence of two strings, its length or its place.
lindex: Gives the element at a place of a list, from the end if negative.
linsert: Inserts an element before or after another; replies the new length, or -1 if that other is not there.
llen: Gives the length of a list.
lmove: Moves an element from one list to another.
lmpop: Takes elements from the first list that has any.
lolwut: Draws a piece of generative art and tells the server's version.
lpop: Takes the first element of a list, or several.
lpos: Finds the place of an element in a list, or of several equal ones.
lpush: Puts elements at the front of a list and replies its new length.
lpushx: Puts elements at the front of a list if it exists.
lrange: Gives the elements of a list between two places, both included.
lrem: Removes equal elements from a list and replies how many there were.
lset: Replaces the element at a place of a list.
ltrim: Keeps the elements of a list between two places and removes the others.
memory: Looks at the server's use of memory.
memory|doctor: Explains in prose what is wrong with the server's memory.
memory|help: Describes the subcommands.
memory|malloc-stats: Gives the allocator's own report.
memory|purge: Asks the allocator to give memory back.
memory|stats: Gives what the memory is used for.
memory|usage: Gives the bytes that a key and its value take, or null if there is no such key.
mget: Gives the strings at several keys, each null if there is no such key.
migrate: Moves keys to another server.
module: Manages the server's modules.
module|help: Describes the subcommands.
module|list: Describes the modules that are loaded.
module|load: Loads a module.
module|loadex: Loads a module with configuration.
module|unload: Unloads a module.
monitor: Streams every command that the server executes.
move: Moves a key to another database; clusters have only one.
mset: Sets the strings of several keys.
msetex: Sets the strings of several keys together with when they expire, all or none.
msetnx: Sets the strings of several keys if none of them exists.
multi: Begins a transaction.
object: Looks at how a value is stored.
object|encoding: Gives the name of a value's encoding, or null if there is no such key.
object|freq: Gives how often a key is used, on a logarithmic scale.
object|help: Describes the subcommands.
object|idletime: Gives for how many seconds a key has not been used.
object|refcount: Counts the references to a value.
persist: Keeps a key from expiring.
pexpire: Lets a key expire after some milliseconds; 0 if there is no such key or the condition does not hold.
pexpireat: Lets a key expire at a time given in milliseconds; 0 if there is no such key or the condition does not hold.
pexpiretime: Gives the time in milliseconds at which a key expires; -1 if it never does, -2 if there is no such key.
pfadd: Adds elements to a HyperLogLog; replies whether its estimate may have changed.
pfcount: Estimates how many different elements HyperLogLogs have seen together.
pfdebug: Shows the inside of a HyperLogLog.
pfmerge: Merges HyperLogLogs into one.
pfselftest: Makes the server test its HyperLogLogs.
ping: Replies PONG, or what it was given.
psetex: Sets a string that expires after some milliseconds.
psubscribe: Subscribes to the channels that fit patterns.
psync: Used by replicas to follow a master.
pttl: Gives how many milliseconds a key has left; -1 if it never expires, -2 if there is no such key.
publish: Sends a message to a channel's subscribers; replies how many got it from the node that was asked.
pubsub: Looks at channels and subscriptions.
pubsub|channels: Gives the channels that have subscribers on the node.
pubsub|help: Describes the subcommands.
pubsub|numpat: Counts the patterns subscribed to on the node.
pubsub|numsub: Counts the subscribers of channels on the node, as a flat list of names and counts.
pubsub|shardchannels: Gives the sharded channels that have subscribers on the node.
pubsub|shardnumsub: Counts the subscribers of sharded channels on the node, as a flat list of names and counts.
punsubscribe: Ends subscriptions to patterns.
quit: Closes the connection.
randomkey: Gives a random key, or null if there is none.
readonly: Lets the connection read from a replica.
readwrite: Ends READONLY.
rename: Renames a key; what was at the new name is lost.
renamenx: Renames a key unless the new name is taken.
replconf: Used by replicas to tell their master about themselves.
replicaof: Makes a server outside clusters a replica, or a master.
reset: Puts the connection back into its first state.
restore: Creates a key from what DUMP gave.
restore-asking: Used by MIGRATE to create a key in a slot that is being imported.
role: Gives the node's role and how replication stands.
rpop: Takes the last element of a list, or several.
rpoplpush: Moves the last element of one list to the front of another.
rpush: Puts elements at the end of a list and replies its new length.
rpushx: Puts elements at the end of a list if it exists.
sadd: Adds members to a set and replies how many are new.
save: Saves the data set and lets everybody wait meanwhile.
scan: Walks over the keys, one page at a time.
scard: Counts the members of a set.
script: Manages the scripts that the server knows.
script|debug: Switches the script debugger of the connection.
script|exists: Tells for each SHA-1 whether the server knows the script.
script|flush: Makes the server forget all scripts.
script|help: Describes the subcommands.
script|kill: Stops the script that runs, unless it has written already.
script|load: Makes the server know a script and replies its SHA-1.
script|show: Gives the text of a script by its SHA-1.
sdiff: Gives the members of the first set that the others do not have.
sdiffstore: Stores what SDIFF gives and replies how many members there are.
select: Chooses the connection's database; clusters have only one.
set: Sets a string, on conditions and with an expiry as asked; null if a condition does not hold.
setbit: Sets one bit of a string and replies what it was.
setex: Sets a string that expires after some seconds.
setnx: Sets a string unless the key exists.
setrange: Overwrites a part of a string and replies its new length.
shutdown: Stops the server.
sinter: Gives the members that all sets have.
sintercard: Counts the members that all sets have, up to a limit.
sinterstore: Stores what SINTER gives and replies how many members there are.
sismember: Tells whether a set has a member.
slaveof: Makes a server outside clusters a replica, or a master.
slowlog: Looks at the log of slow commands.
slowlog|get: Gives the latest slow commands.
slowlog|help: Describes the subcommands.
slowlog|len: Counts the entries of the log.
slowlog|reset: Empties the log.
smembers: Gives all members of a set.
smismember: Tells for each of several members whether a set has it.
smove: Moves a member from one set to another.
sort: Sorts a list, a set or a sorted set, and stores what comes out on request.
sort_ro: Sorts a list, a set or a sorted set without storing.
spop: Takes a random member of a set, or several.
spublish: Sends a message to the subscribers of a sharded channel; replies how many got it.
srandmember: Gives a random member of a set, or several.
srem: Removes members from a set and replies how many there were.
sscan: Walks over the members of a set, one page at a time.
ssubscribe: Subscribes to sharded channels.
strlen: Gives the length of a string in bytes.
subscribe: Subscribes to channels.
substr: Gives the part of a string between two positions, both included.
sunion: Gives the members that any of the sets has.
sunionstore: Stores what SUNION gives and replies how many members there are.
sunsubscribe: Ends subscriptions to sharded channels.
swapdb: Swaps two databases; clusters have only one.
sync: Used by old replicas to follow a master.
time: Gives the server's time as seconds and microseconds.
touch: Marks keys as used and replies how many there are.
ttl: Gives how many seconds a key has left; -1 if it never expires, -2 if there is no such key.
type: Gives the type of a key's value, or none if there is no such key.
unlink: Deletes keys, their memory being freed later, and replies how many there were.
unsubscribe: Ends subscriptions to channels.
unwatch: Ends WATCH.
vadd: Adds an element with its vector to a vector set, or changes the vector.
vcard: Counts the elements of a vector set.
vdim: Gives the number of dimensions of a vector set.
vemb: Gives an element's vector as nearly as it was kept.
vgetattr: Gives an element's attributes as JSON text.
vinfo: Describes a vector set.
vismember: Tells whether a vector set has an element.
vlinks: Gives an element's neighbours on each level of the graph.
vrandmember: Gives a random element of a vector set, or several.
vrem: Removes an element from a vector set.
vsetattr: Sets an element's attributes, as JSON text.
vsim: Gives the elements that are most similar to an element or a vector.
wait: Waits until replicas have got the writes of the connection; replies how many have.
waitaof: Waits until the writes of the connection are on disk; replies on how many servers they are.
watch: Lets a transaction fail if keys change before it.
xack: Marks entries as processed by a consumer group and replies how many were pending.
xadd: Adds an entry to a stream and replies its id.
xautoclaim: Gives a consumer the entries that others have left unprocessed for too long.
xclaim: Gives a consumer entries that are pending for others.
xdel: Deletes entries of a stream and replies how many there were.
xgroup: Manages a stream's consumer groups.
xgroup|create: Creates a consumer group.
xgroup|createconsumer: Creates a consumer in a group.
xgroup|delconsumer: Removes a consumer and replies how many entries were pending for it.
xgroup|destroy: Removes a consumer group.
xgroup|help: Describes the subcommands.
xgroup|setid: Sets the entry behind which a group goes on reading.
xinfo: Looks at a stream.
xinfo|consumers: Describes the consumers of a group.
xinfo|groups: Describes the consumer groups of a stream.
xinfo|help: Describes the subcommands.
xinfo|stream: Describes a stream.
xlen: Counts the entries of a stream.
xpending: Gives a summary of a group's pending entries, or the entries themselves.
xrange: Gives the entries of a stream between two ids, both included.
xread: Reads entries of streams behind given ids, and waits for some if asked.
xreadgroup: Reads entries of streams for a consumer of a group, and waits for some if asked.
xrevrange: Gives the entries of a stream between two ids, the last one first.
xsetid: Sets a stream's last id.
xtrim: Removes the oldest entries of a stream and replies how many there were.
zadd: Adds members with their scores to a sorted set, or changes scores; with INCR replies the new score.
zcard: Counts the members of a sorted set.
zcount: Counts the members whose scores lie between two bounds.
zdiff: Gives the members of the first sorted set that the others do not have.
zdiffstore: Stores what ZDIFF gives and replies how many members there are.
zincrby: Adds to a member's score and replies what it has become, as text.
zinter: Gives the members that all sorted sets have.
zintercard: Counts the members that all sorted sets have, up to a limit.
zinterstore: Stores what ZINTER gives and replies how many members there are.
zlexcount: Counts the members that lie between two others in the order of their bytes.
zmpop: Takes the members with the lowest or highest scores from the first set that has any.
zmscore: Gives the scores of members, each null if there is no such member.
zpopmax: Takes the members with the highest scores, as a flat list of members and scores.
zpopmin: Takes the members with the lowest scores, as a flat list of members and scores.
zrandmember: Gives a random member of a sorted set, or several, with their scores on request.
zrange: Gives the members in a range of ranks, scores or names; WITHSCORES puts each one's score behind it.
zrangebylex: Gives the members between two others in the order of their bytes.
zrangebyscore: Gives the members whose scores lie between two bounds.
zrangestore: Stores what ZRANGE gives and replies how many members there are.
zrank: Gives a member's place in the order of scores, from 0; null if there is no such member.
zrem: Removes members and replies how many there were.
zremrangebylex: Removes the members between two others in the order of their bytes.
zremrangebyrank: Removes the members in a range of ranks.
zremrangebyscore: Removes the members whose scores lie between two bounds.
zrevrange: Gives the members in a range of ranks, the highest score first.
zrevrangebylex: Gives the members between two others in the order of their bytes, the last one first.
zrevrangebyscore: Gives the members whose scores lie between two bounds, the highest first.
zrevrank: Gives a member's place in the order of scores, the highest being 0; null if there is no such member.
zscan: Walks over the members and scores of a sorted set, one page at a time.
zscore: Gives a member's score as text, or null if there is no such member.
zunion: Gives the members that any of the sorted sets has.
zunionstore: Stores what ZUNION gives and replies how many members there are.
`;

const summaries: ReadonlyMap<string, string> = new Map(
  lines
    .trim()
    .split('\n')
    .map((line) => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon), line.slice(colon + 2)];
    }),
);

/** @throws Error if nobody has written one: a new command needs its sentence here. */
export function summaryOf(name: string): string {
  const summary = summaries.get(name);
  if (summary === undefined) throw new Error(`scripts/generate/summaries.ts says nothing of ${name}`);
  return summary;
}
