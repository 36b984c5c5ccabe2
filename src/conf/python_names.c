/* The questions about many names at once. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>

#include "conf/conf.h"
#include "conf/python.h"
#include "conf/python_request.h"
#include "mem.h"

/* What needs no Python; the options folders and rename say more. */
#define INSTEAD "use the options folders and rename"

bool python_name_fits(const char *name)
{
	json_t *value = json_string(name);

	json_decref(value);
	return value != NULL;
}

static bool bad_name(const struct conf_rule *rule, const char *name,
	struct error *err)
{
	return error_set(err, ERROR_ACCOUNT, ERROR_CONFIG,
		"%s: for folder '%s': the name is not UTF-8, which Python "
		"text must be", rule->where, name);
}

static bool add_names(struct python_question *q, const struct conf_rule *rule,
	const char *const *names, size_t len, struct error *err)
{
	for (size_t i = 0; i < len; i++) {
		if (json_array_append_new(q->args, json_string(names[i])) == 0)
			continue;
		json_decref(q->args);
		return bad_name(rule, names[i], err);
	}
	return true;
}

/* NULL: the error says why; else an array of len answers. */
static json_t *ask_names(struct python *p, struct python_question q,
	const struct conf_rule *rule, const char *const *names, size_t len,
	struct error *err)
{
	if (!add_names(&q, rule, names, len, err))
		return NULL;
	return python_ask_json(p, &q, len, err);
}

/* ---- what is made of the answers ---- */

/* False: the element is not what it must be. */
typedef bool element_reader(const json_t *element, size_t len, void *out,
	size_t index);

static bool read_bool(const json_t *element, size_t len, void *out,
	size_t index)
{
	(void)len;
	((bool *)out)[index] = json_is_true(element);
	return json_is_boolean(element);
}

static bool read_index(const json_t *element, size_t len, void *out,
	size_t index)
{
	json_int_t value = json_integer_value(element);

	((size_t *)out)[index] = (size_t)value;
	return json_is_integer(element) && value >= 0 && (uint64_t)value < len;
}

static bool read_name(const json_t *element, size_t len, void *out,
	size_t index)
{
	const char *name = json_string_value(element);

	(void)len;
	((char **)out)[index] = name ? mem_strdup(name) : NULL;
	return name != NULL;
}

static bool read_uids(const json_t *element, size_t len, void *out,
	size_t index)
{
	struct vec *uids = (struct vec *)out + index;

	(void)len;
	for (size_t i = 0; i < json_array_size(element); i++)
		*(uint32_t *)vec_add(uids) = (uint32_t)json_integer_value(
			json_array_get(element, i));
	return json_is_array(element);
}

static bool read_all(struct python *p, const struct conf_rule *rule,
	json_t *value, element_reader *read, void *out, struct error *err)
{
	size_t len = json_array_size(value);
	bool ok = true;

	for (size_t i = 0; ok && i < len; i++)
		ok = read(json_array_get(value, i), len, out, i);
	json_decref(value);
	return ok || python_nonsense(p, rule->where, err);
}

/* ---- folders ---- */

bool python_translate(struct python *p, const struct conf_rule *rule,
	const char *const *names, size_t len, char **out, struct error *err)
{
	struct python_question q = python_about("translate", rule);
	json_t *value;

	for (size_t i = 0; i < len; i++)
		out[i] = NULL;
	q.instead = INSTEAD;
	value = ask_names(p, q, rule, names, len, err);
	if (!value)
		return false;
	if (read_all(p, rule, value, read_name, out, err))
		return true;
	for (size_t i = 0; i < len; i++) {
		free(out[i]);
		out[i] = NULL;
	}
	return false;
}

bool python_filter(struct python *p, const struct conf_rule *rule, bool again,
	const char *const *names, size_t len, bool *out, struct error *err)
{
	struct python_question q = python_about("filter", rule);
	json_t *value;

	q.instead = INSTEAD;
	q.again = again;
	value = ask_names(p, q, rule, names, len, err);
	return value && read_all(p, rule, value, read_bool, out, err);
}

bool python_sort(struct python *p, const struct conf_rule *rule,
	const char *const *names, size_t len, size_t *order, struct error *err)
{
	json_t *value = ask_names(p, python_about("sort", rule), rule, names,
		len, err);

	return value && read_all(p, rule, value, read_index, order, err);
}

bool python_uids(struct python *p, const struct conf_rule *rule,
	const char *const *names, size_t len, struct vec *out,
	struct error *err)
{
	json_t *value;

	for (size_t i = 0; i < len; i++)
		out[i] = (struct vec)VEC(uint32_t);
	value = ask_names(p, python_about("uids", rule), rule, names, len,
		err);
	if (!value)
		return false;
	if (read_all(p, rule, value, read_uids, out, err))
		return true;
	for (size_t i = 0; i < len; i++)
		vec_clear(&out[i]);
	return false;
}

/* ---- [mbnames] ---- */

static json_t *item_value(const struct python_item *item)
{
	json_t *value = json_array();

	if (json_array_append_new(value, json_string(item->account)) == 0 &&
		json_array_append_new(value, json_string(item->folder)) == 0 &&
		json_array_append_new(value, item->localfolders ?
			json_string(item->localfolders) : json_null()) == 0)
		return value;
	json_decref(value);
	return NULL;
}

static json_t *ask_items(struct python *p, struct python_question q,
	const struct conf_rule *rule, const struct python_item *items,
	size_t len, struct error *err)
{
	for (size_t i = 0; i < len; i++) {
		if (json_array_append_new(q.args, item_value(&items[i])) == 0)
			continue;
		json_decref(q.args);
		bad_name(rule, items[i].folder, err);
		return NULL;
	}
	return python_ask_json(p, &q, len, err);
}

bool python_item_filter(struct python *p, const struct conf_rule *rule,
	const struct python_item *items, size_t len, bool *out,
	struct error *err)
{
	json_t *value = ask_items(p, python_about("item_filter", rule), rule,
		items, len, err);

	return value && read_all(p, rule, value, read_bool, out, err);
}

bool python_item_sort(struct python *p, const struct conf_rule *rule,
	const struct python_item *items, size_t len, size_t *order,
	struct error *err)
{
	json_t *value = ask_items(p, python_about("item_sort", rule), rule,
		items, len, err);

	return value && read_all(p, rule, value, read_index, order, err);
}
