/*
 * Two repositories or accounts that would keep mail in one directory: each
 * would take the other's folders for its own and send them to its server.
 * Account runner.
 */
#ifndef RUN_OVERLAP_H
#define RUN_OVERLAP_H

struct connector;
struct tree_result;

/* A fault for each local folder that lies in the directory of another
 * repository of the configuration, and one when another active account has
 * the same directory (but for one with both repositories the same). */
void overlap_check(const struct connector *connector,
	struct tree_result *tree);

#endif
