#include "config.h"

#include "report.h"

#include <stdlib.h>

#include "mem.h"

static void list_clear(struct report_list *list)
{
	for (size_t i = 0; i < list->kept; i++)
		free(list->texts[i]);
	free(list->texts);
}

void report_clear(struct report *report)
{
	list_clear(&report->errors);
	list_clear(&report->held);
	*report = (struct report){ 0 };
}

static void list_add(struct report_list *list, size_t max, const char *text)
{
	list->total++;
	if (list->kept == max)
		return;
	if (list->texts == NULL)
		list->texts = mem_calloc(max, sizeof(*list->texts));
	list->texts[list->kept++] = mem_strdup(text);
}

void report_error(struct report *report, const char *text)
{
	list_add(&report->errors, REPORT_ERRORS_MAX, text);
}

void report_held(struct report *report, const char *text)
{
	list_add(&report->held, REPORT_HELD_MAX, text);
}
