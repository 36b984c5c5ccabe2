#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/worker.h"
#include "mem.h"
#include "str.h"
#include "sync/validity.h"

#define VALIDITY_FILE_MAX 4096

/* Only the first line counts, blanks around it do not. */
static uint32_t parse(const struct str *text)
{
	const char *line = str_get(text);
	struct span first = span_trim((struct span){line, strcspn(line, "\n")});
	uint64_t n;

	return first.len > 0 && span_number(first, UINT32_MAX, &n)
		? (uint32_t)n : 0;
}

bool validity_read(const char *dir, const char *base, uint32_t *out,
	struct error *err)
{
	char *path = file_join(dir, base);
	struct str text = {0};
	bool ok = true;

	*out = 0;
	if (file_exists(path)) {
		ok = file_read(path, VALIDITY_FILE_MAX, &text, err);
		if (ok)
			*out = parse(&text);
	}
	str_clear(&text);
	free(path);
	return ok;
}

bool validity_write(const char *dir, const char *base, uint32_t value,
	bool fsync, struct worker *w, struct error *err)
{
	char *path = file_join(dir, base);
	struct str text = {0};
	bool ok;

	worker_effect(w, "validity");
	str_printf(&text, "%lu\n", (unsigned long)value);
	ok = file_mkdirs(dir, err) &&
		file_write(path, span_str(&text), fsync, err);
	str_clear(&text);
	free(path);
	return ok;
}
