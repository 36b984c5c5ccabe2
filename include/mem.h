/*
 * Allocation that cannot fail: out of memory prints one line and aborts, in
 * mem.c alone.  Any thread.  What is returned is the caller's, for free().
 */
#ifndef MEM_H
#define MEM_H

#include <stddef.h>

#include "attr.h"

void *mem_alloc(size_t size) ATTR_RETURNS_NONNULL;
/* Zeroed; the product is checked for overflow. */
void *mem_calloc(size_t count, size_t size) ATTR_RETURNS_NONNULL;
/* As realloc for count elements of size bytes; the product is checked. */
void *mem_resize(void *old, size_t count, size_t size) ATTR_RETURNS_NONNULL;
char *mem_strdup(const char *text) ATTR_RETURNS_NONNULL;
char *mem_strndup(const char *text, size_t len) ATTR_RETURNS_NONNULL;
char *mem_printf(const char *fmt, ...) ATTR_PRINTF(1, 2) ATTR_RETURNS_NONNULL;

/* Overwrites a secret in a way that the compiler keeps. */
void mem_wipe(void *data, size_t size);
/* mem_wipe over a string's bytes, then free.  NULL is allowed. */
void mem_free_secret(char *text);

/* Ends the program for want of memory or of a thread; prints what. */
void mem_die(const char *what) ATTR_NORETURN;

#endif
