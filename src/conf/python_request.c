#include "config.h"

#include "conf/python_request.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "mem.h"
#include "str.h"

#define DEADLINE_MS ((int64_t)60 * 1000)
#define PATIENT_MS ((int64_t)300 * 1000)
#define HEAD_LEN 24

struct python_question python_about(const char *op,
	const struct conf_rule *rule)
{
	return (struct python_question){.op = op, .where = rule->where,
		.text = rule->text, .args = json_array()};
}

static bool fail(struct error *err, const char *where, const char *why)
{
	return error_set(err, ERROR_ACCOUNT, ERROR_CONFIG, "%s: %s", where,
		why);
}

static bool is_utf8(const char *text)
{
	json_t *value = json_string(text);

	json_decref(value);
	return value != NULL;
}

/* The arguments become the object's. */
static char *dump(struct python_question *q)
{
	json_t *object = json_object();
	json_t *where = json_string(q->where);
	char *text;

	/* No more than a part of the key of what is kept. */
	json_object_set_new(object, "where", where ? where : json_string(""));
	json_object_set_new(object, "op", json_string(q->op));
	json_object_set_new(object, "again", json_boolean(q->again));
	json_object_set_new(object, "secret", json_boolean(q->secret));
	json_object_set_new(object, "args", q->args);
	q->args = NULL;
	text = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	if (!text)
		mem_die("JSON");
	return text;
}

/* In one piece of its final size: see read_head of python_child.c. */
static bool build(struct python_question *q, struct str *out,
	struct error *err)
{
	size_t text_len = strlen(q->text);
	char *json;

	if (!q->args || !is_utf8(q->text))
		return fail(err, q->where, q->args ? "the text is not UTF-8" :
			"a name is not UTF-8");
	json = dump(q);
	str_reserve(out, HEAD_LEN + text_len + strlen(json));
	str_printf(out, "%12zu%12zu", text_len, strlen(json));
	str_add(out, q->text);
	str_add(out, json);
	free(json);
	return true;
}

/* The child's own errors do not know what was asked. */
static bool exchange(struct python *p, const struct python_question *q,
	struct span request, struct python_answer *out, struct error *err)
{
	int64_t limit_ms = q->patient ? PATIENT_MS : DEADLINE_MS;

	if (p->deadline_ms > 0)
		limit_ms = p->deadline_ms;
	if (!python_child_ask(&p->child, request, limit_ms, out, err))
		return error_add(err, "%s", q->where);
	if (out->letter != 'e')
		return true;
	fail(err, q->where, str_get(&out->body));
	str_clear_secret(&out->body);
	return false;
}

static bool without(const struct python_question *q, struct error *err)
{
	return error_set(err, ERROR_ACCOUNT, ERROR_CONFIG, "%s: python3 was "
		"not found, which this expression needs; install python3%s%s",
		q->where, q->instead ? ", or " : "",
		q->instead ? q->instead : "");
}

bool python_ask(struct python *p, struct python_question *q, bool *found,
	struct python_answer *out, struct error *err)
{
	struct str request = {0};
	bool there = true, ok = build(q, &request, err);

	*out = (struct python_answer){0};
	json_decref(q->args);
	q->args = NULL;
	if (ok && !python_child_start(&p->child, p->pythonfile, &there, err))
		ok = error_add(err, "%s", q->where);
	if (found)
		*found = there;
	else if (ok && !there)
		ok = without(q, err);
	if (ok && there)
		ok = exchange(p, q, span_str(&request), out, err);
	str_clear_secret(&request);
	return ok;
}

bool python_nonsense(struct python *p, const char *where, struct error *err)
{
	python_child_end(&p->child, true);
	return fail(err, where, "what python3 answered makes no sense");
}

json_t *python_ask_json(struct python *p, struct python_question *q,
	size_t len, struct error *err)
{
	struct python_answer answer;
	json_t *value = NULL;

	if (!python_ask(p, q, NULL, &answer, err))
		return NULL;
	if (answer.letter == 'j')
		value = json_loadb(str_get(&answer.body), answer.body.len, 0,
			NULL);
	str_clear(&answer.body);
	if (json_is_array(value) &&
		(len == SIZE_MAX || json_array_size(value) == len))
		return value;
	json_decref(value);
	python_nonsense(p, q->where, err);
	return NULL;
}
