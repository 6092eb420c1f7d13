#ifndef WEIR_INGEST_ENTRY_H
#define WEIR_INGEST_ENTRY_H
#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "link/keys.h"
#include <stdint.h>
/*
 * What lies in Redis, and its names: the contract between weir-track, the
 * scripts of sql/redis, weir-worker and weirctl.
 *
 * A project belongs to one shard (weir_shard_of); all keys of a shard share
 * the hash tag {PREFIX:SHARD}, so that one script may touch them on a Redis
 * Cluster.  With redis.prefix = weir and shard 0:
 *
 *   {weir:0}:events               stream: accepted events, oldest first
 *   {weir:0}:dead                 stream: entries that ClickHouse refused
 *   {weir:0}:s:PROJECT:DEVICE     live session of a device (ingest/session.h), no expiry: the reaper ends it
 *   {weir:0}:z:PROJECT:DEVICE     ids of the device's sessions that ended last, and of those in o, newest first, separated by spaces; expires
 *   {weir:0}:p:PROJECT:PROFILE    device of the profile's live session
 *   {weir:0}:h:PROJECT:DEVICE     list: the device's sessions that ended last, newest first, for back-dated events; expires
 *   {weir:0}:o:PROJECT:DEVICE     hash: sessions that back-dated events opened beside the live one, by id; the reaper ends them
 *   {weir:0}:back                 sorted set of "ID PROJECT:DEVICE" by server ms: when to look whether one of these has ended
 *   {weir:0}:clock                sorted set of "PROJECT:DEVICE" by server ms: when to look whether the session has ended
 *   {weir:0}:d:DIGEST             an answer given within the duplicate window: session id, line end, device id
 *   {weir:0}:gen                  counter that changes with every change to clients, projects or salts (link/generation.h)
 *   {weir:0}:owner                who consumes the stream (lease of a worker; ingest/owner.h)
 *   {weir:0}:batch                what that worker is about to write to ClickHouse (ingest/store.h)
 *   {weir:0}:server               run id of the Redis server that the entries were last read from
 *   {weir:0}:views                hash: times spent on pages that are still to be written (ingest/pagetime.h)
 *   {weir:0}:last:TOKEN           number of the last call under a token that did something (ingest/outbox.h); expires
 *   {weir:0}:u:PROJECT:PROFILE    state of a profile, {weir:0}:g:PROJECT:GROUP of a group (ingest/people.h); expire when written
 *   {weir:0}:backfill             hash of ended sessions whose earlier events are to get their profile (ingest/backfill.h)
 *   {weir:0}:dirty                sorted set of those that ClickHouse does not have, by server ms
 *   {weir:0}:worker               hash: the worker's figures (ingest/heartbeat.h); expires
 *   {weir:0}:deleted              sorted set of projects that were deleted, by server ms (ingest/purge.h)
 *   {weir:0}:erased               sorted set of persons that were erased, "PROJECT:PROFILE" by the server ms up to which (ingest/person.h)
 *   {weir:0}:job:NAME             hash: whose turn a job is and how it went (ingest/turn.h); in shard 0 only
 *   {weir:0}:insights             hash: how far the insights of the day are (fcgi/insights.h); in shard 0 only
 *   {weir:0}:notify               sorted set of notification jobs by the server ms when they are due (ingest/notify.h)
 *   {weir:0}:notify:jobs          hash: the jobs by their ids, MessagePack (ingest/notice.h)
 *
 * An entry of the events stream has the fields
 *
 *   k   what happened to the session:
 *         n  this event opened session s
 *         x  this event extended session o, which is now s
 *         b  this event found session o timed out, closed it and opened s
 *         -  no session was changed (no device, from the past, or a server event; s may be the session it belongs to)
 *         e  session o was closed because nothing more came (there is no event)
 *       or that it is no event at all, but a row of another table:
 *         r  a chunk of a recorded visit (ingest/replayrow.h)
 *         t  what a bot did (ingest/botrow.h)
 *   ev  the event row, MessagePack (ingest/event.h); for r and t the packed row; absent for e.  Which session
 *       the event belongs to is decided after it was packed: where there is an
 *       s, the row's session_id and device_id are those of s, and a row whose
 *       profile_id is "" takes that device_id.  ev then holds what the event
 *       says about itself; what it takes over from its session (a server
 *       event: path, origin, referrer, user agent and place; any other: the
 *       referrer where the session has one) is filled in by weir-worker.
 *       Without s the row is complete as it is, except that an empty
 *       profile_id is the device_id there too.
 *   f   which rows are left out, though the session counts the event: 1 session_start, 2 the event, 3 both; absent for none
 *   s   the session after, MessagePack (ingest/session.h); absent for e and for - without session
 *   o   the session before; only for x, b and e
 *
 *   only the name of a table: the entry comes from the dead stream, and what it means for other tables is stored
 *
 * An entry of the dead stream (ingest/deadletter.h) has the same fields but only, and
 *   id   its id in the events stream,  at  server ms,  error  ClickHouse's text,
 *   table  the table that refused it, or "entry" when it could not be read at all.
 * A profile or group that ClickHouse refused (ingest/people.h) stands there with k u or g, its state in s, and its member
 * of "dirty" as id.
 *
 * The consumer group of the events stream is "writers".
 */
#define WEIR_GROUP "writers"

/*
 * How long the id of an ended session is remembered.  Ids follow from the time
 * of the first event (ingest/visitor.h); a late event, up to fifteen minutes
 * old, may ask for one that was used and ended before.
 */
static inline int64_t weir_closed_life_ms(int64_t session_timeout_ms)
{
	return 2 * session_timeout_ms + 20 * 60 * 1000;
}
#endif
