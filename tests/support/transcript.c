#include "config.h"

#include "support/transcript.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "imap/response.h"
#include "mem.h"

struct run {
	struct parser *parser;
	struct str body; /* of the literal that passes by */
	struct str *out;
};

static void print_body(struct run *run)
{
	assert(parser_literal_size(run->parser) == run->body.len);
	str_add(run->out, "body \"");
	for (size_t i = 0; i < run->body.len; i++) {
		unsigned char c = (unsigned char)run->body.data[i];

		if (c < 0x20 || c > 0x7e)
			str_printf(run->out, "\\x%02x", (unsigned)c);
		else
			str_add_char(run->out, (char)c);
	}
	str_add(run->out, "\"\n");
}

/* False: nothing more comes out of this piece. */
static bool take(struct run *run, enum parse_result result,
	const struct response *response)
{
	switch (result) {
	case PARSE_MORE:
		return false;
	case PARSE_RESPONSE:
		response_print(response, run->out);
		str_add_char(run->out, '\n');
		return true;
	case PARSE_LITERAL_BEGIN:
		str_reset(&run->body);
		str_printf(run->out, "begin %llu\n",
			(unsigned long long)parser_literal_size(run->parser));
		return true;
	case PARSE_LITERAL_DATA:
		assert(parser_literal_data(run->parser).len > 0);
		str_add_span(&run->body, parser_literal_data(run->parser));
		return true;
	case PARSE_LITERAL_END:
		print_body(run);
		return true;
	case PARSE_ERROR:
		str_printf(run->out, "error: %s\n", parser_error(run->parser));
		return false;
	}
	return false;
}

/* False: the parser gave up. */
static bool feed_piece(struct run *run, const char *data, size_t len)
{
	const struct response *response = NULL;
	enum parse_result result;
	size_t at = 0, used;

	do {
		result = parser_feed(run->parser,
			(struct span){data + at, len - at}, &used, &response);
		assert(used <= len - at);
		at += used;
	} while (take(run, result, response));
	assert(result == PARSE_ERROR || at == len);
	return result != PARSE_ERROR;
}

static bool feed_copy(struct run *run, const char *data, size_t len)
{
	char *copy = mem_alloc(len);
	bool ok;

	if (len > 0)
		memcpy(copy, data, len);
	ok = feed_piece(run, copy, len);
	free(copy);
	return ok;
}

void transcript(const struct parse_limits *limits, struct span input,
	size_t piece, struct str *out)
{
	struct run run = {.parser = parser_new(limits), .out = out};
	bool ok = true;

	if (piece == 0)
		piece = input.len > 0 ? input.len : 1;
	for (size_t at = 0; ok && at < input.len; at += piece) {
		size_t len = input.len - at < piece ? input.len - at : piece;

		ok = feed_copy(&run, input.data + at, len);
	}
	if (ok && !parser_idle(run.parser))
		str_add(out, "more\n");
	parser_free(run.parser);
	str_clear(&run.body);
}
