#include "config.h"

#include "conf/python.h"

#include <stdlib.h>
#include <string.h>

#include "base/worker.h"
#include "conf/conf.h"
#include "conf/literal.h"
#include "conf/python_request.h"
#include "mem.h"

struct python *python_new(const char *pythonfile, struct worker *w)
{
	struct python *p = mem_calloc(1, sizeof(*p));

	p->pythonfile = pythonfile;
	p->worker = w;
	p->child.worker = w;
	return p;
}

void python_free(struct python *p)
{
	if (!p)
		return;
	python_child_end(&p->child, false);
	free(p);
}

void python_set_deadline(struct python *p, int64_t ms)
{
	p->deadline_ms = ms;
}

/* ---- one value ---- */

static bool ask_text(struct python *p, const struct conf_rule *rule,
	bool secret, struct python_answer *answer, struct error *err)
{
	struct python_question q = python_about("text", rule);

	q.again = true;
	q.secret = secret;
	q.patient = secret;
	if (!python_ask(p, &q, NULL, answer, err))
		return false;
	if (answer->letter == 'n' || answer->letter == 'r')
		return true;
	str_clear_secret(&answer->body);
	return python_nonsense(p, rule->where, err);
}

bool python_text(struct python *p, const struct conf_rule *rule, bool secret,
	struct str *out, bool *none, struct error *err)
{
	struct literal literal;
	struct python_answer answer;

	*out = (struct str){0};
	*none = false;
	if (literal_read(rule->text, &literal) &&
		(literal.kind == LITERAL_TEXT ||
			literal.kind == LITERAL_NONE)) {
		*none = literal.kind == LITERAL_NONE;
		if (!*none) {
			*out = literal.text;
			literal.text = (struct str){0};
		}
		literal_clear(&literal);
		return true;
	}
	literal_clear(&literal);
	if (!ask_text(p, rule, secret, &answer, err))
		return false;
	*none = answer.letter == 'n';
	if (*none)
		str_clear(&answer.body);
	*out = answer.body;
	return true;
}

bool python_number(struct python *p, const struct conf_rule *rule,
	int64_t *out, struct error *err)
{
	struct python_question q;
	struct literal literal;
	json_t *value;
	bool is_number = literal_read(rule->text, &literal) &&
		literal.kind == LITERAL_NUMBER;

	*out = is_number ? literal.number : 0;
	literal_clear(&literal);
	if (is_number)
		return true;
	q = python_about("number", rule);
	q.again = true;
	value = python_ask_json(p, &q, 1, err);
	if (!value)
		return false;
	*out = json_integer_value(json_array_get(value, 0));
	json_decref(value);
	return true;
}

/* ---- a list ---- */

static bool add_names(const json_t *list, struct vec *names)
{
	size_t before = names->len;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *name = json_string_value(json_array_get(list, i));

		if (!name)
			return false;
		*(char **)vec_add(names) = mem_strdup(name);
	}
	return names->len >= before;
}

static bool ask_list(struct python *p, const struct conf_rule *rule,
	struct vec *names, struct error *err)
{
	struct python_question q = python_about("list", rule);
	json_t *value = python_ask_json(p, &q, SIZE_MAX, err);
	bool ok = value && (add_names(value, names) ||
		python_nonsense(p, rule->where, err));

	json_decref(value);
	return ok;
}

bool python_list(struct python *p, const struct conf_rule *rule,
	struct vec *names, struct error *err)
{
	struct literal literal;
	bool is_list = literal_read(rule->text, &literal) &&
		(literal.kind == LITERAL_LIST || literal.kind == LITERAL_NONE);

	for (size_t i = 0; is_list && i < literal.list.len; i++)
		*(char **)vec_add(names) =
			mem_strdup(*(char **)vec_at(&literal.list, i));
	literal_clear(&literal);
	return is_list || ask_list(p, rule, names, err);
}

bool python_call(struct python *p, const struct conf_rule *rule,
	struct error *err)
{
	struct python_question q = python_about("call", rule);
	struct python_answer answer;
	bool ok = python_ask(p, &q, NULL, &answer, err);

	if (ok)
		str_clear(&answer.body);
	return ok;
}

/* ---- the keyring ---- */

static struct python_question about_keyring(const char *op,
	const char *service, const char *user)
{
	struct python_question q = {.op = op, .where = "keyring", .text = "",
		.secret = true, .patient = true};
	json_t *names[2] = {json_string(service), json_string(user)};

	if (names[0] && names[1])
		q.args = json_pack("[O, O]", names[0], names[1]);
	json_decref(names[0]);
	json_decref(names[1]);
	return q;
}

bool python_keyring_get(struct python *p, const char *service,
	const char *user, struct str *out, bool *found, struct error *err)
{
	struct python_question q = about_keyring("keyring_get", service, user);
	struct python_answer answer;
	bool there;

	*out = (struct str){0};
	*found = false;
	if (!python_ask(p, &q, &there, &answer, err)) {
		if (err->kind == ERROR_CONFIG)
			err->kind = ERROR_OTHER;
		return false;
	}
	*found = there && answer.letter == 'r';
	if (*found) {
		*out = answer.body;
		return true;
	}
	worker_log(p->worker, EVENT_DEBUG, AREA_GENERAL,
		"keyring: no password for %s at %s: %s", user, service,
		!there ? "python3 was not found" : answer.body.len > 0 ?
		str_get(&answer.body) : "it has none");
	str_clear(&answer.body);
	return true;
}

bool python_keyring_set(struct python *p, const char *service,
	const char *user, const char *password, struct error *err)
{
	struct python_question q = about_keyring("keyring_set", service, user);
	struct python_answer answer;
	bool there, ok;

	q.text = password;
	ok = python_ask(p, &q, &there, &answer, err);
	if (ok)
		str_clear(&answer.body);
	else if (err->kind == ERROR_CONFIG)
		err->kind = ERROR_OTHER;
	return ok && (there || error_set(err, ERROR_ACCOUNT, ERROR_OTHER,
		"keyring: python3 was not found"));
}
