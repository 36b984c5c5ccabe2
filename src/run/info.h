/*
 * --info: what the program knows of an account's two sides (compat 1.5).
 * Runner's thread; changes nothing.
 */
#ifndef RUN_INFO_H
#define RUN_INFO_H

#include <stdbool.h>

#include "attr.h"
#include "error.h"

struct connector;
struct worker;

bool info_show(struct connector *connector, struct worker *w,
	struct error *err) ATTR_MUST_CHECK;

#endif
