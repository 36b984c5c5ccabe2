#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "mem.h"

void *vec_add(struct vec *v)
{
	char *element;

	assert(v->size > 0);
	if (v->len == v->cap) {
		v->cap = v->cap ? v->cap * 2 : 8;
		v->data = mem_resize(v->data, v->cap, v->size);
	}
	element = (char *)v->data + v->len++ * v->size;
	return memset(element, 0, v->size);
}

void *vec_at(const struct vec *v, size_t index)
{
	assert(index < v->len);
	return (char *)v->data + index * v->size;
}

void vec_reset(struct vec *v)
{
	v->len = 0;
}

void vec_clear(struct vec *v)
{
	free(v->data);
	v->data = NULL;
	v->len = 0;
	v->cap = 0;
}

void vec_clear_pointers(struct vec *v)
{
	assert(v->size == sizeof(void *));
	for (size_t i = 0; i < v->len; i++) {
		void *pointer;

		/* memcpy: the array may be one of char *, and the pointer
		 * types need not alias. */
		memcpy(&pointer, vec_at(v, i), sizeof(pointer));
		free(pointer);
	}
	vec_clear(v);
}
