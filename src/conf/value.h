/*
 * Texts of the configuration become values of the types in option.h.  Called
 * by the loader, main thread.  Strings and lists live in the arena.
 *
 * Errors say what the value must be, "must be yes or no"; the caller puts in
 * front where it stands.  They never show the value.
 */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include <stdbool.h>

#include "attr.h"
#include "conf/option.h"
#include "error.h"

struct arena;

/* Stores into the option's field of the struct at base: struct conf, struct
 * option_account or struct conf_repo, as the option's section says. */
bool value_store(const struct option *option, const char *text,
	struct arena *arena, void *base, struct error *err) ATTR_MUST_CHECK;
/* Stores the number nearest to the text's, which is out of range, where the
 * option allows it. */
bool value_nearest(const struct option *option, const char *text, void *base)
	ATTR_MUST_CHECK;
/* Whether the text is of the option's type; stores nothing.  Only booleans
 * and enums are looked at, which are what options without a field have. */
bool value_check(const struct option *option, const char *text,
	struct error *err) ATTR_MUST_CHECK;
/* Whether the text, which value_check has passed, asks for nothing: empty, a
 * boolean no, or one of the option's own "off" values. */
bool value_is_off(const struct option *option, const char *text);

#endif
