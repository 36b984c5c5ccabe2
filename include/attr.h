/*
 * Compiler attributes behind macros, so that the rest of the code stays
 * standard C17.  Included by every header that needs one; owns nothing.
 */
#ifndef ATTR_H
#define ATTR_H

#if defined(__GNUC__) || defined(__clang__)
#define ATTR_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define ATTR_MUST_CHECK __attribute__((warn_unused_result))
#define ATTR_NORETURN __attribute__((noreturn))
#define ATTR_UNUSED __attribute__((unused))
#define ATTR_RETURNS_NONNULL __attribute__((returns_nonnull))
#else
#define ATTR_PRINTF(fmt, args)
#define ATTR_MUST_CHECK
#define ATTR_NORETURN
#define ATTR_UNUSED
#define ATTR_RETURNS_NONNULL
#endif

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
