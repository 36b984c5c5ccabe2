#include "config.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mem.h"
#include "str.h"

static void complain(const char *text)
{
	/* write, not stdio: stdio may want memory, and a lock that is held.
	 * The program ends whether the text gets out or not. */
	if (write(STDERR_FILENO, text, strlen(text)) < 0)
		return;
}

void mem_die(const char *what)
{
	complain(PACKAGE_NAME ": cannot go on: ");
	complain(what);
	complain("\n");
	abort();
}

void *mem_resize(void *old, size_t count, size_t size)
{
	void *data;

	if (size != 0 && count > SIZE_MAX / size)
		mem_die("a request for impossibly much memory");
	/* realloc to 0 bytes means free to some systems. */
	data = realloc(old, count * size > 0 ? count * size : 1);
	if (!data)
		mem_die("out of memory");
	return data;
}

void *mem_alloc(size_t size)
{
	return mem_resize(NULL, size, 1);
}

void *mem_calloc(size_t count, size_t size)
{
	void *data = calloc(count ? count : 1, size ? size : 1);

	if (!data)
		mem_die("out of memory");
	return data;
}

char *mem_strndup(const char *text, size_t len)
{
	return span_dup((struct span){text, strnlen(text, len)});
}

char *mem_strdup(const char *text)
{
	return span_dup(span_of(text));
}

char *mem_printf(const char *fmt, ...)
{
	struct str s = {0};
	va_list args;

	va_start(args, fmt);
	str_vprintf(&s, fmt, args);
	va_end(args);
	return str_detach(&s);
}

void mem_wipe(void *data, size_t size)
{
	/* A volatile store is a side effect, so no compiler drops it. */
	volatile unsigned char *byte = data;

	while (size-- > 0)
		*byte++ = 0;
}

void mem_free_secret(char *text)
{
	if (text)
		mem_wipe(text, strlen(text));
	free(text);
}
