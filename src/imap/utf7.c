#include "config.h"

#include "imap/utf7.h"

#include <stdint.h>

/* "modified BASE64" of RFC 3501 section 5.1.3: "," for "/", no padding. */
static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz0123456789+,";

struct bits {
	uint32_t value;
	unsigned count;
};

static bool is_direct(unsigned char c)
{
	return c >= 0x20 && c <= 0x7e;
}

/* How many bytes the sequence of this lead has; 0: none begins so. */
static size_t utf8_length(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	if (lead >= 0xc2 && lead <= 0xdf)
		return 2;
	if (lead >= 0xe0 && lead <= 0xef)
		return 3;
	return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

/* Too long forms, surrogates, what lies beyond Unicode, and NUL. */
static bool is_refused(uint32_t c, size_t len)
{
	static const uint32_t least[] = {0, 1, 0x80, 0x800, 0x10000};

	return c < least[len] || (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff;
}

/* UTF-8, RFC 3629 section 4. */
static bool utf8_next(struct span *in, uint32_t *out)
{
	unsigned char lead = (unsigned char)in->data[0];
	size_t len = utf8_length(lead);
	uint32_t c;

	if (len == 0 || len > in->len)
		return false;
	c = len == 1 ? lead : lead & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		unsigned char more = (unsigned char)in->data[i];

		if ((more & 0xc0) != 0x80)
			return false;
		c = c << 6 | (more & 0x3f);
	}
	in->data += len;
	in->len -= len;
	*out = c;
	return !is_refused(c, len);
}

static void put_unit(struct bits *b, uint32_t unit, struct str *out)
{
	b->value = b->value << 16 | unit;
	b->count += 16;
	while (b->count >= 6) {
		b->count -= 6;
		str_add_char(out, base64[b->value >> b->count & 0x3f]);
	}
	b->value &= (1u << b->count) - 1;
}

static void put_char(struct bits *b, uint32_t c, struct str *out)
{
	if (c >= 0x10000) {
		put_unit(b, 0xd800 + ((c - 0x10000) >> 10), out);
		c = 0xdc00 + (c & 0x3ff);
	}
	put_unit(b, c, out);
}

/* The bits that are left, filled up with zeros, and the "-". */
static void put_end(struct bits *b, struct str *out)
{
	if (b->count > 0)
		str_add_char(out, base64[b->value << (6 - b->count) & 0x3f]);
	str_add_char(out, '-');
	*b = (struct bits){0};
}

/* "&" and base64 up to the next character that stands for itself. */
static bool encode_run(struct span *in, struct str *out)
{
	struct bits bits = {0};

	str_add_char(out, '&');
	while (in->len > 0 && !is_direct((unsigned char)in->data[0])) {
		uint32_t c;

		if (!utf8_next(in, &c))
			return false;
		put_char(&bits, c, out);
	}
	put_end(&bits, out);
	return true;
}

static bool encode(struct span in, struct str *out)
{
	while (in.len > 0) {
		if (!is_direct((unsigned char)in.data[0])) {
			if (!encode_run(&in, out))
				return false;
			continue;
		}
		str_add_char(out, in.data[0]);
		if (in.data[0] == '&')
			str_add_char(out, '-');
		in.data++;
		in.len--;
	}
	return true;
}

bool utf7_encode(struct span utf8, struct str *out)
{
	size_t before = out->len;

	if (encode(utf8, out))
		return true;
	str_truncate(out, before);
	return false;
}

static void put_utf8(uint32_t c, struct str *out)
{
	static const unsigned char mark[] = {0, 0, 0xc0, 0xe0, 0xf0};
	size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	str_add_char(out, (char)(mark[len] | c >> (6 * (len - 1))));
	for (size_t i = len - 1; i > 0; i--)
		str_add_char(out, (char)(0x80 | (c >> (6 * (i - 1)) & 0x3f)));
}

/* One UTF-16 unit; *high is a first half that waits for its second, or 0.
 * Lone halves come out wrong here and are found by encoding again. */
static void take_unit(uint32_t unit, uint32_t *high, struct str *out)
{
	if (unit >= 0xd800 && unit <= 0xdbff) {
		*high = unit;
		return;
	}
	if (*high != 0 && unit >= 0xdc00 && unit <= 0xdfff)
		unit = 0x10000 + ((*high - 0xd800) << 10) + (unit - 0xdc00);
	*high = 0;
	put_utf8(unit, out);
}

static bool digit_value(char c, uint32_t *out)
{
	for (uint32_t i = 0; base64[i] != '\0'; i++) {
		if (base64[i] == c) {
			*out = i;
			return true;
		}
	}
	return false;
}

/* Behind "&", up to and with "-". */
static bool decode_run(struct span *in, struct str *out)
{
	struct bits bits = {0};
	uint32_t high = 0;

	for (; in->len > 0 && in->data[0] != '-'; in->data++, in->len--) {
		uint32_t digit;

		if (!digit_value(in->data[0], &digit))
			return false;
		bits.value = bits.value << 6 | digit;
		bits.count += 6;
		if (bits.count < 16)
			continue;
		bits.count -= 16;
		take_unit(bits.value >> bits.count & 0xffff, &high, out);
		bits.value &= (1u << bits.count) - 1;
	}
	if (in->len == 0)
		return false;
	in->data++;
	in->len--;
	return true;
}

static bool decode(struct span in, struct str *out)
{
	while (in.len > 0) {
		char c = in.data[0];

		in.data++;
		in.len--;
		if (c != '&') {
			str_add_char(out, c);
		} else if (in.len > 0 && in.data[0] == '-') {
			str_add_char(out, '&');
			in.data++;
			in.len--;
		} else if (!decode_run(&in, out)) {
			return false;
		}
	}
	return true;
}

/* What does not come back byte by byte was not made by utf7_encode: other
 * base64 for the same name, lone surrogates, raw 8-bit. */
static bool comes_back(struct span utf8, struct span utf7)
{
	struct str again = {0};
	bool same;

	same = encode(utf8, &again) && span_equal(span_str(&again), utf7);
	str_clear(&again);
	return same;
}

bool utf7_decode(struct span utf7, struct str *out)
{
	struct str name = {0};
	bool ok;

	ok = decode(utf7, &name) && comes_back(span_str(&name), utf7);
	if (ok)
		str_add_span(out, span_str(&name));
	str_clear(&name);
	return ok;
}
