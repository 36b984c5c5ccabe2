/*
 * From sections of text to the structs of conf.h, by the rows of option.c.
 * Called by conf.c alone, main thread.
 */
#ifndef CONF_LOAD_H
#define CONF_LOAD_H

#include <stdbool.h>

#include "attr.h"
#include "conf/conf.h"
#include "conf/notes.h"
#include "conf/option.h"
#include "error.h"

struct arena;
struct ini;
struct ini_section;

struct load {
	const struct ini *ini;
	struct arena *arena; /* of all that is loaded */
	struct notes notes;
	struct conf *conf;
	struct conf_repo *repos; /* conf->repo, while it is filled */
	bool chosen; /* the accounts come from elsewhere than [general] */
};

/* Fills base by the section's own rows, those of [DEFAULT] and the defaults.
 * repos as in option_find.  An option without effect is noted, once a name. */
bool load_section(struct load *load, const struct ini_section *section,
	enum option_section kind, unsigned repos, void *base,
	struct error *err) ATTR_MUST_CHECK;
/* Whether all required options of the section are there and not empty. */
bool load_required(const struct load *load, const struct ini_section *section,
	enum option_section kind, unsigned repos, struct error *err)
	ATTR_MUST_CHECK;
/* "FILE:LINE: [Section] lacks the option ..."; always false. */
bool load_fail_missing(const struct load *load,
	const struct ini_section *section, const char *name,
	struct error *err);
/* Puts where the option stands, or else its section, in front of the error:
 * "FILE:LINE: [Section] name".  Always false. */
bool load_locate(const struct load *load, const struct ini_section *section,
	const char *name, struct error *err);

/* All [Account X] into load->conf, with the [Repository X] that they name;
 * what is wrong with one leaves that one out. */
void load_sides(struct load *load);

#endif
