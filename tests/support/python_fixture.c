#include "config.h"

#include "python_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/process.h"
#include "base/queue.h"
#include "event.h"
#include "mem.h"

struct python_fixture f;
const char *const two[2] = {"INBOX", "Entw\xc3\xbcrfe"};
const struct python_item items[3] = {
	{"B", "x", "~/m"}, {"A", "y", NULL}, {"A", "x", "/m"},
};

bool has_python(const char *suite)
{
	char *path = process_find("python3");
	bool has = path != NULL;

	free(path);
	if (!has)
		fprintf(stderr, "SKIPPED: the suite %s, as there is no "
			"python3 in PATH\n", suite);
	return has;
}

void begin(const char *text)
{
	f = (struct python_fixture){.dir = "/tmp/check_python.XXXXXX",
		.worker = {.thread = "t", .account = "A", .folder = "",
			.debug = 1u << AREA_GENERAL}};
	ck_assert_ptr_nonnull(mkdtemp(f.dir));
	f.worker.queue = queue_new();
	f.stop = stop_new();
	f.worker.stop = f.stop;
	if (text) {
		f.pythonfile = file_join(f.dir, "functions.conf");
		ck_assert(file_write(f.pythonfile, span_of(text), false,
			&f.err));
	}
	f.python = python_new(f.pythonfile, &f.worker);
}

void end(void)
{
	char *command = mem_printf("rm -rf %s", f.dir);

	python_free(f.python);
	ck_assert_int_eq(system(command), 0);
	free(command);
	free(f.pythonfile);
	queue_free(f.worker.queue);
	stop_free(f.stop);
}

char *logged(void)
{
	struct str text = {0};
	struct event *ev;

	while ((ev = queue_get(f.worker.queue)) != NULL) {
		if (ev->kind == EVENT_LOG)
			str_printf(&text, "%s\n", ev->u.log.text);
		event_free(ev);
	}
	return str_detach(&text);
}

void assert_holds(const char *text, const char *wanted)
{
	ck_assert_msg(strstr(text, wanted) != NULL, "'%s' is not in: %s",
		wanted, text);
}

void assert_error(const char *wanted)
{
	ck_assert_int_eq(f.err.kind, ERROR_CONFIG);
	ck_assert_int_eq(f.err.severity, ERROR_ACCOUNT);
	ck_assert_msg(strncmp(f.err.text, WHERE ": ", strlen(WHERE) + 2) == 0,
		"%s", f.err.text);
	assert_holds(f.err.text, wanted);
}

char *text_of(const char *expression, bool secret)
{
	struct str out;
	bool none;

	if (!python_text(f.python, RULE(expression), secret, &out, &none,
		&f.err))
		return mem_printf("! %s", f.err.text);
	return none ? mem_strdup("None") : str_detach(&out);
}

void assert_text(const char *expression, const char *wanted)
{
	char *got = text_of(expression, false);

	ck_assert_str_eq(got, wanted);
	free(got);
}

bool translate(const char *expression, char *out[2])
{
	return python_translate(f.python, RULE(expression), two, 2, out,
		&f.err);
}

void assert_translated(const char *expression, const char *first,
	const char *second)
{
	char *out[2];

	ck_assert_msg(translate(expression, out), "%s", f.err.text);
	ck_assert_str_eq(out[0], first);
	ck_assert_str_eq(out[1], second);
	free(out[0]);
	free(out[1]);
}
