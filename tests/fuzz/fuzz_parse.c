/*
 * Fuzz target for the IMAP parser: the same bytes in one piece, one by one
 * and in pieces of a size that they choose themselves must give the same
 * responses.  Seeds: tests/fuzz/corpus/parse.  With -DFUZZ_MAIN it is a
 * program that runs the files given, for those without libFuzzer.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attr.h"
#include "str.h"
#include "support/transcript.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand_equal(const struct str *a, const struct str *b)
{
	if (span_equal(span_str(a), span_str(b)))
		return;
	fprintf(stderr, "one piece:\n%s\nothers:\n%s\n", str_get(a),
		str_get(b));
	abort();
}

static void run(const struct parse_limits *limits, struct span input)
{
	const size_t pieces[] = {1, input.len % 13 + 2};
	struct str whole = {0};

	transcript(limits, input, 0, &whole);
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		struct str other = {0};

		transcript(limits, input, pieces[i], &other);
		demand_equal(&whole, &other);
		str_clear(&other);
	}
	str_clear(&whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct parse_limits small = {200, 32, 4, 20, 1000};
	struct span input = {(const char *)data, size};

	run(&parse_limits_default, input);
	run(&small, input);
	return 0;
}

#ifdef FUZZ_MAIN

static void read_all(FILE *file, struct str *out)
{
	char piece[4096];
	size_t n;

	while ((n = fread(piece, 1, sizeof(piece), file)) > 0)
		str_add_mem(out, piece, n);
}

static int run_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct str bytes = {0};

	if (!file) {
		perror(path);
		return EXIT_FAILURE;
	}
	read_all(file, &bytes);
	fclose(file);
	LLVMFuzzerTestOneInput((const uint8_t *)str_get(&bytes), bytes.len);
	str_clear(&bytes);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	int status = EXIT_SUCCESS;

	for (int i = 1; i < argc; i++)
		if (run_file(argv[i]) != EXIT_SUCCESS)
			status = EXIT_FAILURE;
	return status;
}

#endif
