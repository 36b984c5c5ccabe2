/*
 * A growing array of elements of one size.  A zeroed value with .size set is
 * valid.  Pointers to elements live until the next vec_add.
 *
 *	struct vec names = VEC(char *);
 *	*(char **)vec_add(&names) = mem_strdup("x");
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <stddef.h>

#include "attr.h"

struct vec {
	void *data;
	size_t len, cap;
	size_t size; /* of one element, bytes */
};

#define VEC(type) {.size = sizeof(type)}

/* A new zeroed element at the end. */
void *vec_add(struct vec *v) ATTR_RETURNS_NONNULL;
/* index < len is asserted. */
void *vec_at(const struct vec *v, size_t index) ATTR_RETURNS_NONNULL;
/* Length 0, memory kept. */
void vec_reset(struct vec *v);
/* Frees the array, not what its elements point to. */
void vec_clear(struct vec *v);
/* Frees each element as a malloc'd pointer, then the array. */
void vec_clear_pointers(struct vec *v);

#endif
