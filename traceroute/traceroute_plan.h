/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_plan - what the state of a path (traceroute_path.c) and its plan (traceroute_plan.c)
 * share.
 */
#ifndef PKT_TRACEROUTE_PLAN_H
#define PKT_TRACEROUTE_PLAN_H

#include "traceroute.h"

/* path_add_shot() - room for one more shot, with p->next_ttl; NULL when out of memory. */
struct shot *path_add_shot(struct path *p);

/* path_list_at() - lists a shot at @hop, behind those there. */
void path_list_at(struct path *p, struct shot *s, unsigned hop);

/*
 * path_farthest() - the farthest hop where a router answered, the one before the first if none did.
 * The last hop of all does not count: it may stand behind a loop.
 */
unsigned path_farthest(const struct traceroute *t, const struct path *p);

/* path_set_distance() - the end is there, unless it is known to be nearer. */
void path_set_distance(struct path *p, unsigned distance, enum distance_proof proof);

/* path_look_back() - after the last answer: is there a loop? */
void path_look_back(struct traceroute *t, struct path *p);

/* path_reason() - why the path ends where it does, when nothing more is asked. */
enum stop_reason path_reason(const struct traceroute *t, const struct path *p);

#endif
