#ifndef WEIR_ADMIN_TEMPLATE_H
#define WEIR_ADMIN_TEMPLATE_H
#include "base/arena.h"
#include "base/str.h"
/*
 * The statements of sql/clickhouse, for one node or for a cluster, from one
 * text.  A statement ends with ";" at the end of a line; "--" begins a comment
 * line.  Words that begin with @ are filled in:
 *
 *                        one node                   cluster C
 *   @table(T)            T                          T_replicated
 *   @cluster             (nothing)                  ON CLUSTER 'C'
 *   @engine(E)           E                          ReplicatedE(PATH, '{replica}')
 *   @engine(E, a, b)     E(a, b)                    ReplicatedE(PATH, '{replica}', a, b)
 *   @everywhere(E, a)    E(a)                       the same, every node of every shard being a replica
 *   @window              , non_replicated_dedup...  (nothing: replicated tables have a window of their own)
 *   @distributed(T, h)   no statement               CREATE TABLE T AS T_replicated, Distributed by the hash h
 *   @single S            S                          no statement
 *   @clustered S         no statement               S
 *
 * PATH is /clickhouse/{database}/C/tables/{shard}/v1/TABLE; the node's macros
 * shard and replica fill in the rest.  T is a name of the text, C is checked
 * by weir_template_name; nothing else is put into a statement.
 */

/* Letters, digits and underscores, not empty, at most 64: what a cluster or a database may be called. */
bool weir_template_name(const char *name);

/*
 * Cuts the next statement off *text and appends it, filled in, to out (which
 * is reset first).  false when no statement is left.  cluster is "" for one
 * node.  *err is WEIR_EINTERNAL when the text has a word that is not above.
 */
bool weir_template_next(weir_text *text, const char *cluster, weir_str *out, weir_err *err);
#endif
